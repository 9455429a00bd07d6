// The HTTP border: bodies and answers. Every error answer is a ProblemNote with its HTTP status.
import Type from 'typebox';
import { Right } from './access.ts';
import { Alarm } from './alarm.ts';
import { FlowLine, LineState, ZoneFlow } from './flow.ts';
import { IncidentLine } from './incident.ts';
import { LngLat, SitePoint, GridSpec } from './geometry.ts';
import { ZoneKind, ZoneLimits } from './level.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';
import { SensorStatus, StreamFacts } from './sensorStatus.ts';
import { AlarmSettings, Calibration, PointPair, RuleSettings, SiteConfig } from './site.ts';
import { ZoneState } from './zoneState.ts';

const name = Type.String({ title: 'name', minLength: 1, maxLength: 80 });

/** GET /api/overview: all that a screen needs to begin; then /live?after=lastSeq. */
export const Overview = strictObject({
  serverAtMs: instantMs('server clock'), lastSeq: Type.Integer({ minimum: 0 }), buildId: Type.String(),
  sites: Type.Array(SiteConfig),
  zones: Type.Array(strictObject({ siteId: id('site'), judgedAtMs: instantMs('judged at'), states: Type.Array(ZoneState), lines: Type.Array(LineState) })),
  sensors: Type.Array(SensorStatus),
  /** Open ones, and the closed ones of the last day (at most 500). */
  alarms: Type.Array(Alarm),
  /** Open incidents, at most 2000, newest first. */
  incidents: Type.Array(IncidentLine),
  /** Grows with each change of units, people and playbooks; 0 while there are none. */
  unitsVersion: Type.Integer({ minimum: 0 }),
  /** What whoever asks may do at each site: what a page offers there. The server judges each step anew. */
  mayAt: Type.Optional(Type.Record(id('site'), Type.Array(Right))),
  /** File names of the base maps in the data folder; /basemap/NAME serves byte ranges. */
  basemaps: Type.Array(Type.String()),
});
export type Overview = Type.Static<typeof Overview>;

/** POST /api/sites, PUT /api/sites/:siteId -> SiteConfig. DELETE /api/sites/:siteId -> 204. */
export const SiteBody = strictObject({ name, origin: LngLat, grid: GridSpec });
export type SiteBody = Type.Static<typeof SiteBody>;

/** POST /api/sites/:siteId/zones, PUT /api/zones/:zoneId -> Zone. DELETE -> 204. */
export const ZoneBody = strictObject({ name, kind: ZoneKind, limits: ZoneLimits, polygon: Type.Array(SitePoint, { minItems: 3, maxItems: 200 }), rules: Type.Optional(Type.Record(Type.String(), RuleSettings)), alarms: Type.Optional(AlarmSettings) });
export type ZoneBody = Type.Static<typeof ZoneBody>;

/** POST /api/sites/:siteId/lines, PUT /api/lines/:lineId -> FlowLine. DELETE -> 204. */
export const LineBody = strictObject({ name, a: SitePoint, b: SitePoint, surface: FlowLine.properties.surface, rules: Type.Optional(Type.Record(Type.String(), RuleSettings)) });
export type LineBody = Type.Static<typeof LineBody>;

/** POST /api/sites/:siteId/sensors -> Sensor. `settings` is checked by the kind's own schema. */
export const SensorBody = strictObject({ name, kind: Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,31}$' }), settings: Type.Record(Type.String(), Type.Unknown()), enabled: Type.Optional(Type.Boolean()) });
export type SensorBody = Type.Static<typeof SensorBody>;

/** PUT /api/sensors/:sensorId -> Sensor. Left out: stays as it is (so a password need not be typed again). DELETE -> 204. */
export const SensorChange = strictObject({ name: Type.Optional(name), settings: Type.Optional(Type.Record(Type.String(), Type.Unknown())), enabled: Type.Optional(Type.Boolean()) });
export type SensorChange = Type.Static<typeof SensorChange>;

/** PUT /api/sensors/:sensorId/calibration -> Sensor; null takes the placing away. */
export const CalibrationBody = nullable(strictObject({
  position: SitePoint, heightM: Calibration.properties.heightM, bearingDeg: Calibration.properties.bearingDeg, headHeightM: Calibration.properties.headHeightM,
  pictureAspect: Calibration.properties.pictureAspect, points: Type.Array(PointPair, { minItems: 4, maxItems: 64 }), lens: Calibration.properties.lens, rangeMostM: Calibration.properties.rangeMostM,
}));
export type CalibrationBody = Type.Static<typeof CalibrationBody>;

// POST /api/sensors/:sensorId/view -> 204: the view as it is now is right, without placing anew. Problems: cameraNotPlaced, cameraNotCounting (no picture, or one that cannot be counted from).

/** POST /api/sensors/test: tries an address without adding it. Answers within 20 s. */
export const SensorTestBody = strictObject({ kind: Type.String(), settings: Type.Record(Type.String(), Type.Unknown()) });
export type SensorTestBody = Type.Static<typeof SensorTestBody>;
export const SensorTestAnswer = strictObject({
  stream: StreamFacts,
  clockSkewMs: nullable(Type.Number()),
  firstPictureMs: Type.Number({ minimum: 0 }),
  /** JPEG, at most 1280 px wide, base64. */
  pictureJpegBase64: Type.String(),
});
export type SensorTestAnswer = Type.Static<typeof SensorTestAnswer>;

/** POST /api/alarms/:alarmId/acknowledge -> Alarm. The same commandId twice is one step. */
export const AcknowledgeBody = strictObject({ commandId: id('command'), by: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })) });
export type AcknowledgeBody = Type.Static<typeof AcknowledgeBody>;

/** GET /api/alarms?beforeMs=&most= -> closed and open alarms, newest first. */
export const AlarmPage = strictObject({ alarms: Type.Array(Alarm), more: Type.Boolean() });
export type AlarmPage = Type.Static<typeof AlarmPage>;

/** Under this many people in a zone no number is kept, so that no row can single anybody out (docs/PRIVACY.md). A setting may raise it, nothing may lower it. */
export const ANONYMITY_FLOOR_PEOPLE = 3;

/** One minute of a zone's stored past. `few`: seen, but under the anonymity floor, so no number is kept. */
export const ZoneMinute = Type.Union([
  strictObject({ minuteAtMs: instantMs('minute'), kept: Type.Literal('figures'), peoplePerM2Mean: Type.Number(), peoplePerM2Error: Type.Number(), peoplePerM2Peak: Type.Number(), peopleCount: Type.Number(), seenShare: Type.Number(), flow: Type.Optional(nullable(ZoneFlow)) }),
  strictObject({ minuteAtMs: instantMs('minute'), kept: Type.Literal('few') }),
]);
export type ZoneMinute = Type.Static<typeof ZoneMinute>;
/** GET /api/zones/:zoneId/past?minutes=120 -> the stored minutes, oldest first; missing minutes were blind. */
export const ZonePast = strictObject({ zoneId: id('zone'), minutes: Type.Array(ZoneMinute) });
export type ZonePast = Type.Static<typeof ZonePast>;

/** GET /api/kinds: the kinds of sensor and rule that are installed, with the schema of their settings (forms are made of it) and their words. */
export const KindWords = Type.Record(Type.String(), Type.String());
export const Kinds = strictObject({
  sensors: Type.Array(strictObject({ kind: Type.String(), title: strictObject({ en: Type.String(), zh: Type.String() }), settings: Type.Unknown() })),
  /** `place`: what it judges; only rules of zones are set with a zone. */
  rules: Type.Array(strictObject({ rule: Type.String(), place: Type.Optional(literals(['zone', 'sensor', 'line'])), title: strictObject({ en: Type.String(), zh: Type.String() }), settings: Type.Unknown(), because: strictObject({ en: KindWords, zh: KindWords }) })),
});
export type Kinds = Type.Static<typeof Kinds>;

// GET /api/sensors/:sensorId/picture -> image/jpeg (newest, at most about one a second; header x-captured-at-ms), 404 problem when there is none yet.
