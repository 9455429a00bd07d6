// How many people the models miscount, on pictures that none of ours was trained on: one JSON line for each data set, model and size, then the figures of the default model.
// Sizes: the picture's own, and the product's budget of 640 x 384 px for a camera that nobody placed. The plain figures take the own size for ShanghaiTech (a placed camera is analysed
// as large as its far heads need) and the budget for the rest, which is what the product does with those; ...Budget are ShanghaiTech at the budget.
// `node bench/accuracy.ts [--no-peers | --only-peers] [CARD.json...]` takes other models of ours.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { NATIVE, openCounter, PRODUCT_PIXELS } from '../models/evaluation/counter.ts';
import { busPlatforms, type DataSet, emptySets, noData, shanghai, street } from '../models/evaluation/pictures.ts';
import { sizeWords, summary, type Summary } from '../models/evaluation/summary.ts';
import { DEFAULT_MODEL_CARD } from '../config/modelCard.ts';
import { baselineCard, mcnn, type Peer, retailDetector, yoloxTiles } from './counting/peers.ts';

const MODELS = resolve(import.meta.dirname, '../models');
const CROWDS: [DataSet, number[]][] = [[shanghai('B'), [NATIVE, PRODUCT_PIXELS]], [shanghai('A'), [NATIVE, PRODUCT_PIXELS]], [busPlatforms, [PRODUCT_PIXELS]], [street(), [PRODUCT_PIXELS, 960 * 720]]];

export default async function accuracyBench(emit: (figure: string, value: number, unit: string) => void, { cards = releasedCards(), peers = true } = {}): Promise<void> {
  const why = noData();
  if (why !== null) throw new Error(`this bench cannot run here: ${why}`);
  const plain = new Map<string, number>(), folder = mkdtempSync(join(tmpdir(), 'crowdlight-bench-'));
  for (const cardPath of peers ? [...cards, baselineCard(folder)] : cards) {
    const counter = await openCounter(cardPath), isDefault = cardPath === DEFAULT_MODEL_CARD || cards.length === 1;
    const empties: Summary[] = [];
    for (const [set, sizes] of [...CROWDS, ...emptySets().map((set): [DataSet, number[]] => [set, [PRODUCT_PIXELS]])]) for (const pixelsMost of sizes) {
      const found = await summary(set, async (frame) => (await counter.count(frame, pixelsMost)).peopleInPicture);
      told(set, counter.card.name, sizeWords(pixelsMost), found);
      if (set.key.startsWith('empty')) empties.push(found);
      else if (isDefault) {
        const name = `mae${set.key[0]!.toUpperCase()}${set.key.slice(1)}`;
        if (pixelsMost === sizes[0]) { plain.set(name, found.mae); plain.set(name.replace('mae', 'rmse'), found.rmse); plain.set(name.replace('mae', 'bias'), found.bias); plain.set(name.replace('mae', 'relativeShare'), found.relativeShare ?? 0); }
        else if (pixelsMost === PRODUCT_PIXELS) plain.set(`${name}Budget`, found.mae);
      }
    }
    if (isDefault) {
      const pictures = empties.reduce((sum, one) => sum + one.pictures, 0);
      // The mean of all, the worst kind of scene, and the worst single picture.
      plain.set('falsePeopleEmpty', empties.reduce((sum, one) => sum + one.mae * one.pictures, 0) / pictures);
      plain.set('falsePeopleEmptyKindMost', Math.max(...empties.map((one) => one.mae)));
      plain.set('falsePeopleEmptyMost', Math.max(...empties.map((one) => one.most)));
    }
    await counter.close();
  }
  rmSync(folder, { recursive: true });
  if (peers) for (const open of PEERS) {
    const peer = await open();
    for (const [set] of CROWDS) told(set, peer.name, peer.size, await summary(set, (frame) => peer.count(frame)));
    await peer.close();
  }
  for (const [figure, value] of plain) emit(figure, value, figure.startsWith('relative') ? '1' : 'people');
}

const PEERS: (() => Promise<Peer>)[] = [
  () => mcnn('mcnn_shtechA_660.onnx', NATIVE, sizeWords(NATIVE)), () => mcnn('mcnn_shtechB_110.onnx', NATIVE, sizeWords(NATIVE)), () => mcnn('mcnn_shtechB_110.onnx', PRODUCT_PIXELS, sizeWords(PRODUCT_PIXELS)),
  () => retailDetector(), () => yoloxTiles(),
];

/** The default and every other card of models/. */
function releasedCards(): string[] {
  const others = readdirSync(MODELS).filter((file) => file.endsWith('.json')).map((file) => resolve(MODELS, file)).filter((path) => path !== DEFAULT_MODEL_CARD);
  return [DEFAULT_MODEL_CARD, ...others];
}

const short = (value: number) => Number(value.toPrecision(4));
function told(set: DataSet, model: string, size: string, { pictures, mae, rmse, bias, relativeShare, most }: Summary): void {
  console.log(JSON.stringify({ figure: 'peopleMae', value: short(mae), unit: 'people', data: set.key, model, size, pictures, rmse: short(rmse), bias: short(bias), relativeShare: relativeShare === null ? null : short(relativeShare), most: short(most) }));
}

if (import.meta.main) {
  const cards = process.argv.slice(2).filter((word) => !word.startsWith('--')).map((path) => resolve(path));
  await accuracyBench((figure, value, unit) => console.log(JSON.stringify({ figure, value: short(value), unit })), { ...(cards.length > 0 || process.argv.includes('--only-peers') ? { cards } : {}), peers: !process.argv.includes('--no-peers') });
  process.exit(0);
}
