// What the page of shared places asks of the server.
import type { GrantBody, GrantList, GrantShown, GrantUnits } from '../../contract/apiGrants.ts';
import { ask } from '../setup/api.ts';

export const sharingApi = {
  grants: (over: boolean) => ask<GrantList>('GET', `/api/grants${over ? '?over=true' : ''}`),
  units: (text: string) => ask<GrantUnits>('GET', `/api/grants/units?text=${encodeURIComponent(text)}`),
  share: (body: GrantBody) => ask<GrantShown>('POST', '/api/grants', body),
  end: (grantId: string) => ask<GrantShown>('DELETE', `/api/grants/${encodeURIComponent(grantId)}`),
};
