// Do the 90 % intervals hold the truth in 90 of 100 cases, in pictures that neither training nor calibration saw? Regions are rectangles of a 256th of a picture to all of it.
// Validation pictures: calibrated on the even ones and tried on the odd ones, and the other way round. Bus platforms and the street: with the factors of the card.
// `node bench/intervals.ts [CARD.json]`
import { resolve } from 'node:path';
import { HALF_INTERVAL_90 } from '../contract/zoneState.ts';
import { openCounter } from '../models/evaluation/counter.ts';
import { busPlatforms, noData, shanghai, street } from '../models/evaluation/pictures.ts';
import { bandOf, coverage, DENSITY_BANDS, errorWith, fittedCalibration, PEOPLE_BANDS, PEOPLE_LEAST, type Region, regionsOf } from '../models/evaluation/regions.ts';
import { DEFAULT_MODEL_CARD } from '../config/modelCard.ts';
import { regionError } from '../crowd/interval.ts';

type Held = { region: Region; half: number };

export default async function intervalsBench(emit: (figure: string, value: number, unit: string) => void, cardPath = DEFAULT_MODEL_CARD): Promise<void> {
  const why = noData();
  if (why !== null) throw new Error(`this bench cannot run here: ${why}`);
  const counter = await openCounter(cardPath);
  const { calibration } = counter.card.errorModel;
  try {
    const parts: Held[] = [], seen: { part: 'A' | 'B'; regions: Region[] }[] = [];
    for (const part of ['A', 'B'] as const) seen.push({ part, regions: await regionsOf(counter, shanghai(part)) });
    const all = seen.flatMap(({ part, regions }) => regions.map((region) => ({ ...region, picture: region.picture + (part === 'A' ? 0 : 1000) })));
    for (const half of [0, 1]) {
      const { factors } = fittedCalibration(all.filter(({ picture }) => picture % 2 === half));
      parts.push(...all.filter(({ picture }) => picture % 2 !== half).map((region) => ({ region, half: HALF_INTERVAL_90 * errorWith(region, factors) })));
    }
    const counted = parts.filter(({ region }) => region.peopleCounted >= PEOPLE_LEAST);
    emit('coverageShare', coverage(counted), '1');
    for (const { name } of DENSITY_BANDS) figures(`Band${name}`, counted.filter(({ region }) => bandOf(region).name === name));
    for (const { name, from, to } of PEOPLE_BANDS) figures(`People${name}`, counted.filter(({ region }) => region.peopleCounted >= from && region.peopleCounted < to));
    emit('coverageShareNobody', coverage(parts.filter(({ region }) => region.peopleCounted < PEOPLE_LEAST)), '1');
    for (const part of ['A', 'B'] as const) emit(`coverageShareVal${part}`, coverage(counted.filter(({ region }) => (region.picture < 1000) === (part === 'A'))), '1');
    if (calibration === null) return;
    for (const [name, set] of [['Brt', busPlatforms], ['Vtest', street(2)]] as const) {
      const held = (await regionsOf(counter, set, { calibration })).filter(({ peopleCounted }) => peopleCounted >= PEOPLE_LEAST)
        .map((region) => ({ region, half: HALF_INTERVAL_90 * regionError(region.peopleCounted, region.spreadSum) }));
      emit(`coverageShare${name}`, coverage(held), '1');
      emit(`halfWidthShare${name}`, mean(held.map(({ region, half }) => half / region.peopleCounted)), '1');
    }
  } finally { await counter.close(); }

  function figures(name: string, held: Held[]): void {
    if (held.length < 50) return;
    emit(`coverageShare${name}`, coverage(held), '1');
    emit(`halfWidthShare${name}`, mean(held.map(({ region, half }) => half / region.peopleCounted)), '1');
    emit(`halfWidthPeople${name}`, mean(held.map(({ half }) => half)), 'people');
  }
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

if (import.meta.main) {
  await intervalsBench((figure, value, unit) => console.log(JSON.stringify({ figure, value: Number(value.toPrecision(4)), unit })), process.argv[2] === undefined ? undefined : resolve(process.argv[2]));
  process.exit(0);
}
