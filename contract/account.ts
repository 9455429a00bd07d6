// Accounts, sessions, tokens and invitations as they cross the border. No password, secret or hash is in any of these.
import Type from 'typebox';
import { Right, RoleAt } from './access.ts';
import { Actor } from './incident.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';

export const PASSWORD_LEAST = 12, PASSWORD_MOST = 200;
/** What is typed at the door; unique however it is capitalised. */
export const SignInName = Type.String({ title: 'sign-in name', pattern: '^[A-Za-z0-9\\u4e00-\\u9fff][A-Za-z0-9\\u4e00-\\u9fff._@-]{1,63}$' });

export const Account = strictObject({
  accountId: id('account'), signInName: SignInName, name: Type.String({ title: 'name', minLength: 1, maxLength: 80 }), language: literals(['en', 'zh']),
  roles: Type.Array(RoleAt, { maxItems: 50 }),
  /** The person on duty that this account is, if any: then steps are taken under that name. */
  memberId: nullable(id('member')),
  enabled: Type.Boolean(),
  /** local: with a password of ours; oidc: signs in elsewhere. */
  kind: literals(['local', 'oidc']),
  secondFactors: Type.Array(literals(['totp', 'webauthn']), { maxItems: 20 }),
  createdAtMs: instantMs('created at'),
});
export type Account = Type.Static<typeof Account>;

/** Shown to its owner: where somebody is signed in. */
export const Session = strictObject({
  sessionId: id('session'), createdAtMs: instantMs('signed in at'), seenAtMs: instantMs('last seen at'), idleUntilMs: instantMs('ends when idle'), endsAtMs: instantMs('ends at'),
  address: Type.String({ maxLength: 100 }), browser: Type.String({ maxLength: 200 }), current: Type.Boolean(),
});
export type Session = Type.Static<typeof Session>;

export const ApiToken = strictObject({
  tokenId: id('token'), name: Type.String({ minLength: 1, maxLength: 80 }), rights: Type.Array(Right, { minItems: 1, maxItems: 20, uniqueItems: true }), unitId: nullable(id('unit')),
  createdAtMs: instantMs('created at'), expiresAtMs: instantMs('expires at'), usedAtMs: nullable(instantMs('last used at')),
});
export type ApiToken = Type.Static<typeof ApiToken>;

/** What a page knows of whoever looks at it. */
export const Me = strictObject({
  account: Account,
  /** Under which name and duty its steps are taken. */
  actor: Actor,
  /** Rights by where they hold: unitId null is the whole installation. */
  rights: Type.Array(strictObject({ unitId: nullable(id('unit')), rights: Type.Array(Right) })),
  /** What is missing before anything else is allowed: a new password after an invitation, a second factor where the policy wants one. */
  mustDo: Type.Array(literals(['newPassword', 'secondFactor'])),
  sessionEndsAtMs: nullable(instantMs('session ends at')),
});
export type Me = Type.Static<typeof Me>;
