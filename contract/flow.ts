// How a crowd moves: mean velocity, its spread and the share that goes against it, for cells, zones and drawn lines. Of motion in the picture, never of persons.
import Type from 'typebox';
import { SitePoint } from './geometry.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';

/** Velocities on the wire: one byte, 127 is standing, one step 0.025 m/s, so up to 3.175 m/s either way (a run is about 3 m/s); 255 unknown. */
export const VELOCITY_STEP_M_PER_S = 0.025;
const VELOCITY_CODE_ZERO = 127;
export const FLOW_CODE_UNKNOWN = 255;
const clamped = (code: number): number => Math.max(0, Math.min(254, Math.round(code)));
export const velocityCode = (mPerS: number | null): number => (mPerS === null || !Number.isFinite(mPerS) ? FLOW_CODE_UNKNOWN : clamped(VELOCITY_CODE_ZERO + mPerS / VELOCITY_STEP_M_PER_S));
/** m/s for each code; NaN for unknown. */
export const M_PER_S_OF_VELOCITY_CODE: Float64Array = Float64Array.from({ length: 256 }, (_, code) => (code === FLOW_CODE_UNKNOWN ? Number.NaN : (code - VELOCITY_CODE_ZERO) * VELOCITY_STEP_M_PER_S));
/** Standard deviation of the velocity about its mean (root of the summed variance of both components): one step 0.0125 m/s, up to 3.175. */
export const SPREAD_STEP_M_PER_S = 0.0125;
export const spreadCode = (mPerS: number | null): number => (mPerS === null || !Number.isFinite(mPerS) ? FLOW_CODE_UNKNOWN : clamped(mPerS / SPREAD_STEP_M_PER_S));
export const M_PER_S_OF_SPREAD_CODE: Float64Array = Float64Array.from({ length: 256 }, (_, code) => (code === FLOW_CODE_UNKNOWN ? Number.NaN : code * SPREAD_STEP_M_PER_S));
/** Shares 0..1 in 254 steps. */
export const shareCode = (share: number | null): number => (share === null || !Number.isFinite(share) ? FLOW_CODE_UNKNOWN : clamped(share * 254));
export const SHARE_OF_CODE: Float64Array = Float64Array.from({ length: 256 }, (_, code) => (code === FLOW_CODE_UNKNOWN ? Number.NaN : code / 254));

/** Rasters over the window of a reading, row by row from the south. All four are 255 where nothing that moves or could be followed was seen. */
export type FlowRasters = {
  /** velocityCode() of the mean velocity to the east and to the north. */
  eastCodes: Uint8Array; northCodes: Uint8Array;
  /** spreadCode() of the velocities within the cell. */
  spreadCodes: Uint8Array;
  /** shareCode() of what moves against the cell's own mean direction (more than 90 degrees off). */
  counterCodes: Uint8Array;
};

/** Flow of one zone, weighted by the people in each cell. */
export const ZoneFlow = strictObject({
  eastMPerS: Type.Number(), northMPerS: Type.Number(),
  /** Variance of the velocity, both components, within and between cells. */
  velocityVarianceM2PerS2: Type.Number({ minimum: 0 }),
  /** Share of the moving people who go against the zone's main direction, 0..0.5. */
  counterShare: Type.Number({ minimum: 0, maximum: 1 }),
  /** Crowd pressure, density x velocity variance, 1/s2; 0.02 and more was seen where a crowd turned turbulent (Helbing et al. 2007, PhysRevE 75.046109). */
  pressurePerS2: Type.Number({ minimum: 0 }),
  /** Share of the people seen whose motion is known. */
  knownShare: Type.Number({ minimum: 0, maximum: 1 }),
});
export type ZoneFlow = Type.Static<typeof ZoneFlow>;

export const LINE_SURFACES = ['level', 'stairs'] as const;
/** Exit flow limits in people per metre of width and minute: UK Green Guide as used by a council; 82 on the level, 66 on stairs. */
export const FLOW_LIMITS_PEOPLE_PER_M_MIN: Record<(typeof LINE_SURFACES)[number], number> = { level: 82, stairs: 66 };

/** A line drawn across a way. `in` is from the left of a -> b to its right, as seen when looking along it from a to b. */
export const FlowLine = strictObject({
  lineId: id('line'), siteId: id('site'),
  name: Type.String({ title: 'name', minLength: 1, maxLength: 80 }),
  a: SitePoint, b: SitePoint,
  surface: literals(LINE_SURFACES),
  /** Rule name -> settings that differ from the rule's defaults. */
  rules: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
});
export type FlowLine = Type.Static<typeof FlowLine>;

export const LineFigures = strictObject({
  /** Means over the last minute or as long as it was seen. */
  inPeoplePerMin: Type.Number({ minimum: 0 }), outPeoplePerMin: Type.Number({ minimum: 0 }),
  /** One standard deviation of each. */
  errorPeoplePerMin: Type.Number({ minimum: 0 }),
  /** Both directions together, per metre of the line that is seen. */
  peoplePerMMin: Type.Number({ minimum: 0 }),
  /** Share of the line's length that is seen. */
  seenShare: Type.Number({ minimum: 0, maximum: 1 }),
  overMs: Type.Number({ minimum: 0 }),
});
export type LineFigures = Type.Static<typeof LineFigures>;
/** `figures` null: nobody can say now. */
export const LineState = strictObject({ lineId: id('line'), sinceMs: instantMs('since'), figures: nullable(LineFigures) });
export type LineState = Type.Static<typeof LineState>;
