// What the setup pages ask of the server, and the three ways in which that ends. Every question has a time limit.
import type { CalibrationBody, Kinds, LineBody, SensorBody, SensorChange, SensorTestAnswer, SensorTestBody, SiteBody, ZoneBody } from '../../contract/api.ts';
import type { FlowLine } from '../../contract/flow.ts';
import type { ModelCard } from '../../contract/modelCard.ts';
import type { ProblemNote } from '../../contract/problem.ts';
import { PROBLEMS } from '../../contract/problem.ts';
import type { Sensor, SiteConfig, Zone } from '../../contract/site.ts';
import { lookGoesOn, lookHeaders } from '../parts/lookReason.ts';
import { askServer } from '../parts/askServer.ts';

/** Why a question failed: the server's own note, or that there was no answer of the server at all. */
export type Trouble = { from: 'server'; note: ProblemNote } | { from: 'line'; detail: string };
export type Answer<T> = { ok: true; value: T } | { ok: false; trouble: Trouble };

const path = (...parts: string[]) => `/api/${parts.map(encodeURIComponent).join('/')}`;
/** A test of an address answers within 20 s (contract/api.ts); a little more for the way. */
const TEST_MOST_MS = 25_000;
const ASK_MOST_MS = 15_000;

export const setupApi = {
  kinds: () => ask<Kinds>('GET', path('kinds')),
  model: () => ask<ModelCard>('GET', path('model')),
  addSite: (body: SiteBody) => ask<SiteConfig>('POST', path('sites'), body),
  changeSite: (siteId: string, body: SiteBody) => ask<SiteConfig>('PUT', path('sites', siteId), body),
  removeSite: (siteId: string) => ask<null>('DELETE', path('sites', siteId)),
  addZone: (siteId: string, body: ZoneBody) => ask<Zone>('POST', path('sites', siteId, 'zones'), body),
  changeZone: (zoneId: string, body: ZoneBody) => ask<Zone>('PUT', path('zones', zoneId), body),
  removeZone: (zoneId: string) => ask<null>('DELETE', path('zones', zoneId)),
  testSensor: (body: SensorTestBody) => ask<SensorTestAnswer>('POST', path('sensors', 'test'), body, TEST_MOST_MS),
  addSensor: (siteId: string, body: SensorBody) => ask<Sensor>('POST', path('sites', siteId, 'sensors'), body),
  changeSensor: (sensorId: string, body: SensorChange) => ask<Sensor>('PUT', path('sensors', sensorId), body),
  placeSensor: (sensorId: string, body: CalibrationBody) => ask<Sensor>('PUT', path('sensors', sensorId, 'calibration'), body),
  viewIsRight: (sensorId: string) => ask<null>('POST', path('sensors', sensorId, 'view')),
  addLine: (siteId: string, body: LineBody) => ask<FlowLine>('POST', path('sites', siteId, 'lines'), body),
  changeLine: (lineId: string, body: LineBody) => ask<FlowLine>('PUT', path('lines', lineId), body),
  removeLine: (lineId: string) => ask<null>('DELETE', path('lines', lineId)),
  removeSensor: (sensorId: string) => ask<null>('DELETE', path('sensors', sensorId)),
};

/** The newest picture of a camera, or why there is none. */
export async function askPicture(sensorId: string): Promise<Answer<{ jpeg: Blob; capturedAtMs: number | null }>> {
  const address = path('sensors', sensorId, 'picture');
  try {
    const response = await askServer(address, { signal: AbortSignal.timeout(ASK_MOST_MS), credentials: 'same-origin', cache: 'no-store', headers: lookHeaders(sensorId) });
    if (!response.ok) return { ok: false, trouble: troubleOf(await response.json().catch(() => null), `GET ${address}: ${response.status}`) };
    lookGoesOn(sensorId);
    const capturedAtMs = Number(response.headers.get('x-captured-at-ms') ?? Number.NaN);
    return { ok: true, value: { jpeg: await response.blob(), capturedAtMs: Number.isFinite(capturedAtMs) ? capturedAtMs : null } };
  } catch (error) { return { ok: false, trouble: { from: 'line', detail: `GET ${address}: ${String(error)}` } }; }
}

export async function ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', address: string, body?: unknown, mostMs = ASK_MOST_MS): Promise<Answer<T>> {
  try {
    const response = await askServer(address, {
      method, signal: AbortSignal.timeout(mostMs), credentials: 'same-origin',
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (response.status === 204) return { ok: true, value: null as T };
    const said: unknown = await response.json().catch(() => null);
    if (response.ok && said !== null) return { ok: true, value: said as T };
    return { ok: false, trouble: troubleOf(said, `${method} ${address}: ${response.status} ${response.statusText}`) };
  } catch (error) {
    return { ok: false, trouble: { from: 'line', detail: `${method} ${address}: ${error instanceof Error ? error.message : String(error)}` } };
  }
}

const troubleOf = (said: unknown, detail: string): Trouble => (isNote(said) ? { from: 'server', note: said } : { from: 'line', detail });

function isNote(said: unknown): said is ProblemNote {
  return typeof said === 'object' && said !== null && 'code' in said && typeof said.code === 'string' && Object.hasOwn(PROBLEMS, said.code) && 'values' in said;
}
