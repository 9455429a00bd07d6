// The first account of an installation, and the way back in when nobody can administer it any more.
import type { RoleAt } from '../../contract/access.ts';
import { SignInName } from '../../contract/account.ts';
import { Problem } from '../../contract/problem.ts';
import { checker } from '../../contract/schema.ts';
import type { AuditFact } from '../../contract/audit.ts';
import type { Store } from '../../store/store.ts';
import { hashPassword, randomPassword } from './passwords.ts';

const FIRST_NAME = 'admin';
const WHOLE: readonly RoleAt[] = [{ role: 'administrator', unitId: null }, { role: 'dutyOfficer', unitId: null }];

/** Makes the account `admin` where there is no account at all, and answers the line that is printed, once. Null when there is one. */
export async function firstAdministrator(store: Store): Promise<string | null> {
  // Most starts are not the first one: no hash for nothing.
  if ((await store.accounts()).length > 0) return null;
  const password = randomPassword();
  const account = await store.addFirstAccount({ signInName: FIRST_NAME, name: 'Administrator', language: 'en', roles: WHOLE, memberId: null, enabled: true, passwordHash: await hashPassword(password) });
  if (account === null) return null;
  await store.writeAudit([factOf('accountAdded', account.accountId, account.name, { first: true })]);
  return `  Sign in as ${FIRST_NAME} with the password ${password}   (shown once; change it on your account's page)\n  请用 ${FIRST_NAME} 登录,密码为 ${password}   (仅显示一次,请在账户页面修改)`;
}

/** npm start -- --new-administrator NAME: an administrator of the whole installation with a new random password; one of this name gets the role, the password and is enabled again. On record. */
export async function newAdministrator(store: Store, signInName: string): Promise<string> {
  const fits = checker(SignInName)(signInName);
  if (!fits.ok) throw new Problem('settingWrong', { name: '--new-administrator', reason: 'a sign-in name has 2 to 64 letters, digits, dots, lines or @' });
  const password = randomPassword(), passwordHash = await hashPassword(password), there = await store.accountBySignInName(signInName);
  if (there !== null && there.account.kind !== 'local') throw new Problem('settingWrong', { name: '--new-administrator', reason: 'this account signs in elsewhere; take another name' });
  if (there === null) {
    const added = await store.addAccount({ signInName, name: signInName, language: 'en', roles: WHOLE, memberId: null, enabled: true, passwordHash, mustChange: true });
    await store.writeAudit([factOf('accountAdded', added.accountId, added.name, { by: 'command line' })]);
  } else {
    const { accountId, roles, name } = there.account;
    await store.changeAccount(accountId, { enabled: true, roles: [...roles, ...WHOLE] });
    await store.keepPassword(accountId, passwordHash, { mustChange: true, keepSessionId: null });
    await store.writeAudit([factOf('recovered', accountId, name, { by: 'command line' })]);
  }
  return `  Sign in as ${signInName} with the password ${password}   (shown once; you will be asked for a new one)\n  请用 ${signInName} 登录,密码为 ${password}   (仅显示一次,登录后须修改)`;
}

const factOf = (what: AuditFact['what'], accountId: string, name: string, detail: AuditFact['detail']): AuditFact => ({
  what, accountId: null, name: 'Crowdlight', sessionId: null, address: '', route: '', status: null, placeKind: 'account', placeId: accountId, placeName: name, unitId: null, fromMs: null, untilMs: null, reason: null, detail,
});
