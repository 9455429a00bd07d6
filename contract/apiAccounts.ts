// What pages ask of accounts, sessions, tokens and invitations, and what is answered.
import Type from 'typebox';
import { Right, RoleAt } from './access.ts';
import { Account, ApiToken, Me, Session, SignInName } from './account.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';

/** Its length is looked at by the rules of passwords, which say what is wrong; here is only the bound. */
const password = Type.String({ title: 'password', minLength: 1, maxLength: 1000 });
const name = Type.String({ title: 'name', minLength: 1, maxLength: 80, pattern: '\\S' });
const language = literals(['en', 'zh']);
const secret = Type.String({ title: 'secret of the link', pattern: '^[A-Za-z0-9_-]{20,100}$' });
const roles = Type.Array(RoleAt, { maxItems: 50 });

export const SignInBody = strictObject({ signInName: Type.String({ title: 'sign-in name', minLength: 1, maxLength: 100 }), password });
export type SignInBody = Type.Static<typeof SignInBody>;
/** After a password that fitted, where the account has a second factor: no session yet. */
export const SignInNext = strictObject({ next: Type.Literal('secondFactor'), kinds: Type.Array(Type.String({ maxLength: 20 }), { maxItems: 10 }) });
export type SignInNext = Type.Static<typeof SignInNext>;
export const SignInAnswer = Type.Union([Me, SignInNext]);
export type SignInAnswer = Type.Static<typeof SignInAnswer>;

export const SessionTimes = strictObject({ sessionEndsAtMs: nullable(instantMs('session ends at')) });
export const MeBody = strictObject({ language });
export const PasswordBody = strictObject({ now: password, next: password });
export const Sessions = strictObject({ sessions: Type.Array(Session) });
export const Tokens = strictObject({ tokens: Type.Array(ApiToken) });
export const TokenBody = strictObject({ name, rights: Type.Array(Right, { minItems: 1, maxItems: 20, uniqueItems: true }), unitId: nullable(id('unit')), days: Type.Integer({ title: 'days', minimum: 1, maximum: 365 }) });
export type TokenBody = Type.Static<typeof TokenBody>;
/** The only time that the token itself is shown. */
export const TokenMade = strictObject({ token: ApiToken, secret: Type.String({ maxLength: 100 }) });
export type TokenMade = Type.Static<typeof TokenMade>;

/** For the page of administrators: what may be done with it from here, and whether its link is still open. */
export const AccountRow = strictObject({ account: Account, mayChange: Type.Boolean(), invitedUntilMs: nullable(instantMs('invited until')), hasPassword: Type.Boolean() });
export type AccountRow = Type.Static<typeof AccountRow>;
export const AccountList = strictObject({ accounts: Type.Array(AccountRow) });
export type AccountList = Type.Static<typeof AccountList>;
export const AccountAdd = strictObject({ signInName: SignInName, name, language, roles, memberId: nullable(id('member')) });
export type AccountAdd = Type.Static<typeof AccountAdd>;
export const AccountChange = strictObject({ signInName: Type.Optional(SignInName), name: Type.Optional(name), language: Type.Optional(language), roles: Type.Optional(roles), memberId: Type.Optional(nullable(id('member'))), enabled: Type.Optional(Type.Boolean()) });
export type AccountChange = Type.Static<typeof AccountChange>;
/** The only time that the secret of the link is shown. */
export const Invited = strictObject({ account: Account, secret, untilMs: instantMs('until') });
export type Invited = Type.Static<typeof Invited>;

export const JoinLook = strictObject({ secret });
export const JoinSeen = strictObject({ kind: literals(['invitation', 'recovery']), signInName: Type.String(), name: Type.String(), language, byName: Type.String(), untilMs: instantMs('until') });
export type JoinSeen = Type.Static<typeof JoinSeen>;
export const JoinBody = strictObject({ secret, name: Type.Optional(name), language: Type.Optional(language), password });
export type JoinBody = Type.Static<typeof JoinBody>;
export const Joined = strictObject({ signInName: Type.String() });
