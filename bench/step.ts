// How many readings one core decides: 25 cameras over a square of 128 m, each seeing about 40 x 40 cells, 50 zones, every rule that is installed judged on every reading; then the same with
// motion in every reading and ten lines.
import { loadRuleKinds } from '../config/kinds.ts';
import type { Input } from '../contract/decide.ts';
import type { FlowRasters } from '../contract/flow.ts';
import type { Reading } from '../contract/reading.ts';
import type { SiteConfig } from '../contract/site.ts';
import { DEFAULT_LIMITS } from '../contract/level.ts';
import { densityCode } from '../contract/density.ts';
import { compileSite } from '../crowd/site.ts';
import { firstState, lineStates, step, zoneStates } from '../crowd/step.ts';

export default async function bench(emit: (figure: string, value: number, unit: string) => void): Promise<void> {
  const still = await decided(false), moving = await decided(true);
  emit('readingsPerS', still.readingsPerS, '1/s');
  emit('readingsPerSMoving', moving.readingsPerS, '1/s');
  emit('alarmEvents', still.events, '');
}

async function decided(withFlow: boolean): Promise<{ readingsPerS: number; events: number }> {
  const config = benchSite(withFlow), site = compileSite(config, await loadRuleKinds());
  const frames = benchReadings(config, withFlow);
  let state = firstState('bench'), seq = 0, events = 0, atMs = START_MS;
  const take = (input: Input) => { const result = step(state, input, site); state = result.state; events += result.effects.length; };
  const decide = (count: number) => {
    for (let i = 0; i < count; i++) {
      const camera = seq % CAMERAS, round = Math.floor(seq / CAMERAS);
      if (camera === 0) { atMs += 500; take({ type: 'tick', atMs }); }
      // Over 64 rounds the crowd grows past the limits and drains, so that levels rise, alarms open and close while it is timed.
      const frame = frames[camera]![round % frames[camera]!.length]!;
      const reading: Reading = { ...frame, seq: ++seq, capturedAtMs: atMs - 150, heardAtMs: atMs - 50 };
      take({ type: 'reading', reading });
    }
  };
  decide(20_000); // the compiler's warm-up is not what a decider that runs for weeks costs
  const rates: number[] = [];
  for (let run = 0; run < 5; run++) {
    const before = process.cpuUsage();
    decide(20_000);
    const spent = process.cpuUsage(before);
    rates.push(20_000 / ((spent.user + spent.system) / 1e6));
  }
  // It must have been real work: every zone is seen now, as of the last round, and alarms came and went.
  const states = zoneStates(state, site);
  if (!states.every((zone) => zone.sight === 'seen' && zone.figures.capturedAtMs >= atMs - 1000)) throw new Error('a zone was left behind');
  if (events < 20) throw new Error(`only ${events} effects: nothing was decided`);
  const sorted = rates.sort((a, b) => a - b);
  if (withFlow && !states.some((zone) => zone.sight === 'seen' && zone.figures.flow !== null)) throw new Error('no flow was found');
  if (!lineStates(state, site).every((line) => line.figures !== null)) throw new Error('a line was left behind');
  return { readingsPerS: Math.round(sorted[2]!), events };
}

const START_MS = 1_760_000_000_000, CAMERAS = 25, SIDE_M = 128, WINDOW = 40;

/** Zones of 10 x 5 over most of the square; cameras of 5 x 5 that overlap. */
function benchSite(withLines: boolean): SiteConfig {
  const width = SIDE_M / 10, height = SIDE_M / 5;
  return {
    version: 1,
    site: { siteId: 'bench', name: 'bench', origin: { lng: 8, lat: 50 }, grid: { cellM: 1, columns: SIDE_M, rows: SIDE_M }, demo: false },
    zones: Array.from({ length: 50 }, (_, i) => {
      const xM = (i % 10) * width, yM = Math.floor(i / 10) * height;
      return {
        zoneId: `zone${i}`, siteId: 'bench', name: `zone ${i}`, kind: 'standing' as const, limits: DEFAULT_LIMITS.standing, rules: {},
        polygon: [{ xM: xM + 0.3, yM: yM + 0.3 }, { xM: xM + width - 0.2, yM }, { xM: xM + width, yM: yM + height - 0.4 }, { xM, yM: yM + height }],
      };
    }),
    lines: Array.from({ length: withLines ? 10 : 0 }, (_, i) => ({ lineId: `line${i}`, siteId: 'bench', name: `line ${i}`, a: { xM: 10 * i + 20, yM: 30 }, b: { xM: 10 * i + 24, yM: 50 }, surface: 'level' as const, rules: {} })),
    sensors: Array.from({ length: CAMERAS }, (_, i) => {
      const x = cameraAt(i).columnFirst, y = cameraAt(i).rowFirst;
      return {
        sensorId: `camera${i}`, siteId: 'bench', name: `camera ${i}`, kind: 'rtsp', addressShown: '', enabled: true,
        calibration: {
          version: 1, position: { xM: x + WINDOW / 2, yM: y }, heightM: 8, bearingDeg: 0, headHeightM: 1.6, pictureAspect: 16 / 9, rangeMostM: null,
          points: [[0.2, 0.9, 10, 8], [0.8, 0.9, 30, 8], [0.8, 0.4, 38, 36], [0.2, 0.4, 2, 36]].map(([xShare, yShare, xM, yM]) => ({ picture: { xShare: xShare!, yShare: yShare! }, ground: { xM: x + xM!, yM: y + yM! } })),
        },
      };
    }),
  };
}
function cameraAt(i: number): { columnFirst: number; rowFirst: number } {
  const along = (index: number) => Math.round((index * (SIDE_M - WINDOW)) / 4);
  return { columnFirst: along(i % 5), rowFirst: along(Math.floor(i / 5)) };
}

/** 64 frames of each camera; a seen wedge as a camera has it, its corners unknown. */
function benchReadings(config: SiteConfig, withFlow: boolean): Reading[][] {
  let seed = 7;
  const random = () => { seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0; return seed / 2 ** 32; };
  return config.sensors.map((sensor, i) => {
    const window = { ...cameraAt(i), columns: WINDOW, rows: WINDOW };
    const weightCodes = new Uint8Array(WINDOW * WINDOW), seen = new Uint8Array(WINDOW * WINDOW);
    for (let row = 0; row < WINDOW; row++) for (let column = 0; column < WINDOW; column++) {
      seen[row * WINDOW + column] = Math.abs(column - WINDOW / 2) < 10 + row ? 1 : 0;
      weightCodes[row * WINDOW + column] = seen[row * WINDOW + column]! * Math.max(1, Math.round(200 - 4 * row));
    }
    return Array.from({ length: 64 }, (_, round) => {
      const crowd = 0.3 + 5.5 * Math.max(0, Math.sin((round / 64) * 2 * Math.PI));
      const densityCodes = new Uint8Array(WINDOW * WINDOW).fill(255), errorCodes = new Uint8Array(WINDOW * WINDOW).fill(255);
      for (let cell = 0; cell < seen.length; cell++) {
        if (seen[cell] === 0) continue;
        const peoplePerM2 = crowd * (0.5 + random());
        densityCodes[cell] = densityCode(peoplePerM2);
        errorCodes[cell] = densityCode(Math.sqrt((0.15 * peoplePerM2) ** 2 + peoplePerM2));
      }
      const flow = withFlow ? flowOf(densityCodes, random) : null;
      return { siteId: 'bench', sensorId: sensor.sensorId, epoch: 1, seq: 0, capturedAtMs: 0, heardAtMs: 0, calibrationVersion: 1, modelId: 'bench', peopleInPicture: 100, window, densityCodes, errorCodes, weightCodes, flow, fault: null };
    });
  });
}

/** Two streams against each other that sway. */
function flowOf(densityCodes: Uint8Array, random: () => number): FlowRasters {
  const raster = (code: number, wide: number) => densityCodes.map((density) => (density === 255 || density === 0 ? 255 : code + Math.floor(wide * random())));
  return { eastCodes: raster(127, 40), northCodes: raster(117, 20), spreadCodes: raster(20, 30), counterCodes: raster(0, 80) };
}

if (import.meta.main) await bench((figure, value, unit) => console.log(JSON.stringify({ figure, value, unit })));
