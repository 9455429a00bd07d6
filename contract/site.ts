// A watched place: its metric grid, its zones with their limits, its sensors with their placing. No secret is ever in here.
import Type from 'typebox';
import { FlowLine } from './flow.ts';
import { GridSpec, LngLat, PicturePoint, SitePoint } from './geometry.ts';
import { ZoneKind, ZoneLimits } from './level.ts';
import { id, literals, nullable, strictObject } from './schema.ts';

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

/** From which level on an alarm that is over waits for somebody to take note of it. */
const LatchFromLevel = literals(['notice', 'warning', 'danger', 'critical', 'never']);
// Type.Enum of literals() takes no options: the words of this field are laid on afterwards.
Object.assign(LatchFromLevel, {
  title: 'keep until acknowledged, from this level', description: 'An alarm that reached this level and is over stays in the list until somebody has acknowledged it.', default: 'danger', zh: '从该等级起须确认后才消失', descriptionZh: '曾达到该等级的报警缓解后仍留在列表中,直到有人确认。',
  choices: { notice: { en: 'notice', zh: '提示' }, warning: { en: 'warning', zh: '警告' }, danger: { en: 'danger', zh: '危险' }, critical: { en: 'critical', zh: '严重' }, never: { en: 'never', zh: '从不' } },
});
const repeatS = (title: string, zh: string, seconds: number) => Type.Integer({ title, description: 'How often an alarm that nobody acknowledged sounds again. 0: never; otherwise at least 15 s.', unit: 's', default: seconds, minimum: 0, maximum: 3600, zh, descriptionZh: '无人确认的报警隔多久再次发声。0 表示不重复;否则至少 15 秒。' });
/** How the alarms of a place behave. What is left out has its default; cameras and lines have the defaults. */
export const AlarmSettings = strictObject({
  priorityShift: Type.Optional(Type.Integer({ title: 'how much the place matters', description: 'Its alarms are one step more urgent (1) or less (-1) than their level says.', default: 0, minimum: -1, maximum: 1, zh: '场所重要程度', descriptionZh: '其报警比等级所示紧急一级(1)或缓一级(-1)。' })),
  latchFromLevel: Type.Optional(LatchFromLevel),
  repeatUrgentEveryS: Type.Optional(repeatS('repeat high and urgent alarms every', '高优先级和紧急报警重复间隔', 60)),
  repeatEveryS: Type.Optional(repeatS('repeat other alarms every', '其他报警重复间隔', 300)),
});
export type AlarmSettings = Type.Static<typeof AlarmSettings>;
export const ALARM_SETTINGS_DEFAULT: Required<AlarmSettings> = { priorityShift: 0, latchFromLevel: 'danger', repeatUrgentEveryS: 60, repeatEveryS: 300 };

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
  /** Left out: all defaults. */
  alarms: Type.Optional(AlarmSettings),
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

/** Parts of a picture that nobody looks at: not the count, not a person. Each a simple ring, in shares of the picture. */
export const MASKS_MOST = 20, MASK_CORNERS_MOST = 50;
export const MaskPolygons = Type.Array(Type.Array(PicturePoint, { minItems: 3, maxItems: MASK_CORNERS_MOST }), { maxItems: MASKS_MOST });
export type MaskPolygons = Type.Static<typeof MaskPolygons>;
export const Masks = strictObject({
  /** Grows by one with each change, also with one that takes all of them away; a picture names the one it was made with. */
  version: Type.Integer({ minimum: 1 }),
  polygons: MaskPolygons,
});
export type Masks = Type.Static<typeof Masks>;

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
  /** Left out: none was ever drawn (version 0). */
  masks: Type.Optional(Masks),
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
