// The tree of areas: city > county > township > community > grid. Each with its outline, its names, who is on duty in it and what it wants.
import Type from 'typebox';
import { LngLat } from './geometry.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';

export const UNIT_LEVELS = ['city', 'county', 'township', 'community', 'grid'] as const;
export const UnitLevel = literals(UNIT_LEVELS);
export type UnitLevel = Type.Static<typeof UnitLevel>;
/** 0 for a city, 4 for a grid. */
export const unitDepth = (level: UnitLevel): number => UNIT_LEVELS.indexOf(level);

/** Names and sentences that people write, in both languages; where only one was given both are the same. */
export const BothWords = (most: number) => strictObject({ en: Type.String({ minLength: 1, maxLength: most }), zh: Type.String({ minLength: 1, maxLength: most }) });
export const UnitNames = BothWords(120);
export type UnitNames = Type.Static<typeof UnitNames>;

/** A ring that is not closed (the first corner is not repeated), WGS-84. */
export const LngLatRing = Type.Array(LngLat, { minItems: 3, maxItems: 20_000 });
export type LngLatRing = Type.Static<typeof LngLatRing>;
export const UnitPolygon = strictObject({ outer: LngLatRing, holes: Type.Array(LngLatRing, { maxItems: 200 }) });
export type UnitPolygon = Type.Static<typeof UnitPolygon>;
/** An area may lie in several parts (exclaves, islands). */
export const UnitShape = Type.Array(UnitPolygon, { minItems: 1, maxItems: 500 });
export type UnitShape = Type.Static<typeof UnitShape>;

export const UnitCode = Type.String({ title: 'code', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$' });

/** What screens hold of each unit; the outline is asked for apart, it may be large. */
export const Unit = strictObject({
  unitId: id('unit'),
  level: UnitLevel,
  code: UnitCode,
  names: UnitNames,
  /** Null for a unit at the top. Always of a higher level; levels may be left out between. */
  parentId: nullable(id('unit')),
  /** Grows by one with each change of names, place in the tree or outline. */
  version: Type.Integer({ minimum: 1 }),
  /** South-west and north-east corner of the outline. */
  bounds: strictObject({ southWest: LngLat, northEast: LngLat }),
  areaM2: Type.Number({ minimum: 0 }),
  demo: Type.Boolean(),
});
export type Unit = Type.Static<typeof Unit>;

/** From the grid up to the top. */
export type UnitChain = Unit[];

// --- people on duty: whom to ask, and by what. No scores, no counts, no times of single people are ever kept of them (docs/PRIVACY.md).
export const DUTIES = ['fieldWorker', 'operator', 'dutyOfficer'] as const;
export const Duty = literals(DUTIES);
export type Duty = Type.Static<typeof Duty>;

/** One way to reach somebody; the first that works is taken, the others are the ladder it falls down. */
export const Contact = strictObject({ channelId: id('channel'), address: Type.String({ maxLength: 1000 }) });
export type Contact = Type.Static<typeof Contact>;

export const Member = strictObject({
  memberId: id('member'), unitId: id('unit'),
  name: Type.String({ title: 'name', minLength: 1, maxLength: 80 }),
  duty: Duty,
  language: literals(['en', 'zh']),
  contacts: Type.Array(Contact, { maxItems: 8 }),
  enabled: Type.Boolean(),
});
export type Member = Type.Static<typeof Member>;

/** Recurring hours on duty, in the time zone of the installation (setting timeZone). An end at or before the start is the next day. */
export const Shift = strictObject({
  shiftId: id('shift'), unitId: id('unit'), memberId: id('member'),
  /** 1 Monday .. 7 Sunday: the day on which it starts. */
  weekdays: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7 }),
  startMinute: Type.Integer({ title: 'starts, minute of the day', minimum: 0, maximum: 1439 }),
  endMinute: Type.Integer({ title: 'ends, minute of the day', minimum: 0, maximum: 1439 }),
  /** Lower is asked first. */
  order: Type.Integer({ minimum: 0, maximum: 1000 }),
});
export type Shift = Type.Static<typeof Shift>;

/** Why a feature of a boundary file cannot be taken, one line each. */
export const UNIT_FAULTS = ['notAPolygon', 'coordinatesWrong', 'crossesItself', 'tooSmall', 'codeMissing', 'codeTwice', 'nameMissing', 'levelUnknown', 'parentUnknown', 'parentLevelWrong', 'outsideParent', 'overlaps', 'gap', 'cycle'] as const;
export const UnitFault = strictObject({
  /** Number of the feature in the file, from 0; null for what lies between features (gaps). */
  feature: nullable(Type.Integer({ minimum: 0 })),
  code: Type.String({ maxLength: 120 }), name: Type.String({ maxLength: 240 }),
  fault: literals(UNIT_FAULTS),
  /** refuses: nothing is imported while there is one. warns: told, and imported all the same when asked to. */
  weight: literals(['refuses', 'warns']),
  /** The other one (overlap, parent), its code. */
  otherCode: nullable(Type.String({ maxLength: 120 })),
  /** Where to look, and how much: m2 of an overlap, gap or part outside. */
  at: nullable(LngLat), areaM2: nullable(Type.Number({ minimum: 0 })),
  detail: nullable(Type.String({ maxLength: 300 })),
});
export type UnitFault = Type.Static<typeof UnitFault>;

/** What stood in another grid before a border moved; kept as an event of its own. */
export const UnitMove = strictObject({ what: literals(['site', 'sensor', 'incident']), id: Type.String({ maxLength: 64 }), name: Type.String({ maxLength: 200 }), fromUnitId: nullable(id('unit')), toUnitId: nullable(id('unit')) });
export type UnitMove = Type.Static<typeof UnitMove>;
/** A change of the tree, as it is recorded: never overwritten. */
export const UnitChange = strictObject({
  changeId: Type.Integer({ minimum: 1 }), atMs: instantMs('at'), by: Type.String({ maxLength: 80 }),
  what: literals(['imported', 'added', 'changed', 'removed']), unitIds: Type.Array(id('unit'), { maxItems: 50_000 }), unitCount: Type.Integer({ minimum: 0 }), moves: Type.Array(UnitMove),
});
export type UnitChange = Type.Static<typeof UnitChange>;
