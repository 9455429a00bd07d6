// What one count costs: CPU time of the net alone, onnxruntime-node, one thread, 640 x 384 px, and the size of its files. Machines of one name differ by a factor of two, and a busy one
// by more: the baseline net runs in turn with ours, so that the ratios hold anywhere. `node bench/inference.ts [CARD.json]` measures another model of ours with its 8-bit form.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { noData } from '../models/evaluation/pictures.ts';
import { openDensityNet, type Detector } from '../worker/detectors/densityNet.ts';
import { DEFAULT_MODEL_CARD } from '../config/modelCard.ts';
import { baselineCard } from './counting/peers.ts';

const WIDTH_PX = 640, HEIGHT_PX = 384, WARM_UP_RUNS = 3, ROUNDS = 15, RUNS_PER_ROUND = 4;

export default async function inferenceBench(emit: (figure: string, value: number, unit: string) => void, fullCardPath = DEFAULT_MODEL_CARD.replace('-int8.json', '.json')): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-bench-')), paths = { Fp32: fullCardPath, Int8: fullCardPath.replace('.json', '-int8.json'), ...(noData() === null ? { BaselineFp32: baselineCard(folder) } : {}) };
  const picture = Uint8Array.from({ length: WIDTH_PX * HEIGHT_PX * 3 }, (_, at) => (at * 7919) % 251);
  const nets: { name: string; net: Detector; ms: number[] }[] = [];
  try {
    for (const [name, path] of Object.entries(paths)) nets.push({ name, net: await openDensityNet(path), ms: [] });
    for (const { net } of nets) for (let run = 0; run < WARM_UP_RUNS; run++) await net.count(picture, WIDTH_PX, HEIGHT_PX);
    // In turn: what else the machine does meets all of them alike.
    for (let round = 0; round < ROUNDS; round++) for (const { net, ms } of nets) {
      const before = process.cpuUsage();
      for (let run = 0; run < RUNS_PER_ROUND; run++) await net.count(picture, WIDTH_PX, HEIGHT_PX);
      const { user, system } = process.cpuUsage(before);
      ms.push((user + system) / 1000 / RUNS_PER_ROUND);
    }
    const median = new Map(nets.map(({ name, ms }) => [name, ms.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!]));
    for (const [name, ms] of median) emit(`ms${name}`, ms, 'ms');
    const baseline = median.get('BaselineFp32');
    if (baseline !== undefined) for (const name of ['Fp32', 'Int8']) emit(`ms${name}OfBaseline`, median.get(name)! / baseline, '1');
    for (const { name, net } of nets.filter((one) => one.name !== 'BaselineFp32')) emit(`fileMB${name}`, statSync(join(dirname(paths[name as 'Fp32' | 'Int8']), net.card.file)).size / 1e6, 'MB');
  } finally {
    for (const { net } of nets) await net.close();
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  await inferenceBench((figure, value, unit) => console.log(JSON.stringify({ figure, value: Number(value.toPrecision(4)), unit })), process.argv[2] === undefined ? undefined : resolve(process.argv[2]));
  process.exit(0);
}
