// Measures a model and writes what it finds into its card: `node models/calibrate.ts CARD.json`. The sha256 of the weights, the factors of its intervals (from all validation pictures)
// and the figures on every data set that is here. Weights exchanged: run it again, and the card is theirs. `--check` writes nothing and says what would change.
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { COUNTING_WORDS, coverage, errorWith, fittedCalibration, PEOPLE_LEAST, regionsOf } from './evaluation/regions.ts';
import { HALF_INTERVAL_90 } from '../contract/zoneState.ts';
import type { ModelCard } from '../contract/modelCard.ts';
import { NATIVE, openCounter, PRODUCT_PIXELS, type Counter } from './evaluation/counter.ts';
import { busPlatforms, type DataSet, emptySets, noData, shanghai, street } from './evaluation/pictures.ts';
import { sizeWords, summary } from './evaluation/summary.ts';

const path = process.argv[2];
if (path === undefined) throw new Error('usage: calibrate.ts CARD.json [--check]');
const why = noData();
if (why !== null) throw new Error(`a model cannot be measured here: ${why}`);
const cardPath = resolve(path), check = process.argv.includes('--check');

const before = JSON.parse(readFileSync(cardPath, 'utf8')) as ModelCard;
const card: ModelCard = { ...before, sha256: createHash('sha256').update(readFileSync(join(dirname(cardPath), before.file))).digest('hex') };
// The loader takes none but a card with the right sum, so that one is written first.
if (!check) write(card);
const counter = await openCounter(cardPath);
try {
  const [a, b] = [await regionsOf(counter, shanghai('A')), await regionsOf(counter, shanghai('B'))], regions = [...a, ...b.map((region) => ({ ...region, picture: region.picture + 1000 }))];
  const { peoplePer10kPx, factors } = fittedCalibration(regions), counted = regions.filter(({ peopleCounted }) => peopleCounted >= PEOPLE_LEAST);
  const held = coverage(counted.map((region) => ({ region, half: HALF_INTERVAL_90 * errorWith(region, factors) })));
  const source = `${counted.length} rectangles of ${new Set(regions.map(({ picture }) => picture)).size} ShanghaiTech A and B pictures kept for validation, at their own size and at 640 x 384 px; ${COUNTING_WORDS}; holds ${(100 * held).toFixed(1)} % of them`;
  card.errorModel = { ...card.errorModel, calibration: { peoplePer10kPx: [...peoplePer10kPx], factors: [...factors], source } };
  card.figures = await figures(counter);
} finally { await counter.close(); }
if (check) console.log(JSON.stringify({ sha256: card.sha256, errorModel: card.errorModel, figures: card.figures }, null, 2));
else { write(card); console.log(`${cardPath}: ${statSync(join(dirname(cardPath), card.file)).size} bytes, factors ${card.errorModel.calibration!.factors.join(', ')}`); }

async function figures(of: Counter): Promise<ModelCard['figures']> {
  const found: ModelCard['figures'] = [];
  const sets: [DataSet, number[]][] = [[shanghai('B'), [NATIVE, PRODUCT_PIXELS]], [shanghai('A'), [NATIVE, PRODUCT_PIXELS]], [busPlatforms, [PRODUCT_PIXELS]], [street(), [PRODUCT_PIXELS, 960 * 720]], ...emptySets().map((set): [DataSet, number[]] => [set, [PRODUCT_PIXELS]])];
  for (const [set, sizes] of sets) for (const pixelsMost of sizes) {
    const { pictures, mae, rmse, bias, relativeShare } = await summary(set, async (frame) => (await of.count(frame, pixelsMost)).peopleInPicture);
    found.push({ data: set.title, analysis: sizeWords(pixelsMost), pictures, peopleMae: short(mae), peopleRmse: short(rmse), peopleBias: short(bias), relativeShare: relativeShare === null ? null : short(relativeShare) });
    console.log(set.key, sizeWords(pixelsMost), JSON.stringify(found.at(-1)));
  }
  return found;
}
function short(value: number): number { return Number(value.toPrecision(3)); }
function write(of: ModelCard): void { writeFileSync(cardPath, `${JSON.stringify(of, null, 2)}\n`); }
