// One session for all processes of a bench: made where the store is open, known to its children by the environment.
import { randomBytes } from 'node:crypto';
import { secretHash } from '../server/access/sessions.ts';
import { WHOLE_ADMINISTRATOR } from '../test/support/signIn.ts';
import type { Store } from '../store/store.ts';

const SECRET = (process.env['BENCH_SESSION'] ??= randomBytes(32).toString('base64url'));
/** For the header `cookie`. */
export const BENCH_COOKIE = `crowdlight-session=${SECRET}`;

/** From now on BENCH_COOKIE is an administrator and operator of the whole installation. */
export async function openBenchSession(store: Store): Promise<void> {
  const account = await store.addAccount({ signInName: 'bench', name: 'Bench', language: 'en', roles: [...WHOLE_ADMINISTRATOR, { role: 'operator', unitId: null }], memberId: null, enabled: true });
  const nowMs = Date.now(), endsAtMs = nowMs + 24 * 3600_000;
  await store.addSession({ accountId: account.accountId, secretHash: secretHash(SECRET), nowMs, idleUntilMs: endsAtMs, endsAtMs, address: '127.0.0.1', browser: 'bench' });
}
