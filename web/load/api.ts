// What the pages of alarm discipline ask of the server. Every question has a time limit.
import type { Alarm, Silence } from '../../contract/alarm.ts';
import type { AlarmLoad, ExerciseBody, SilenceBody, WhatIfAnswer, WhatIfBody } from '../../contract/apiAlarms.ts';
import { ask } from '../setup/api.ts';

export type LoadQuery = { sinceMs: number; operators: number; siteId: string | null; demo: boolean };

export const loadApi = {
  load: ({ sinceMs, operators, siteId, demo }: LoadQuery) => ask<AlarmLoad>('GET', `/api/alarms/load?sinceMs=${Math.round(sinceMs)}&operators=${operators}${siteId === null ? '' : `&siteId=${encodeURIComponent(siteId)}`}${demo ? '&demo=true' : ''}`),
  whatIf: (body: WhatIfBody) => ask<WhatIfAnswer>('POST', '/api/alarms/whatIf', body),
  silences: () => ask<{ silences: Silence[] }>('GET', '/api/silences'),
  addSilence: (body: SilenceBody) => ask<Silence>('POST', '/api/silences', body),
  removeSilence: (silenceId: string) => ask<null>('DELETE', `/api/silences/${encodeURIComponent(silenceId)}`),
  exercise: (siteId: string, body: ExerciseBody) => ask<Alarm>('POST', `/api/sites/${encodeURIComponent(siteId)}/exercise`, body),
};
