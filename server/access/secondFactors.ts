// Codes of an app, passkeys and recovery codes: made, and looked at when they are shown.
import { createHash, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type * as WebAuthn from '@simplewebauthn/server';
import type { FastifyRequest } from 'fastify';
import { Secret, TOTP } from 'otpauth';
import type { Account } from '../../contract/account.ts';
import { FACTORS_MOST, RECOVERY_CODES, type Factor } from '../../contract/apiFactors.ts';
import type { KeptFactor, PasskeyKept } from '../../store/factorsStore.ts';
import type { Store } from '../../store/store.ts';
import { isLoopbackHost } from '../tls/machineNames.ts';

/** 27 MB that only an installation with passkeys needs. */
const webAuthn = (): Promise<typeof WebAuthn> => import('@simplewebauthn/server');

/** RFC 6238 as every app has it: SHA-1, six figures, 30 s; one step of tolerance to each side, for clocks and slow fingers. */
const PERIOD_S = 30, DIGITS = 6, WINDOW = 1, SECRET_BYTES = 20;
export const newFactorId = (): string => `f${randomBytes(8).toString('hex')}`;
const totpName = (factorId: string) => `totp/${factorId}`;
const totpOf = (secret: string, signInName = '') => new TOTP({ issuer: 'Crowdlight', label: signInName, algorithm: 'SHA1', digits: DIGITS, period: PERIOD_S, secret: Secret.fromBase32(secret) });

export function newTotp(signInName: string): { secret: string; uri: string } {
  const secret = new Secret({ size: SECRET_BYTES }).base32;
  return { secret, uri: totpOf(secret, signInName).toString() };
}
/** Which step of 30 s a code is for; null when it fits none near now. */
export function totpStepOf(secret: string, code: string, nowMs: number): number | null {
  const delta = totpOf(secret).validate({ token: code.replaceAll(' ', ''), timestamp: nowMs, window: WINDOW });
  return delta === null ? null : Math.floor(nowMs / 1000 / PERIOD_S) + delta;
}

/** Rejects with Problem tooMany. The secret is kept sealed before the factor counts. */
export async function keepTotp(store: Store, factor: { accountId: string; name: string; secret: string; step: number; nowMs: number }): Promise<KeptFactor> {
  const factorId = newFactorId();
  const kept: KeptFactor = { factorId, accountId: factor.accountId, kind: 'totp', name: factor.name, createdAtMs: factor.nowMs, usedAtMs: factor.nowMs, kept: { lastStep: factor.step } };
  await store.keepSecret(totpName(factorId), factor.secret);
  try { await store.addFactor(kept, FACTORS_MOST); } catch (error) { await store.dropSecret(totpName(factorId)); throw error; }
  return kept;
}

/** Each code is good once, in any process. */
export async function totpFits(store: Store, factors: readonly KeptFactor[], code: string, nowMs: number): Promise<boolean> {
  for (const factor of factors) {
    if (factor.kind !== 'totp') continue;
    const secret = await store.secret(totpName(factor.factorId)), step = secret === null ? null : totpStepOf(secret, code, nowMs);
    if (step !== null && await store.useTotpStep(factor.factorId, step, nowMs)) return true;
  }
  return false;
}

// --- recovery codes: 80 random bits each, so that a fast hash is enough
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
export async function newRecoveryCodes(store: Store, accountId: string, nowMs: number): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, () => [...randomBytes(16)].map((byte) => BASE32[byte & 31]).join('').replace(/(.{4})(?=.)/g, '$1-'));
  await store.keepRecoveryCodes(accountId, codes.map((code) => recoveryHash(accountId, code)), nowMs);
  return codes;
}
export const recoveryFits = (store: Store, accountId: string, code: string): Promise<boolean> => store.useRecoveryCode(accountId, recoveryHash(accountId, code));
const recoveryHash = (accountId: string, code: string): string => createHash('sha256').update(`${accountId}\n${code.toUpperCase().replace(/[^A-Z2-7]/g, '')}`).digest('base64url');

// --- passkeys (WebAuthn Level 3): they belong to the host name of the page
/** Null where passkeys cannot be: under an address of figures, or unprotected beyond this machine. */
export function passkeyPlace(request: Pick<FastifyRequest, 'host' | 'protocol'>): { hostName: string; origins: string[] } | null {
  const hostName = request.host.replace(/:\d{1,5}$/, '').toLowerCase();
  if (hostName === '' || hostName.startsWith('[') || isIP(hostName) !== 0) return null;
  // A proxy that nobody named here may do the TLS; the browser itself gives passkeys to secured pages alone.
  return { hostName, origins: [`https://${request.host}`, ...(isLoopbackHost(hostName) ? [`http://${request.host}`] : [])] };
}
export async function passkeyToMake(account: Account, factors: readonly KeptFactor[], hostName: string): Promise<Awaited<ReturnType<typeof WebAuthn.generateRegistrationOptions>>> {
  return await (await webAuthn()).generateRegistrationOptions({
    rpName: 'Crowdlight', rpID: hostName, userName: account.signInName, userDisplayName: account.name,
    // Without a name in it: a stolen key does not say whose it is.
    userID: createHash('sha256').update(`passkey ${account.accountId}`).digest(), attestationType: 'none', timeout: 120_000,
    excludeCredentials: passkeysOf(factors, hostName).map(({ credentialId, transports }) => ({ id: credentialId, transports })) as never,
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  });
}
/** Null: the answer does not fit the challenge, the host or the origin. */
export async function passkeyMade(response: unknown, challenge: string, place: { hostName: string; origins: string[] }): Promise<PasskeyKept | null> {
  try {
    const { verified, registrationInfo } = await (await webAuthn()).verifyRegistrationResponse({ response: response as never, expectedChallenge: challenge, expectedOrigin: place.origins, expectedRPID: place.hostName, requireUserVerification: false });
    if (!verified || registrationInfo === undefined) return null;
    const { credential, userVerified } = registrationInfo;
    return { credentialId: credential.id, publicKey: Buffer.from(credential.publicKey).toString('base64url'), counter: credential.counter, transports: (credential.transports ?? []).slice(0, 10).map((one) => String(one).slice(0, 20)), verifiesUser: userVerified, hostName: place.hostName };
  } catch { return null; }
}
/** `factors` null: whichever passkey the person has here, instead of a password. */
export async function passkeyToShow(factors: readonly KeptFactor[] | null, hostName: string): Promise<Awaited<ReturnType<typeof WebAuthn.generateAuthenticationOptions>>> {
  return await (await webAuthn()).generateAuthenticationOptions({
    rpID: hostName, timeout: 120_000, userVerification: factors === null ? 'required' : 'preferred',
    ...(factors === null ? {} : { allowCredentials: passkeysOf(factors, hostName).map(({ credentialId, transports }) => ({ id: credentialId, transports })) as never }),
  });
}
/** Looks at what a passkey signed, and counts it as used. `verified`: the person was checked by the key itself, too. */
export async function passkeyFits(store: Store, factor: KeptFactor | undefined, response: unknown, challenge: string, place: { hostName: string; origins: string[] }, { mustVerify, nowMs }: { mustVerify: boolean; nowMs: number }): Promise<boolean> {
  if (factor?.kind !== 'webauthn' || factor.kept.hostName !== place.hostName) return false;
  const { credentialId, publicKey, counter, transports } = factor.kept;
  try {
    const { verified, authenticationInfo } = await (await webAuthn()).verifyAuthenticationResponse({
      response: response as never, expectedChallenge: challenge, expectedOrigin: place.origins, expectedRPID: place.hostName, requireUserVerification: mustVerify,
      credential: { id: credentialId, publicKey: Uint8Array.from(Buffer.from(publicKey, 'base64url')), counter, transports },
    });
    return verified && await store.usePasskey(factor.factorId, authenticationInfo.newCounter, nowMs);
  } catch { return false; }
}
export const credentialIdOf = (response: unknown): string => (typeof response === 'object' && response !== null && 'id' in response && typeof response.id === 'string' ? response.id.slice(0, 2000) : '');

const passkeysOf = (factors: readonly KeptFactor[], hostName: string): PasskeyKept[] => factors.flatMap((factor) => (factor.kind === 'webauthn' && factor.kept.hostName === hostName ? [factor.kept] : []));
export const passkeysAt = (factors: readonly KeptFactor[], hostName: string): boolean => passkeysOf(factors, hostName).length > 0;
export const factorShown = (factor: KeptFactor): Factor => ({
  factorId: factor.factorId, kind: factor.kind, name: factor.name, createdAtMs: factor.createdAtMs, usedAtMs: factor.usedAtMs,
  withoutPassword: factor.kind === 'webauthn' && factor.kept.verifiesUser, hostName: factor.kind === 'webauthn' ? factor.kept.hostName : '',
});
