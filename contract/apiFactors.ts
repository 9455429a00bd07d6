// Second factors and signing in elsewhere, as pages ask for them and are answered.
import Type from 'typebox';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';

export const FACTOR_KINDS = ['totp', 'webauthn', 'recovery'] as const;
export const FACTORS_MOST = 10, RECOVERY_CODES = 10;
/** What a page may know of one's own second factor; nothing that opens a door. */
export const Factor = strictObject({
  factorId: id('factor'), kind: literals(['totp', 'webauthn']), name: Type.String({ title: 'name', minLength: 1, maxLength: 60 }), createdAtMs: instantMs('added at'), usedAtMs: nullable(instantMs('last used at')),
  /** A passkey that checks its person (finger, face, code) opens the door without a password. */
  withoutPassword: Type.Boolean(),
  /** The host name that a passkey belongs to; empty for codes. */
  hostName: Type.String({ maxLength: 255 }),
});
export type Factor = Type.Static<typeof Factor>;
export const Factors = strictObject({
  factors: Type.Array(Factor), recoveryCodesLeft: Type.Integer(),
  /** The rules of this installation ask for one. */
  needed: Type.Boolean(),
  /** False where a page is opened by an address of figures: passkeys need a name. */
  passkeysHere: Type.Boolean(),
});
export type Factors = Type.Static<typeof Factors>;

const code = Type.String({ title: 'code', pattern: '^[0-9 ]{6,9}$' });
const recoveryCode = Type.String({ title: 'recovery code', pattern: '^[A-Za-z2-7 -]{16,30}$' });
const name = Type.String({ title: 'name', minLength: 1, maxLength: 60, pattern: '\\S' });
/** What the browser's own functions give and take (WebAuthn Level 3, toJSON and parse…FromJSON); the library looks at each field of it. */
export const BrowserWords = Type.Record(Type.String({ maxLength: 100 }), Type.Unknown(), { maxProperties: 30 });
/** `uri` is what an app scans; `secret` the same for typing. Shown once. */
export const TotpBegun = strictObject({ uri: Type.String(), secret: Type.String() });
export type TotpBegun = Type.Static<typeof TotpBegun>;
export const TotpBody = strictObject({ name, code });
export const PasskeyBegun = strictObject({ options: BrowserWords });
export const PasskeyBody = strictObject({ name, response: BrowserWords });
/** Recovery codes are shown once, with the first factor and whenever new ones are asked for. */
export const FactorAdded = strictObject({ factor: Factor, recoveryCodes: nullable(Type.Array(Type.String())) });
export type FactorAdded = Type.Static<typeof FactorAdded>;
export const RecoveryCodes = strictObject({ recoveryCodes: Type.Array(Type.String()) });

/** The step after the password, and the same to confirm that it is still you. One of them. */
export const FactorShownBody = Type.Union([strictObject({ code }), strictObject({ recoveryCode }), strictObject({ response: BrowserWords })]);
export type FactorShownBody = Type.Static<typeof FactorShownBody>;
export const ConfirmBody = Type.Union([strictObject({ code }), strictObject({ recoveryCode }), strictObject({ response: BrowserWords }), strictObject({ password: Type.String({ title: 'password', minLength: 1, maxLength: 1000 }) })]);
/** signInAgain: whoever signs in elsewhere does so once more. */
export const ConfirmKinds = strictObject({ kinds: Type.Array(literals(['totp', 'webauthn', 'recovery', 'password', 'signInAgain'])), confirmedUntilMs: nullable(instantMs('confirmed until')) });
export type ConfirmKinds = Type.Static<typeof ConfirmKinds>;
export const PasskeySignInBody = strictObject({ response: BrowserWords });

/** How one may sign in here. */
export const SignInWays = strictObject({ passkeys: Type.Boolean(), elsewhere: nullable(strictObject({ name: Type.String() })) });
export type SignInWays = Type.Static<typeof SignInWays>;
export const ElsewhereBegun = strictObject({ address: Type.String() });
/** The part after "?" of the address that the provider has sent the browser back to. */
export const ElsewhereBody = strictObject({ query: Type.String({ title: 'answer of the provider', maxLength: 8000 }) });
export const ElsewhereLeft = strictObject({ address: nullable(Type.String()) });
