// What the pages of privacy ask of the server.
import type { Hold, HoldBody, MaskLift, MasksBody, PurgeReport, PurgeReports, Retention, RetentionSet } from '../../contract/privacy.ts';
import type { Sensor } from '../../contract/site.ts';
import { askServer } from '../parts/askServer.ts';
import { ask, type Answer } from '../setup/api.ts';

const STILL_MOST_MS = 20_000;
const sensor = (sensorId: string, part: string) => `/api/sensors/${encodeURIComponent(sensorId)}/${part}`;

export const privacyApi = {
  retention: (unitId: string | null) => ask<Retention>('GET', `/api/privacy/retention${unitId === null ? '' : `?unitId=${encodeURIComponent(unitId)}`}`),
  keepRetention: (set: RetentionSet) => ask<Retention>('PUT', '/api/privacy/retention', set),
  holds: () => ask<{ serverAtMs: number; holds: Hold[] }>('GET', '/api/privacy/holds'),
  addHold: (body: HoldBody) => ask<Hold>('POST', '/api/privacy/holds', body),
  endHold: (holdId: string) => ask<Hold>('DELETE', `/api/privacy/holds/${encodeURIComponent(holdId)}`),
  purges: () => ask<PurgeReports>('GET', '/api/privacy/purges'),
  dryRun: () => ask<PurgeReport>('POST', '/api/privacy/purges/dry', {}),
  assessmentAddress: (unitId: string | null, language: 'en' | 'zh', format: 'markdown' | 'html') => `/api/privacy/assessment?language=${language}&format=${format}${unitId === null ? '' : `&unitId=${encodeURIComponent(unitId)}`}`,
  masks: (sensorId: string, body: MasksBody) => ask<Sensor>('PUT', sensor(sensorId, 'masks'), body),
  lift: (sensorId: string) => ask<{ lift: MaskLift | null }>('GET', sensor(sensorId, 'maskLift')),
  liftMasks: (sensorId: string, body: { reason: string; minutes: number }) => ask<MaskLift>('POST', sensor(sensorId, 'maskLift'), body),
  endLift: (sensorId: string) => ask<null>('DELETE', sensor(sensorId, 'maskLift')),
  /** Saves it as a file of the name that the server gives it. */
  async still(sensorId: string, body: { reason: string; blurred: boolean }): Promise<Answer<{ name: string; jpeg: Blob }>> {
    const address = sensor(sensorId, 'still');
    try {
      const answer = await askServer(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.timeout(STILL_MOST_MS) });
      if (!answer.ok) return { ok: false, trouble: { from: 'server', note: await answer.json() } };
      return { ok: true, value: { name: /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? 'still.jpg', jpeg: await answer.blob() } };
    } catch (error) { return { ok: false, trouble: { from: 'line', detail: `POST ${address}: ${String(error)}` } }; }
  },
};
