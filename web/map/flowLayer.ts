// The movement of the crowd as arrows, one for each few square metres, as long as the way of two seconds: a fixed scale, never fitted to what is on the screen.
import type { FeatureCollection, MultiLineString } from 'geojson';
import { DENSITY_CODE_UNKNOWN, PEOPLE_PER_M2_OF_CODE } from '../../contract/density.ts';
import { FLOW_CODE_UNKNOWN, M_PER_S_OF_VELOCITY_CODE } from '../../contract/flow.ts';
import type { Reading } from '../../contract/reading.ts';
import { STALE_AFTER_MS } from '../../contract/reading.ts';
import type { SiteConfig } from '../../contract/site.ts';
import { lngLatOf } from '../../crowd/place.ts';

export const ARROW_S = 2;
/** At most this many arrows a site: a larger site gets wider meshes, and the map stays as quick. */
const ARROWS_MOST = 400;
/** Fewer people than this do not make a stream, and slower than this nothing goes anywhere. */
const PEOPLE_PER_M2_LEAST = 0.1, SPEED_LEAST_M_PER_S = 0.1;
const HEAD_SHARE = 0.35, HEAD_RAD = 0.5;

/** Arrows of every site from its newest readings; cells of several cameras are averaged by their people and trust. */
export function flowArrows(sites: readonly SiteConfig[], readingsOf: (siteId: string) => readonly Reading[], nowMs: number): FeatureCollection<MultiLineString> {
  return { type: 'FeatureCollection', features: sites.flatMap(({ site, sensors }) => {
    const { columns, rows, cellM } = site.grid;
    const mesh = Math.max(cellM >= 2 ? 1 : 2, Math.ceil(Math.sqrt(columns * rows / ARROWS_MOST)));
    const across = Math.ceil(columns / mesh), sums = new Map<number, { people: number; east: number; north: number; x: number; y: number }>();
    for (const reading of readingsOf(site.siteId)) {
      const { flow, window } = reading;
      // Movement that was laid on the ground by an older placing is somewhere else.
      if (sensors.find(({ sensorId }) => sensorId === reading.sensorId)?.calibration?.version !== reading.calibrationVersion) continue;
      if (flow === null || nowMs - reading.heardAtMs > STALE_AFTER_MS) continue;
      for (let row = 0, at = 0; row < window.rows; row++) for (let column = 0; column < window.columns; column++, at++) {
        if (flow.eastCodes[at] === FLOW_CODE_UNKNOWN || reading.densityCodes[at] === DENSITY_CODE_UNKNOWN) continue;
        const people = PEOPLE_PER_M2_OF_CODE[reading.densityCodes[at]!]! * reading.weightCodes[at]!;
        if (!(people > 0)) continue;
        const x = window.columnFirst + column, y = window.rowFirst + row, key = Math.floor(y / mesh) * across + Math.floor(x / mesh);
        const sum = sums.get(key) ?? { people: 0, east: 0, north: 0, x: 0, y: 0 };
        sum.people += people; sum.east += people * M_PER_S_OF_VELOCITY_CODE[flow.eastCodes[at]!]!; sum.north += people * M_PER_S_OF_VELOCITY_CODE[flow.northCodes[at]!]!;
        sum.x += people * (x + 0.5) * cellM; sum.y += people * (y + 0.5) * cellM;
        sums.set(key, sum);
      }
    }
    const least = PEOPLE_PER_M2_LEAST * 255 * 0.25;
    return [...sums.values()].flatMap(({ people, east, north, x, y }) => {
      const eastM = east / people * ARROW_S, northM = north / people * ARROW_S, lengthM = Math.hypot(eastM, northM);
      if (people < least || lengthM < SPEED_LEAST_M_PER_S * ARROW_S) return [];
      const xM = x / people, yM = y / people, tip = { xM: xM + eastM / 2, yM: yM + northM / 2 }, headM = Math.min(1, lengthM * HEAD_SHARE), angle = Math.atan2(northM, eastM);
      const point = (p: { xM: number; yM: number }): [number, number] => { const { lng, lat } = lngLatOf(site.origin, p); return [lng, lat]; };
      const barb = (turn: number) => point({ xM: tip.xM - headM * Math.cos(angle + turn), yM: tip.yM - headM * Math.sin(angle + turn) });
      return [{ type: 'Feature' as const, properties: {}, geometry: { type: 'MultiLineString' as const, coordinates: [[point({ xM: xM - eastM / 2, yM: yM - northM / 2 }), point(tip)], [barb(HEAD_RAD), point(tip), barb(-HEAD_RAD)]] } }];
    });
  }) };
}
