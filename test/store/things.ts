// Small true values for the tests of the store.
import pino from 'pino';
import type { Alarm, AlarmChanged } from '../../contract/alarm.ts';
import type { SensorBody, SiteBody, ZoneBody } from '../../contract/api.ts';
import { DEFAULT_LIMITS } from '../../contract/level.ts';

export const silent = pino({ level: process.env.TEST_LOG ?? 'silent' });

export const siteBody: SiteBody & { demo: boolean } = { name: 'Market square', origin: { lng: 11.57, lat: 48.13 }, grid: { cellM: 2, columns: 40, rows: 30 }, demo: false };
export const zoneBody: ZoneBody = { name: 'Stage', kind: 'standing', limits: DEFAULT_LIMITS.standing, polygon: [{ xM: 0, yM: 0 }, { xM: 20, yM: 0 }, { xM: 20, yM: 20 }], rules: { densityHigh: { dwellMs: 4000 } } };
export const sensorBody: SensorBody & { addressShown: string } = { name: 'Camera 1', kind: 'rtsp', settings: { address: 'rtsp://admin:tOpSecret@192.0.2.7/main' }, addressShown: 'rtsp://192.0.2.7/main' };
export const calibrationBody = {
  position: { xM: 5, yM: 5 }, heightM: 6, bearingDeg: 90, headHeightM: 1.6, pictureAspect: 16 / 9, rangeMostM: null,
  points: [[0.1, 0.9], [0.9, 0.9], [0.7, 0.4], [0.3, 0.4]].map(([xShare, yShare], index) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: 10 + index, yM: 3 * index } })),
};

/** An event of an alarm that was raised at `raisedAtMs`; version 1 raises it. */
export function alarmEvent(siteId: string, raisedAtMs: number, version = 1, state: 'raised' | 'closed' = version === 1 ? 'raised' : 'closed', changedAtMs = raisedAtMs + version - 1): AlarmChanged {
  const alarmId = `${siteId}.densityHigh.z1.${raisedAtMs}`;
  const common = {
    alarmId, version, siteId, rule: 'densityHigh', place: { kind: 'zone' as const, zoneId: 'z1' }, siteName: 'Market square', placeName: 'Stage',
    level: 'danger' as const, levelPeak: 'danger' as const, raisedAtMs, changedAtMs, because: { code: 'density', values: { peoplePerM2: 4.9 } }, demo: false, priority: 'high' as const, exercise: false, shelved: null, muted: null, repeats: 0,
  };
  const alarm: Alarm = state === 'raised' ? { ...common, state } : { ...common, state, acknowledged: null, closedAtMs: changedAtMs, closedBecause: 'eased' };
  return { type: 'alarmChanged', eventId: `${alarmId}.${version}`, siteId, atMs: changedAtMs, from: version === 1 ? null : 'raised', alarm };
}

export const sleep = (ms: number) => new Promise<void>((resolve) => { setTimeout(resolve, ms); });

/** Asks until it is true; fails by name after `mostMs`. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>, mostMs = 8000): Promise<void> {
  const untilMs = performance.now() + mostMs;
  while (!(await isTrue())) {
    if (performance.now() > untilMs) throw new Error(`${what}: not within ${mostMs} ms`);
    await sleep(20);
  }
}

/** Deterministic, for the order of things in a test; the seed is printed by whoever uses it. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };
}
