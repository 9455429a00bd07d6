// What the pages of incidents ask of the server. Every question has a time limit; a step that got no answer is asked again under the same id and is one step.
import type { Board, HandOver, HandOverBody, IncidentAnswer, IncidentCommandBody, IncidentPage, ReportBody, Statistics, UnitList, UnitPeople } from '../../contract/apiIncidents.ts';
import type { Attachment, Incident, IncidentChanged } from '../../contract/incident.ts';
import { PROBLEMS, type ProblemNote } from '../../contract/problem.ts';
import { askServer } from '../parts/askServer.ts';
import { ask, type Answer } from '../setup/api.ts';

export type { Answer, Trouble } from '../setup/api.ts';

/** Only what is asked for stands in the address. */
export type IncidentQuery = { state?: 'open' | 'closed' | 'all'; unitId?: string; category?: string; severity?: string; step?: string; siteId?: string; memberId?: string; exercise?: boolean; overdue?: boolean; text?: string; sinceMs?: number; untilMs?: number; order?: 'newest' | 'due' | 'age'; after?: string; most?: number };
export type StatisticsQuery = { unitId?: string; sinceMs: number; untilMs: number; by: 'unit' | 'category' | 'step'; exercise?: boolean; language?: 'en' | 'zh' };

const path = (...parts: string[]) => `/api/${parts.map(encodeURIComponent).join('/')}`;
const withQuery = (address: string, query: Record<string, string | number | boolean | undefined>): string => {
  const words = Object.entries(query).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name}=${encodeURIComponent(String(value))}`]));
  return words.length === 0 ? address : `${address}?${words.join('&')}`;
};
const UPLOAD_MOST_MS = 60_000;

export const incidentsApi = {
  page: (query: IncidentQuery) => ask<IncidentPage>('GET', withQuery(path('incidents'), query)),
  incident: (incidentId: string) => ask<IncidentAnswer>('GET', path('incidents', incidentId)),
  events: (incidentId: string, after: number) => ask<{ events: IncidentChanged[] }>('GET', withQuery(path('incidents', incidentId, 'events'), { after })),
  report: (body: ReportBody) => ask<Incident>('POST', path('incidents'), body),
  command: (incidentId: string, body: IncidentCommandBody) => ask<Incident>('POST', path('incidents', incidentId, 'commands'), body),
  board: (unitId: string) => ask<Board>('GET', withQuery(path('incidents', 'board'), { unitId })),
  statistics: (query: StatisticsQuery) => ask<Statistics>('GET', withQuery(path('incidents', 'statistics'), query)),
  statisticsCsv: (query: StatisticsQuery) => withQuery(path('incidents', 'statistics'), { ...query, format: 'csv' }),
  handOver: (unitId: string, body: HandOverBody) => ask<HandOver>('POST', path('units', unitId, 'handover'), body),
  handOvers: (unitId: string) => ask<{ handOvers: HandOver[] }>('GET', path('units', unitId, 'handovers')),
  units: () => ask<UnitList>('GET', path('units')),
  people: (unitId: string) => ask<UnitPeople>('GET', path('units', unitId, 'people')),
  categories: (unitId: string | null) => ask<{ categories: { category: string; names: { en: string; zh: string } }[] }>('GET', withQuery(path('categories'), { unitId: unitId ?? undefined })),
  attach, attachmentAddress: (sha256: string, incidentId: string) => withQuery(path('attachments', sha256), { incidentId }),
};

/** The bytes go first and are kept under their sum; the step that names them comes after. */
async function attach(file: Blob, name: string): Promise<Answer<Attachment>> {
  const address = path('attachments');
  try {
    const response = await askServer(address, { method: 'POST', headers: { 'content-type': file.type === '' ? 'application/octet-stream' : file.type.split(';')[0]!, 'x-file-name': encodeURIComponent(name.slice(0, 100)) }, body: file, signal: AbortSignal.timeout(UPLOAD_MOST_MS), credentials: 'same-origin' });
    const said: unknown = await response.json().catch(() => null);
    if (response.ok && said !== null) return { ok: true, value: said as Attachment };
    const isNote = typeof said === 'object' && said !== null && 'code' in said && Object.hasOwn(PROBLEMS, String(said.code));
    return { ok: false, trouble: isNote ? { from: 'server', note: said as ProblemNote } : { from: 'line', detail: `POST ${address}: ${response.status}` } };
  } catch (error) { return { ok: false, trouble: { from: 'line', detail: `POST ${address}: ${String(error)}` } }; }
}

/** crypto.randomUUID is missing on plain http, where a closed network may well be. */
export const newCommandId = () => `c${Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
