// What the parts of second factors ask of the server, and of the browser's own passkeys.
import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { Me } from '../../../contract/account.ts';
import type { ConfirmKinds, FactorAdded, Factors, SignInWays, TotpBegun } from '../../../contract/apiFactors.ts';
import { ask, type Answer } from '../../setup/api.ts';

type Options = { options: Record<string, unknown> };
type Shown = { code: string } | { recoveryCode: string } | { response: unknown } | { password: string };
export const factorsApi = {
  ways: () => ask<SignInWays>('GET', '/api/session/ways'),
  factors: () => ask<Factors>('GET', '/api/me/factors'),
  beginTotp: () => ask<TotpBegun>('POST', '/api/me/factors/totp/begin'),
  addTotp: (name: string, code: string) => ask<FactorAdded>('POST', '/api/me/factors/totp', { name, code }),
  beginPasskey: () => ask<Options>('POST', '/api/me/factors/passkey/begin'),
  addPasskey: (name: string, response: unknown) => ask<FactorAdded>('POST', '/api/me/factors/passkey', { name, response }),
  removeFactor: (factorId: string) => ask<null>('DELETE', `/api/me/factors/${encodeURIComponent(factorId)}`),
  resetFactorsOf: (accountId: string) => ask<null>('DELETE', `/api/accounts/${encodeURIComponent(accountId)}/factors`),
  newRecovery: () => ask<{ recoveryCodes: string[] }>('POST', '/api/me/factors/recovery'),
  secondStep: (shown: Shown) => ask<Me>('POST', '/api/session/factor', shown),
  secondStepPasskey: () => ask<Options>('POST', '/api/session/factor/passkey'),
  beginSignInPasskey: () => ask<Options>('POST', '/api/session/passkey/begin'),
  signInPasskey: (response: unknown) => ask<Me>('POST', '/api/session/passkey', { response }),
  confirmKinds: () => ask<ConfirmKinds>('GET', '/api/me/confirm'),
  confirmPasskey: () => ask<Options>('POST', '/api/me/confirm/passkey'),
  confirm: (shown: Shown) => ask<null>('POST', '/api/me/confirm', shown),
  beginElsewhere: (language: 'en' | 'zh') => ask<{ address: string }>('POST', '/api/session/elsewhere/begin', { language }),
  elsewhere: (query: string) => ask<Me>('POST', '/api/session/elsewhere', { query }),
  leaveElsewhere: () => ask<{ address: string | null }>('GET', '/api/session/elsewhere/leave'),
};

export const hasPasskeys = (): boolean => browserSupportsWebAuthn();
export type BrowserFault = 'cancelled' | 'broken';
/** What the browser answers, or why it did not. */
async function ofBrowser<T>(work: () => Promise<T>): Promise<{ ok: true; value: T } | { ok: false; fault: BrowserFault }> {
  try { return { ok: true, value: await work() }; } catch (error) { return { ok: false, fault: error instanceof Error && ['NotAllowedError', 'AbortError'].includes(error.name) ? 'cancelled' : 'broken' }; }
}
/** Asks for options, then the browser, then the server; the browser's own no is a fault of its own. */
export async function withPasskey<T>(begin: () => Promise<Answer<Options>>, finish: (response: unknown) => Promise<Answer<T>>, make = false): Promise<Answer<T> | { ok: false; fault: BrowserFault }> {
  const begun = await begin();
  if (!begun.ok) return begun;
  const options = begun.value.options as never;
  const said = await ofBrowser<unknown>(() => (make ? startRegistration({ optionsJSON: options }) : startAuthentication({ optionsJSON: options })));
  return said.ok ? await finish(said.value) : said;
}
