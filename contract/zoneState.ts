// How crowded a zone is now, or why nobody can say.
import Type from 'typebox';
import { ZoneFlow } from './flow.ts';
import { ZoneForecast } from './forecast.ts';
import { Level } from './level.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';
import { PICTURE_FAULTS } from './sight.ts';

/** Half of the 90 % interval, in standard deviations: what stands behind a "±" wherever a person reads it. */
export const HALF_INTERVAL_90 = 1.645;

/** Figures of one zone. Errors are one standard deviation. */
export const ZoneFigures = strictObject({
  peoplePerM2Mean: Type.Number({ minimum: 0 }),
  peoplePerM2Error: Type.Number({ minimum: 0 }),
  /** The densest patch of about 4 m2 or one cell, whichever is larger. */
  peoplePerM2Peak: Type.Number({ minimum: 0 }),
  /** People in the seen part, scaled to nothing: what is not seen is not counted. */
  peopleCount: Type.Number({ minimum: 0 }),
  peopleCountError: Type.Number({ minimum: 0 }),
  /** Share of the zone's area that is seen now, 0..1. */
  seenShare: Type.Number({ minimum: 0, maximum: 1 }),
  seenAreaM2: Type.Number({ minimum: 0 }),
  /** Null where no motion is known. */
  flow: nullable(ZoneFlow),
  /** Oldest capture that went into it. */
  capturedAtMs: instantMs('captured at'),
});
export type ZoneFigures = Type.Static<typeof ZoneFigures>;

export const BLIND_REASONS = ['noSensor', 'neverSeen', 'sensorSilent', 'tooLittleSeen', ...PICTURE_FAULTS] as const;

/** Blind never looks like calm: it has no level, only the last figures with their age. */
export const ZoneState = Type.Union([
  strictObject({ zoneId: id('zone'), sight: Type.Literal('seen'), level: Level, figures: ZoneFigures, forecast: nullable(ZoneForecast) }),
  strictObject({ zoneId: id('zone'), sight: Type.Literal('blind'), because: literals(BLIND_REASONS), sinceMs: instantMs('blind since'), lastFigures: nullable(ZoneFigures) }),
]);
export type ZoneState = Type.Static<typeof ZoneState>;
