// Made-up cities for tests, benches and the demo: grids, communities, townships, counties and a city with ragged borders that neighbours share corner by corner. No gap, no overlap, nothing of it is real.
import type { LngLat } from '../../contract/geometry.ts';
import type { UnitLevel, UnitNames, UnitShape } from '../../contract/unit.ts';

export type MadeUpUnit = { level: UnitLevel; code: string; names: UnitNames; parentCode: string | null; shape: UnitShape };
export type MadeUpCityOptions = {
  seed: number;
  /** South-west corner, and how large a grid is. */
  origin?: LngLat; cellM?: number;
  /** Grids across and up in a community, communities in a township, townships in a county, counties in the city: [across, up]. */
  grids?: [number, number]; communities?: [number, number]; townships?: [number, number]; counties?: [number, number];
  /** Corners between two crossings of borders; one side in `longEvery` has `longCorners`. */
  cornersPerSide?: number; longEvery?: number; longCorners?: number;
  /** Put before each code. */
  prefix?: string;
};

/** Parents before children. With the defaults 16,000 grids in 2 x 2 counties of 5 x 5 townships of 4 x 4 communities of 10 grids. */
export function madeUpCity(options: MadeUpCityOptions): MadeUpUnit[] {
  const { seed, origin = { lng: 121, lat: 31 }, cellM = 220, grids = [5, 2], communities = [4, 4], townships = [5, 5], counties = [2, 2], cornersPerSide = 6, longEvery = 40, longCorners = 80, prefix = 'X' } = options;
  const perLevel: [UnitLevel, [number, number]][] = [['county', counties], ['township', townships], ['community', communities], ['grid', grids]];
  const across = counties[0] * townships[0] * communities[0] * grids[0], up = counties[1] * townships[1] * communities[1] * grids[1];
  const eastDeg = cellM / (111_320 * Math.cos((origin.lat * Math.PI) / 180)), northDeg = cellM / 110_900;

  const node = (i: number, j: number): LngLat => {
    const chance = chanceOf(seed, 1, i, j);
    return { lng: rounded(origin.lng + (i + 0.3 * (chance() - 0.5)) * eastDeg), lat: rounded(origin.lat + (j + 0.3 * (chance() - 0.5)) * northDeg) };
  };
  /** From crossing (i, j) one to the east or one to the north, without its last corner. */
  const sides = new Map<string, LngLat[]>();
  const sideOf = (i: number, j: number, north: boolean): LngLat[] => {
    const key = `${i} ${j} ${north}`, known = sides.get(key);
    if (known !== undefined) return known;
    const from = node(i, j), to = north ? node(i, j + 1) : node(i + 1, j), chance = chanceOf(seed, north ? 2 : 3, i, j);
    const corners = chance() * longEvery < 1 ? longCorners : cornersPerSide, side: LngLat[] = [from];
    for (let k = 1; k <= corners; k++) {
      const share = k / (corners + 1), off = 0.12 * share * (1 - share) * (2 * chance() - 1) * 2;
      side.push({ lng: rounded(from.lng + share * (to.lng - from.lng) - off * ((to.lat - from.lat) / northDeg) * eastDeg), lat: rounded(from.lat + share * (to.lat - from.lat) + off * ((to.lng - from.lng) / eastDeg) * northDeg) });
    }
    sides.set(key, side);
    return side;
  };
  /** Counter-clockwise round the block of cells. */
  const outline = (i0: number, j0: number, i1: number, j1: number): UnitShape => {
    const outer: LngLat[] = [], back = (i: number, j: number, north: boolean) => { const side = sideOf(i, j, north); outer.push(north ? node(i, j + 1) : node(i + 1, j), ...side.slice(1).toReversed()); };
    for (let i = i0; i < i1; i++) outer.push(...sideOf(i, j0, false));
    for (let j = j0; j < j1; j++) outer.push(...sideOf(i1, j, true));
    for (let i = i1 - 1; i >= i0; i--) back(i, j1, false);
    for (let j = j1 - 1; j >= j0; j--) back(i0, j, true);
    return [{ outer, holes: [] }];
  };

  const units: MadeUpUnit[] = [{ level: 'city', code: prefix, names: { en: `City ${prefix}`, zh: `${prefix}市` }, parentCode: null, shape: outline(0, 0, across, up) }];
  const words: Record<string, [string, string]> = { county: ['County', '区'], township: ['Township', '街道'], community: ['Community', '社区'], grid: ['Grid', '网格'] };
  let blocks = [{ code: prefix, i0: 0, j0: 0, i1: across, j1: up }];
  for (const [level, [columns, rows]] of perLevel) {
    const next: typeof blocks = [];
    for (const block of blocks) {
      const wide = (block.i1 - block.i0) / columns, high = (block.j1 - block.j0) / rows;
      for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
        const code = `${block.code}-${String(row * columns + column + 1).padStart(2, '0')}`;
        const part = { code, i0: block.i0 + column * wide, j0: block.j0 + row * high, i1: block.i0 + (column + 1) * wide, j1: block.j0 + (row + 1) * high };
        units.push({ level, code, names: { en: `${words[level]![0]} ${code}`, zh: `${words[level]![1]} ${code}` }, parentCode: block.code, shape: outline(part.i0, part.j0, part.i1, part.j1) });
        next.push(part);
      }
    }
    blocks = next;
  }
  return units;
}

type Position = [number, number];
export type BoundaryFeature = { type: 'Feature'; properties: Record<string, unknown>; geometry: { type: 'Polygon'; coordinates: Position[][] } | { type: 'MultiPolygon'; coordinates: Position[][][] } };
/** As an export of other programs looks like: closed rings, longitude first. */
export function boundaryFile(units: readonly MadeUpUnit[]): { type: 'FeatureCollection'; features: BoundaryFeature[] } {
  const closed = (ring: LngLat[]): Position[] => [...ring, ring[0]!].map(({ lng, lat }) => [lng, lat]);
  return {
    type: 'FeatureCollection',
    features: units.map(({ level, code, names, parentCode, shape }) => {
      const parts = shape.map(({ outer, holes }) => [closed(outer), ...holes.map(closed)]);
      return { type: 'Feature', properties: { level, code, name_en: names.en, name_zh: names.zh, parent: parentCode }, geometry: parts.length === 1 ? { type: 'Polygon', coordinates: parts[0]! } : { type: 'MultiPolygon', coordinates: parts } };
    }),
  };
}

const rounded = (degrees: number) => Math.round(degrees * 1e7) / 1e7;
/** The same numbers for the same place, whoever asks first. */
function chanceOf(seed: number, kind: number, i: number, j: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(kind, 0x85ebca6b) ^ Math.imul(i + 7, 0xc2b2ae35) ^ Math.imul(j + 13, 0x27d4eb2f);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
