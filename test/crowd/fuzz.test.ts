// Thousands of inputs in odd orders, from a seed that is printed: what must hold whatever comes.
import { describe, expect, test } from 'vitest';
import { Alarm, type AlarmChanged } from '../../contract/alarm.ts';
import type { Input } from '../../contract/decide.ts';
import { type FlowRasters, LineState } from '../../contract/flow.ts';
import { checker } from '../../contract/schema.ts';
import { PICTURE_FAULTS } from '../../contract/sight.ts';
import type { SiteConfig } from '../../contract/site.ts';
import { ZoneState } from '../../contract/zoneState.ts';
import { type CompiledSite, compileSite } from '../../crowd/site.ts';
import { siteStateFromJson, siteStateToJson } from '../../crowd/siteState.ts';
import { type Effect, firstState, lineStates, type SiteState, step, zoneStates } from '../../crowd/step.ts';
import { seeded } from './camera.ts';
import { flowOf, lineAt, PLAIN_RULES, readingOf, RULES as BASIC_RULES, sensorOf, siteConfig, START_MS, zoneAt } from './plainSite.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = 12, STEPS = 400;
console.log(`fuzz of step(): FUZZ_SEED=${SEED}`);

const RULES = [...BASIC_RULES, ...PLAIN_RULES];
type Given = { input: Input; site: CompiledSite };

/** A day at a square with bad clocks, bad cameras, moving crowds, forecasts of all ages and busy administrators. */
function inputsOf(seed: number): Given[] {
  const random = seeded(seed), pick = <T>(...of: T[]): T => of[Math.floor(random() * of.length)]!;
  const quick = { densityHigh: { raiseAfterMs: pick(0, 1000, 5000), clearAfterMs: pick(0, 1000), easeHoldMs: pick(0, 2000), alarmFromLevel: pick('notice', 'warning') } };
  const calibration = sensorOf('one').calibration!;
  const configs: SiteConfig[] = Array.from({ length: 5 }, (_, i) => siteConfig({
    version: i + 1,
    site: { ...siteConfig().site, name: `Plaza ${i}`, grid: { cellM: 1, columns: i === 4 ? 25 : 20, rows: 20 } },
    zones: [zoneAt('west', 1, { rules: quick }), zoneAt('east', 11, { alarms: { priorityShift: pick(-1, 0, 1), latchFromLevel: pick('notice', 'critical', 'never'), repeatEveryS: pick(0, 1, 30) } }), zoneAt('over', 5)].filter((_zone, at) => i === 0 || (at + i) % 4 !== 0).map((zone) => (i === 2 ? { ...zone, rules: { densityHigh: { enabled: false } } } : zone)),
    sensors: ['one', 'two', 'three'].filter((_sensor, at) => i === 0 || (at + i) % 3 !== 0).map((sensorId) => sensorOf(sensorId, { enabled: i !== 3, calibration: { ...calibration, version: i === 4 ? 2 : 1 } })),
    ...(i === 1 ? {} : { lines: [lineAt('gate', 10, i === 2 ? { a: { xM: 9, yM: 4 } } : {}), lineAt('other', 3)].slice(i === 3 ? 1 : 0) }),
  }));
  const sites = configs.map((config) => compileSite(config, RULES));
  let site = sites[0]!, atMs = 0, crowd = 1, pace = 0, command = 0;
  const windows = [{ columnFirst: 0, rowFirst: 0, columns: 20, rows: 20 }, { columnFirst: 3, rowFirst: 4, columns: 10, rows: 8 }, { columnFirst: 0, rowFirst: 0, columns: 0, rows: 0 }, { columnFirst: 15, rowFirst: 0, columns: 20, rows: 4 }];
  const given: Given[] = [], seqs = new Map<string, number>();
  for (let i = 0; i < STEPS; i++) {
    const dice = random();
    if (random() < 0.05) { crowd = pick(0, 1, 2.2, 3.6, 4.8, 6, 9); pace = pick(0, 0, 0.3, 1); }
    if (dice < 0.3) {
      atMs += pick(0, 200, 500, 500, 500, 1000, 6000);
      if (random() < 0.03) atMs += pick(-5_000_000, -700, 3_600_000);
      given.push({ input: { type: 'tick', atMs: random() < 0.01 ? pick(Number.NaN, -1, 1e300, 0, 8e15) : START_MS + atMs }, site });
    } else if (dice < 0.33) {
      const madeAtMs = Math.max(0, START_MS + atMs - pick(0, 1000, 100_000, 400_000, -5000)), points = pick([], [{ aheadMinutes: 5, peoplePerM2: pick(1, 6), peoplePerM2Low: 1, peoplePerM2High: 7, skillShare: 0.2 }]);
      given.push({ site, input: { type: 'forecast', atMs: START_MS + atMs, forecasts: ['west', 'east', 'over', 'gone'].filter(() => random() < 0.6).map((zoneId) => ({ zoneId, madeAtMs, points })) } });
    } else if (dice < 0.9) {
      const sensorId = pick('one', 'two', 'three', 'four'), seq = (seqs.get(sensorId) ?? 0) + pick(1, 1, 1, 1, 0, -3);
      seqs.set(sensorId, Math.max(seq, seqs.get(sensorId) ?? 0));
      const window = pick(windows[0]!, windows[0]!, windows[0]!, windows[1]!, windows[2]!, windows[3]!), lateMs = pick(50, 50, 50, 300, 4000, 20_000), odd = random() < 0.02;
      given.push({ site, input: { type: 'reading', reading: readingOf((column, row) => (random() < 0.01 && column > row ? null : Math.max(0, crowd + random() - 0.5)), {
        atMs, sensorId, seq, epoch: pick(3, 3, 3, 3, 2), capturedAtMs: odd ? pick(0, Number.NaN, 8e15) : START_MS + atMs - lateMs, heardAtMs: odd ? pick(0, Infinity, 8e15) : START_MS + atMs - lateMs / 2,
        calibrationVersion: pick(1, 1, 1, site === sites[4] ? 2 : 1), window, weight: pick(100, 100, 40),
        flow: pick(null, movingOf(random() < 0.05 ? 7 : window.columns * window.rows, random, pace), movingOf(window.columns * window.rows, random, pace)),
        fault: random() < 0.06 ? pick(...PICTURE_FAULTS) : null,
      }) } });
    } else if (dice < 0.955) {
      given.push({ site, input: { type: 'acknowledge', commandId: `c${random() < 0.2 ? command : ++command}`, alarmId: '?', by: 'x', atMs: START_MS + atMs } });
    } else if (dice < 0.975) {
      const common = { commandId: `d${random() < 0.2 ? command : ++command}`, by: 'x', atMs: START_MS + atMs };
      given.push({ site, input: pick<Input>(
        { type: 'shelve', ...common, alarmId: '?', words: 'known', forMs: pick(60_000, 600_000, 7_200_000) }, { type: 'unshelve', ...common, alarmId: '?' },
        { type: 'raiseExercise', ...common, zoneId: pick('west', 'east', 'gone'), level: pick('notice', 'warning', 'danger', 'critical'), forMs: pick(30_000, 600_000), words: 'drill' }, { type: 'endExercise', ...common, alarmId: '?' },
      ) });
    } else if (dice < 0.985) {
      const fromMs = START_MS + atMs + pick(-100_000, 0, 10_000);
      given.push({ site, input: { type: 'silences', atMs: START_MS + atMs, silences: pick([], [{ silenceId: 's', siteId: pick('plaza', 'plaza', 'other'), zoneIds: pick([], ['west'], ['east', 'over']), rules: pick([], ['densityHigh'], ['sensorSilent']), fromMs, untilMs: fromMs + pick(60_000, 600_000), by: 'x', words: 'fair is built' }]) } });
    } else {
      site = pick(...sites);
      given.push({ site, input: { type: 'configChanged', version: site.version, atMs: START_MS + atMs } });
    }
  }
  return given;
}

/** Any codes at all, most of them known, about as fast as `pace` (0..1) says; who stands goes against nobody. */
function movingOf(count: number, random: () => number, pace: number): FlowRasters {
  const raster = () => Uint8Array.from({ length: count }, () => (random() < 0.02 ? 255 : Math.floor(127 + 254 * pace * (random() - 0.5))));
  return { eastCodes: raster(), northCodes: raster(), spreadCodes: raster(), counterCodes: raster().map((code) => (code === 255 || pace > 0 ? code : code >> 2)) };
}

/** A step on the alarm that is open at that moment, which only the run itself knows. */
function filled(input: Input, state: SiteState): Input {
  if (input.type !== 'acknowledge' && input.type !== 'shelve' && input.type !== 'unshelve' && input.type !== 'endExercise') return input;
  const open = [...state.alarms.values()];
  return open.length === 0 ? input : { ...input, alarmId: open[input.commandId.length % open.length]!.alarm.alarmId };
}

const checkAlarm = checker(Alarm), checkZone = checker(ZoneState), checkLine = checker(LineState);
const LEGAL = new Set(['null>raised', 'raised>raised', 'raised>acknowledged', 'raised>easing', 'raised>closed', 'acknowledged>acknowledged', 'acknowledged>raised', 'acknowledged>easing', 'acknowledged>closed', 'easing>easing', 'easing>raised', 'easing>acknowledged', 'easing>closed', 'easing>cleared', 'cleared>cleared', 'cleared>raised', 'cleared>closed']);

describe.each(Array.from({ length: RUNS }, (_, run) => SEED + run))('FZ with seed %d', (seed) => {
  const given = inputsOf(seed);

  test('FZ1 the record holds: one open alarm a place and rule, versions without gaps, legal steps, schemas kept', () => {
    let state = firstState('plaza');
    const versions = new Map<string, number>(), openOf = new Map<string, string>(), states = new Map<string, string>();
    for (const { input, site } of given) {
      const result = step(state, filled(input, state), site);
      for (const { event } of result.effects.filter((effect): effect is { type: 'alarmChanged'; event: AlarmChanged } => effect.type === 'alarmChanged')) {
        const { alarm } = event, key = `${alarm.rule} ${JSON.stringify(alarm.place)}`;
        expect(checkAlarm(alarm)).toMatchObject({ ok: true });
        expect(alarm.version).toBe((versions.get(alarm.alarmId) ?? 0) + 1);
        versions.set(alarm.alarmId, alarm.version);
        expect(event.eventId).toBe(`${alarm.alarmId}.${alarm.version}`);
        expect(event.from).toBe(states.get(alarm.alarmId) ?? null);
        expect(LEGAL.has(`${event.from}>${alarm.state}`), `${event.from}>${alarm.state}`).toBe(true);
        expect(openOf.get(key) ?? alarm.alarmId).toBe(alarm.alarmId);
        if (alarm.state === 'closed') { openOf.delete(key); } else openOf.set(key, alarm.alarmId);
        states.set(alarm.alarmId, alarm.state);
        expect(alarm.changedAtMs).toBeGreaterThanOrEqual(alarm.raisedAtMs);
        expect(alarm.exercise).toBe(alarm.rule === 'exercise');
        expect(alarm.repeats).toBeLessThanOrEqual(100);
        // Nothing critical is silenced by a plan, and what is over is not muted.
        if (alarm.muted?.because === 'silence') expect(alarm.level).not.toBe('critical');
        if (alarm.state === 'cleared' || alarm.state === 'closed') expect(alarm.muted).toBeNull();
        if (alarm.state === 'closed') expect(alarm.shelved).toBeNull();
      }
      state = result.state;
      expect([...state.alarms.values()].map(({ alarm }) => alarm.alarmId).sort()).toEqual([...openOf.values()].sort());
      for (const zone of zoneStates(state, site)) expect(checkZone(zone), JSON.stringify(zone)).toMatchObject({ ok: true });
      for (const line of lineStates(state, site)) expect(checkLine(line)).toMatchObject({ ok: true });
    }
  });

  test('FZ2 the same inputs make the same events, also across a snapshot at every turn', () => {
    let straight = firstState('plaza'), resumed = firstState('plaza');
    const random = seeded(seed + 1);
    given.forEach(({ input, site }) => {
      const one = step(straight, filled(input, straight), site);
      if (random() < 0.15) {
        const json = siteStateToJson(resumed), back = siteStateFromJson(json);
        expect(back).not.toBeNull();
        expect(siteStateToJson(back!)).toBe(json);
        resumed = back!;
      }
      const other = step(resumed, filled(input, resumed), site);
      expect(other.effects).toEqual(one.effects);
      straight = one.state; resumed = other.state;
    });
    expect(siteStateToJson(resumed)).toBe(siteStateToJson(straight));
  });

  test('FZ3 an earlier state is never changed: stepped again, it gives the same', () => {
    const kept: { state: SiteState; json: string; input: Input; site: CompiledSite; effects: Effect[]; after: string }[] = [];
    let state = firstState('plaza');
    given.forEach(({ input, site }, i) => {
      const exact = filled(input, state), before = i % 9 === 0 ? siteStateToJson(state) : null;
      const result = step(state, exact, site);
      if (before !== null) kept.push({ state, json: before, input: exact, site, effects: result.effects, after: siteStateToJson(result.state) });
      state = result.state;
    });
    for (const { state: old, json, input, site, effects, after } of kept) {
      expect(siteStateToJson(old)).toBe(json);
      const again = step(old, input, site);
      expect(again.effects).toEqual(effects);
      expect(siteStateToJson(again.state)).toBe(after);
    }
  });

  test('FZ4 a repeated reading or command changes nothing but the answer', () => {
    let state = firstState('plaza');
    for (const { input, site } of given) {
      const exact = filled(input, state);
      state = step(state, exact, site).state;
      if (exact.type === 'tick' || exact.type === 'configChanged' || exact.type === 'forecast') continue;
      const json = siteStateToJson(state), again = step(state, exact, site);
      expect(again.effects.filter((effect) => effect.type === 'alarmChanged')).toEqual([]);
      expect(siteStateToJson(again.state)).toBe(json);
    }
  });

  test('FZ5 silence never eases and blindness never looks like calm', () => {
    let state = firstState('plaza'), at = START_MS;
    for (const { input, site } of given) { state = step(state, filled(input, state), site).state; if (input.type === 'tick' && Number.isFinite(input.atMs) && input.atMs > 1e12 && input.atMs < 2e12) at = input.atMs; }
    const { site } = given.at(-1)!, density = () => [...state.alarms.values()].filter(({ alarm }) => alarm.rule === 'densityHigh').map(({ alarm }) => [alarm.alarmId, alarm.state, alarm.level]);
    // Let what is known grow old first; from then on nobody sees anything.
    for (let i = 0; i < 8; i++) state = step(state, { type: 'tick', atMs: at += 1000 }, site).state;
    const held = density();
    for (let i = 0; i < 200; i++) state = step(state, { type: 'tick', atMs: at += 1000 }, site).state;
    expect(density()).toEqual(held);
    for (const zone of zoneStates(state, site)) expect(zone.sight).toBe('blind');
    for (const line of lineStates(state, site)) expect(line.figures).toBeNull();
  });
});

test('FZ6 the fuzz is worth something: alarms of every rule are raised, acknowledged, eased and closed in it', () => {
  const seen = new Set<string>(), known = new Set<string>();
  for (let run = 0; run < RUNS; run++) {
    let state = firstState('plaza');
    for (const { input, site } of inputsOf(1000 + run)) {
      const result = step(state, filled(input, state), site);
      for (const effect of result.effects) if (effect.type === 'alarmChanged') {
        const { alarm } = effect.event;
        seen.add(`${alarm.rule} ${alarm.state}`);
        for (const [mark, is] of Object.entries({ blind: alarm.muted?.because === 'blind', silence: alarm.muted?.because === 'silence', shelved: alarm.shelved !== null, repeated: alarm.repeats > 0, shifted: alarm.priority === 'low' && alarm.level === 'warning' })) if (is) seen.add(mark);
      }
      state = result.state;
      for (const zone of zoneStates(state, site)) known.add(zone.sight === 'blind' ? zone.because : `flow ${zone.figures.flow !== null} forecast ${zone.forecast !== null}`);
    }
  }
  for (const one of ['dark', 'moved', 'sensorSilent', 'flow true forecast true', 'flow false forecast false']) expect([...known]).toContain(one);
  for (const rule of RULES.map(({ name }) => name)) for (const stage of ['raised', 'acknowledged', 'easing', 'closed']) expect(seen).toContain(`${rule} ${stage}`);
  for (const one of ['densityHigh cleared', 'exercise raised', 'exercise closed', 'blind', 'silence', 'shelved', 'repeated', 'shifted']) expect([...seen]).toContain(one);
});

test('SJ1 what is not such a state is refused', () => {
  const json = siteStateToJson(firstState('plaza'));
  expect(siteStateFromJson(json)).toEqual(firstState('plaza'));
  for (const foreign of ['', 'null', '[]', '{}', '{"siteId":"plaza"}', json.replace('siteState 3', 'siteState 1'), json.slice(0, -1), json.replace('"runMs":0', '"runMs":"0"')]) expect(siteStateFromJson(foreign), foreign).toBeNull();
  const site = compileSite(siteConfig(), RULES);
  const full = siteStateToJson(step(step(firstState('plaza'), { type: 'tick', atMs: START_MS }, site).state, { type: 'reading', reading: readingOf(2, { atMs: 10 }) }, site).state);
  expect(siteStateFromJson(full)).not.toBeNull();
  expect(siteStateFromJson(full.replace(/"densityCodes":"..../, '"densityCodes":"'))).toBeNull();
  expect(siteStateFromJson(full.replace(/"errorCodes":"..../, '"errorCodes":"é***'))).toBeNull();
  const moving = siteStateToJson(step(step(firstState('plaza'), { type: 'tick', atMs: START_MS }, site).state, { type: 'reading', reading: readingOf(2, { atMs: 10, flow: flowOf(400) }) }, site).state);
  expect(siteStateFromJson(moving)!.sensors[0]!.reading!.flow!.eastCodes).toHaveLength(400);
  expect(siteStateFromJson(moving.replace(/"counterCodes":"..../, '"counterCodes":"'))).toBeNull();
});
