// A watched place: its metric grid, its zones with their limits, its sensors with their placing. No secret is ever in here.
import Type from 'typebox';
import { FlowLine } from './flow.ts';
import { GridSpec, LngLat, PicturePoint, SitePoint } from './geometry.ts';
import { ZoneKind, ZoneLimits } from './level.ts';
import { id, nullable, strictObject } from './schema.ts';

const name = Type.String({ title: 'name', minLength: 1, maxLength: 80 });

export const Site = strictObject({
  siteId: id('site'),
  name,
  origin: LngLat, // the south-west corner of the grid
  grid: GridSpec,
  demo: Type.Boolean({ title: 'a demonstration, marked so everywhere' }),
});
export type Site = Type.Static<typeof Site>;

/** Settings of one rule for one place; each rule's own file has the schema. */
export const RuleSettings = Type.Record(Type.String(), Type.Unknown());
export type RuleSettings = Type.Static<typeof RuleSettings>;

export const Zone = strictObject({
  zoneId: id('zone'),
  siteId: id('site'),
  name,
  kind: ZoneKind,
  limits: ZoneLimits,
  /** A simple ring, not closed (the first corner is not repeated), in the site's metres. */
  polygon: Type.Array(SitePoint, { minItems: 3, maxItems: 200 }),
  /** Rule name -> settings that differ from the rule's defaults. */
  rules: Type.Record(Type.String(), RuleSettings),
});
export type Zone = Type.Static<typeof Zone>;

/**
 * Radial lens distortion (Brown 1966, the first two terms) about the middle of the picture: a point at distance r from the middle, in halves of the picture's diagonal, of a
 * picture without distortion is seen at r * (1 + k1 r² + k2 r⁴). Barrel (wide lenses) is negative k1.
 */
export const Lens = strictObject({ k1: Type.Number({ title: 'lens distortion k1', minimum: -0.6, maximum: 0.6, default: 0 }), k2: Type.Number({ title: 'lens distortion k2', minimum: -0.3, maximum: 0.3, default: 0 }) });
export type Lens = Type.Static<typeof Lens>;

export const PointPair = strictObject({ picture: PicturePoint, ground: SitePoint });
export type PointPair = Type.Static<typeof PointPair>;

/** Where a camera stands and how its picture lies on the ground. */
export const Calibration = strictObject({
  /** Grows by one with each change; a reading names the one it was made with. */
  version: Type.Integer({ minimum: 1 }),
  position: SitePoint,
  heightM: Type.Number({ title: 'camera height above the ground, metres', minimum: 2, maximum: 300 }),
  /** Compass bearing of the middle of the picture, degrees clockwise from north. */
  bearingDeg: Type.Number({ minimum: 0, maximum: 360 }),
  /** Height of people's heads above the ground: heads are what is counted. 1.6 m: mean standing head centre of adults. */
  headHeightM: Type.Number({ title: 'height of heads, metres', minimum: 0.5, maximum: 2.2, default: 1.6 }),
  /** Width / height of the picture that the points were set in. Another shape of picture makes the placing doubtful. */
  pictureAspect: Type.Number({ minimum: 0.2, maximum: 5 }),
  points: Type.Array(PointPair, { minItems: 4, maxItems: 64 }),
  /** Left out: straight lines are straight. */
  lens: Type.Optional(Lens),
  /** Ground farther than this from the camera counts as unknown. Null: as far as a head is large enough in the picture. */
  rangeMostM: nullable(Type.Number({ minimum: 1, maximum: 1000 })),
});
export type Calibration = Type.Static<typeof Calibration>;

/** Everything of a sensor that screens and deciders need; addresses and passwords stay with the store and ingest. */
export const Sensor = strictObject({
  sensorId: id('sensor'),
  siteId: id('site'),
  name,
  /** File name of its kind in worker/sensors/. */
  kind: Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,31}$' }),
  /** Shown address: no user, no password, no query. */
  addressShown: Type.String({ maxLength: 2000 }),
  enabled: Type.Boolean(),
  calibration: nullable(Calibration),
});
export type Sensor = Type.Static<typeof Sensor>;

/** What one version of a site looks like: the `rules` that step() is given. Kept for each version, so that a recording replays exactly. */
export const SiteConfig = strictObject({
  version: Type.Integer({ minimum: 1 }),
  site: Site,
  zones: Type.Array(Zone, { maxItems: 500 }),
  /** Left out: none is drawn. */
  lines: Type.Optional(Type.Array(FlowLine, { maxItems: 200 })),
  sensors: Type.Array(Sensor, { maxItems: 500 }),
});
export type SiteConfig = Type.Static<typeof SiteConfig>;
