// What a zone will be like in some minutes, with an interval; said only where it was better than "as it is now" on days it had not seen.
import Type from 'typebox';
import { id, instantMs, strictObject } from './schema.ts';

export const FORECAST_MINUTES = [5, 10, 15] as const;

export const ForecastPoint = strictObject({
  aheadMinutes: Type.Integer({ minimum: 1, maximum: 60 }),
  peoplePerM2: Type.Number({ minimum: 0 }),
  /** 90 % interval. */
  peoplePerM2Low: Type.Number({ minimum: 0 }), peoplePerM2High: Type.Number({ minimum: 0 }),
  /** 1 - its mean absolute error / that of persistence, on held-out days of this zone. Only points with skill above 0 are ever made. */
  skillShare: Type.Number({ maximum: 1 }),
});
export type ForecastPoint = Type.Static<typeof ForecastPoint>;

/** `points` empty: it has no skill here (yet) and says nothing. */
export const ZoneForecast = strictObject({ zoneId: id('zone'), madeAtMs: instantMs('made at'), points: Type.Array(ForecastPoint, { maxItems: 6 }) });
export type ZoneForecast = Type.Static<typeof ZoneForecast>;
/** Older than this a forecast is no longer shown or judged. */
export const FORECAST_STALE_AFTER_MS = 150_000;
