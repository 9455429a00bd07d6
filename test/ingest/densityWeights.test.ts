// The weights that we trained, run as they are: both outputs, the same in 8 bits, and rendered places whose truth is known.
import '../../worker/detectors/noTelemetry.ts';
import ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { seeded } from '../../worker/demo/plazaCrowd.ts';
import { PLAZA_CAMERA } from '../../worker/demo/plazaCamera.ts';
import { renderScene, UNSEEN_SEED_LEAST } from '../support/scenes.ts';

const WIDTH_PX = 640, HEIGHT_PX = 384, CELLS = (WIDTH_PX / 8) * (HEIGHT_PX / 8), GREY = 118;
const full = await ort.InferenceSession.create('models/crowdlight-density-1.onnx', { intraOpNumThreads: 1 });
const small = await ort.InferenceSession.create('models/crowdlight-density-1-int8.onnx', { intraOpNumThreads: 1 });

async function counted(net: ort.InferenceSession, rgb: Uint8Array) {
  const { people_per_cell: people, spread_per_cell: spread } = await net.run({ rgb: new ort.Tensor('uint8', rgb, [1, HEIGHT_PX, WIDTH_PX, 3]) });
  const values = [people!.data as Float32Array, spread!.data as Float32Array] as const;
  for (const one of values) { expect(one.length).toBe(CELLS); expect(one.every((value) => value >= 0 && Number.isFinite(value))).toBe(true); }
  return { people: sum(values[0]), spread: sum(values[1]) };
}
const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);

/** The demo's camera over `count` people who stand where chance put them, grey below up to a multiple of 32 px. */
function plaza(count: number, seed: number) {
  const random = seeded(UNSEEN_SEED_LEAST + seed), people = Array.from({ length: count }, () => ({ xM: 9 + 12 * random(), yM: 9 + 14 * random() }));
  const scene = renderScene({ camera: PLAZA_CAMERA, people, seed: UNSEEN_SEED_LEAST + seed });
  const rgb = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3).fill(GREY);
  rgb.set(scene.rgb);
  return { rgb, peopleCount: scene.heads.filter((head) => head !== null).length };
}

test('an empty plaza is less than one person', async () => {
  for (const net of [full, small]) expect((await counted(net, plaza(0, 1).rgb)).people).toBeLessThan(1);
});

test('30 to 120 people on the plaza are counted to a fifth on average, and the spread grows with them', async () => {
  const wrong: number[] = [], spreads: number[] = [];
  for (const [count, seed] of [[30, 2], [60, 3], [90, 4], [120, 5]] as const) {
    const { rgb, peopleCount } = plaza(count, seed), { people, spread } = await counted(full, rgb);
    wrong.push(Math.abs(people - peopleCount) / peopleCount); spreads.push(spread);
  }
  expect(wrong.reduce((total, one) => total + one, 0) / wrong.length, wrong.join(' ')).toBeLessThan(0.2);
  expect(spreads[3]!).toBeGreaterThan(spreads[0]!);
});

test('8 bits count within 5 % of what 32 bits count', async () => {
  for (const [count, seed] of [[60, 6], [120, 7]] as const) {
    const { rgb } = plaza(count, seed), whole = await counted(full, rgb), less = await counted(small, rgb);
    expect(Math.abs(less.people - whole.people) / whole.people).toBeLessThan(0.05);
  }
});
