// People/m2 in metres: rendered squares whose truth is known, one camera or two and three that overlap, each placed by clicks that are off by 0.4 % of the picture's height and 0.3 m, some
// through a bent lens. Pictures go the product's way: JPEG, scaler at the size that the placing asks for, net, calibrated spread, ground, and the decider's sums of zones.
// `geometry...`: the same with the true heads in the place of the net's counts, so that what is left is geometry's own. `conserved...`: people in = people out, without a net.
// `node bench/geometry.ts [--model CARD.json] [--sites N] [--keep FOLDER]`; FOLDER keeps the pictures for a second model.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadSettings } from '../config/settings.ts';
import { PEOPLE_PER_M2_OF_CODE } from '../contract/density.ts';
import { HALF_INTERVAL_90 } from '../contract/zoneState.ts';
import { analysisNeed } from '../crowd/analysisNeed.ts';
import { blendReadings } from '../crowd/blend.ts';
import { usualImageCells } from '../crowd/ground.ts';
import { calibratedSpread } from '../crowd/interval.ts';
import { decodedJpeg } from '../models/evaluation/pictures.ts';
import { jpegOf } from '../models/training/jpegOf.ts';
import { coveredAround, crowdedSite, headsIntoCells, projectionOf, readingFrom, truePeoplePerM2, zonesFrom, type CrowdedSite } from '../test/support/crowdedSites.ts';
import { renderScene, UNSEEN_SEED_LEAST } from '../test/support/scenes.ts';
import { DEFAULT_MODEL_CARD } from '../config/modelCard.ts';
import { openDensityNet } from '../worker/detectors/densityNet.ts';
import { plazaCamera } from '../worker/demo/plazaCamera.ts';
import { seeded } from '../worker/demo/plazaCrowd.ts';
import { analysisScaler } from '../worker/mediaHost/pictures.ts';
import { countPicture } from '../worker/mediaHost/tiles.ts';

const SITES = 44, SEED_FIRST = UNSEEN_SEED_LEAST + 10_000;
const DENSITIES = [0.7, 1, 1.4, 2, 2.8, 3.5, 4.5, 5.5, 6];
/** Fewer people than this a m2 are no matter of density; a zone of which less is seen is not inside the covered range. */
const TRUTH_LEAST = 0.5, SEEN_LEAST = 0.97;
const GROUNDS = ['paving', 'asphalt', 'concrete', 'grass', 'tiles', 'platform'] as const, LIGHTS = ['day', 'overcast', 'day', 'dusk', 'overcast', 'night'] as const;

type ZoneResult = { site: number; cameras: number; truth: number; model: number; error: number; geometry: number };

export default async function geometryBench(emit: (figure: string, value: number, unit: string) => void): Promise<void> {
  const { values } = parseArgs({ args: process.argv.slice(2), allowPositionals: true, strict: false, options: { model: { type: 'string' }, sites: { type: 'string' }, keep: { type: 'string' } } });
  const cardPath = typeof values.model === 'string' ? resolve(values.model) : DEFAULT_MODEL_CARD, sites = Number(values.sites ?? SITES), keep = typeof values.keep === 'string' ? values.keep : null;
  if (keep !== null) mkdirSync(keep, { recursive: true });
  const pixelsMost = loadSettings({ argv: [], env: {}, readFile: () => null }).analysisPixelsMost, net = await openDensityNet(cardPath), results: ZoneResult[] = [];
  let conservedWorst = 0;
  for (let index = 0; index < sites; index++) {
    // Half of them one camera, the rest two and three.
    const cameraCount = index % 2 === 0 ? 1 : index % 4 === 1 ? 2 : 3, peoplePerM2 = DENSITIES[index % DENSITIES.length]!, seed = SEED_FIRST + index;
    const site = crowdedSite({ seed, cameraCount, peoplePerM2 }), counted = [], exact = [];
    for (let camera = 0; camera < cameraCount; camera++) {
      const { calibration } = site.cameras[camera]!, picture = pictureOf(site, camera, index, keep), frame = decodedJpeg(picture.jpeg);
      const scaler = analysisScaler({ pixelsMost, multiplePx: net.card.sizeMultiplePx, stridePx: net.card.stridePx, need: analysisNeed({ calibration, grid: site.grid, zones: site.zones }) });
      try {
        const scaled = scaler.scaled(frame)!, { imageCells } = scaled.size, count = await countPicture(net, scaled), projection = projectionOf(site, camera, imageCells);
        const spread = count.spreadPerImageCell === null ? null : calibratedSpread({ people: count.peoplePerImageCell, spread: count.spreadPerImageCell, columns: imageCells.columns, cellPx: net.card.stridePx }, net.card.errorModel);
        counted.push(readingFrom(camera, projection, count.peoplePerImageCell, spread));
        exact.push(readingFrom(camera, projection, headsIntoCells(picture.heads, imageCells)));
      } finally { scaler.close(); frame.free(); }
    }
    const byNet = zonesFrom(site, counted), byHeads = zonesFrom(site, exact);
    site.zones.forEach(({ polygon, areaM2 }, zone) => {
      const truth = truePeoplePerM2(site, polygon), model = byNet[zone], geometry = byHeads[zone];
      if (model === null || model === undefined || geometry === null || geometry === undefined || model.seenShare < SEEN_LEAST) return;
      results.push({ site: index, cameras: cameraCount, truth, model: model.peoplePerM2Mean, error: model.peoplePerM2Error, geometry: geometry.peoplePerM2Mean });
      console.log(JSON.stringify({ site: seed, cameras: cameraCount, zoneM2: Math.round(areaM2), truth: rounded(truth), counted: rounded(model.peoplePerM2Mean), error90: rounded(HALF_INTERVAL_90 * model.peoplePerM2Error), trueHeads: rounded(geometry.peoplePerM2Mean) }));
    });
    conservedWorst = Math.max(conservedWorst, conservedOf(seed + 5000, cameraCount, peoplePerM2));
  }
  await net.close();

  const judged = results.filter(({ truth }) => truth >= TRUTH_LEAST), errors = (of: ZoneResult[], by: 'model' | 'geometry') => of.map((zone) => zone[by] / zone.truth - 1);
  const one = judged.filter(({ cameras }) => cameras === 1), overlapping = judged.filter(({ cameras }) => cameras > 1);
  emit('densityErrorShareMedian', quantile(absolute(errors(judged, 'model')), 0.5), '1');
  emit('densityErrorShareMedianOne', quantile(absolute(errors(one, 'model')), 0.5), '1');
  emit('densityErrorShareMedianOverlapping', quantile(absolute(errors(overlapping, 'model')), 0.5), '1');
  emit('densityErrorShareP90', quantile(absolute(errors(judged, 'model')), 0.9), '1');
  emit('densityBiasShareMedian', quantile(errors(judged, 'model'), 0.5), '1');
  for (const [name, least, most] of [['Under2', 0, 2], ['2To4', 2, 4], ['From4', 4, Infinity]] as const) {
    const band = judged.filter(({ truth }) => truth >= least && truth < most);
    if (band.length > 0) { emit(`densityErrorShareMedian${name}`, quantile(absolute(errors(band, 'model')), 0.5), '1'); emit(`densityBiasShareMedian${name}`, quantile(errors(band, 'model'), 0.5), '1'); }
  }
  emit('geometryErrorShareMedian', quantile(absolute(errors(judged, 'geometry')), 0.5), '1');
  emit('geometryErrorShareMedianOne', quantile(absolute(errors(one, 'geometry')), 0.5), '1');
  emit('geometryErrorShareMedianOverlapping', quantile(absolute(errors(overlapping, 'geometry')), 0.5), '1');
  emit('geometryErrorShareP90', quantile(absolute(errors(judged, 'geometry')), 0.9), '1');
  emit('geometryBiasShareMedian', quantile(errors(judged, 'geometry'), 0.5), '1');
  emit('zoneIntervalHeldShare', judged.filter(({ truth, model, error }) => Math.abs(model - truth) <= HALF_INTERVAL_90 * error).length / judged.length, '1');
  emit('conservedShareWorst', conservedWorst, '1');
  emit('zonesJudged', judged.length, '');
}

/** As the camera sends it: a JPEG, and where the heads of all people in it are, hidden ones too. */
function pictureOf(site: CrowdedSite, camera: number, index: number, keep: string | null): { jpeg: Buffer; heads: { xShare: number; yShare: number }[] } {
  const name = keep === null ? null : join(keep, `${site.seed}-${camera}`);
  if (name !== null && existsSync(`${name}.json`)) return { jpeg: readFileSync(`${name}.jpg`), heads: JSON.parse(readFileSync(`${name}.json`, 'utf8')) as { xShare: number; yShare: number }[] };
  const random = seeded(site.seed), people = site.people.map((person) => ({ ...person, look: random(), facing: random() * 2 * Math.PI, gait: random() < 0.3 ? random() : null }));
  const { rgb, widthPx, heightPx, heads } = renderScene({ camera: site.cameras[camera]!.camera, people, seed: site.seed, ground: GROUNDS[index % GROUNDS.length]!, light: LIGHTS[Math.floor(index / 2) % LIGHTS.length]!, wardrobe: { bodies: 20, winter: index % 5 === 4 } });
  const jpeg = jpegOf({ rgb, widthPx, heightPx }, 4), shares = heads.flatMap((head) => head === null ? [] : [{ xShare: head.xPx / widthPx, yShare: head.yPx / heightPx }]);
  if (name !== null) { writeFileSync(`${name}.jpg`, jpeg); writeFileSync(`${name}.json`, JSON.stringify(shares)); }
  return { jpeg, heads: shares };
}

/** How far the people on the ground, after blending, are from the people who went in: a crowd that all cameras see in whole, nobody else, exact placing. */
function conservedOf(seed: number, cameraCount: number, peoplePerM2: number): number {
  const site = crowdedSite({ seed, cameraCount, peoplePerM2: Math.max(1.5, peoplePerM2), clicks: false }), cells = site.cameras.map(({ calibration }) => usualImageCells(calibration.pictureAspect)), projections = site.cameras.map((_, camera) => projectionOf(site, camera, cells[camera]!));
  const people = site.people.filter((person) => projections.every((projection) => coveredAround(projection, person, 2)));
  if (people.length < 12) return 0;
  const readings = projections.map((projection, camera) => { const eye = plazaCamera(site.cameras[camera]!.camera); return readingFrom(camera, projection, headsIntoCells(people.map(({ xM, yM }) => eye.shares(eye.see(xM, yM, 1.6)!)), cells[camera]!, 0.6)); });
  const cellM2 = site.grid.cellM ** 2, onGround = blendReadings(readings, site.grid).densityCodes.reduce((sum, code) => sum + (code === 255 ? 0 : PEOPLE_PER_M2_OF_CODE[code]! * cellM2), 0);
  return Math.abs(onGround / people.length - 1);
}

const rounded = (value: number) => Math.round(value * 100) / 100;
const absolute = (values: number[]) => values.map(Math.abs);
const quantile = (values: number[], share: number) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;

if (import.meta.main) {
  await geometryBench((figure, value, unit) => console.log(JSON.stringify({ figure, value: Number(value.toPrecision(4)), unit })));
  process.exit(0);
}
