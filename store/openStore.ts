// Opens what lasts: connects to PostgreSQL (waiting for one that is still starting), brings its tables up to date, and gives the verbs of store.ts.
import type { Logger } from 'pino';
import { Problem } from '../contract/problem.ts';
import { localClock } from './localClock.ts';
import { pauseMs, sleep } from './pauseMs.ts';
import { accessPart } from './sql/access.ts';
import { accountsPart } from './sql/accounts.ts';
import { alarmLoadPart } from './sql/alarmLoad.ts';
import { approvalsPart } from './sql/approvals.ts';
import { auditPart } from './sql/audit.ts';
import { openDatabase, troubleOf, type Database } from './sql/database.ts';
import { eventsPart } from './sql/events.ts';
import { channelsPart } from './sql/channels.ts';
import { factorsPart } from './sql/factors.ts';
import { incidentsPart } from './sql/incidents.ts';
import { leasesPart } from './sql/leases.ts';
import { migrate } from './sql/migrations.ts';
import { pastPart } from './sql/past.ts';
import { peoplePart } from './sql/people.ts';
import { privacyPart } from './sql/privacy.ts';
import { beginSecrets, secretsPart } from './sql/secrets.ts';
import { sitesPart } from './sql/sites.ts';
import { unitsPart } from './sql/units.ts';
import { zoneDaysPart } from './sql/zoneDays.ts';
import { secretsOfEnvironment, type Secrets } from './secrets.ts';
import type { Store } from './store.ts';

export async function openStore({ databaseUrl, log, timeZone = '', waitMs = 30_000, secrets = secretsOfEnvironment() }: {
  databaseUrl: string; log: Logger; /** Whose hours shifts run by (setting timeZone); empty: that of this machine. */ timeZone?: string; /** For a database that does not answer yet. */ waitMs?: number;
  /** What passwords and keys are sealed with. Left out: CROWDLIGHT_SECRET_KEY; without that they can neither be kept nor read. */ secrets?: Secrets;
}): Promise<Store> {
  const localMinuteOf = localClock(timeZone);
  const database = openDatabase({ databaseUrl, log });
  try { database.scopeRole(await migratePatiently(database, waitMs, log)); await beginSecrets(database, secrets, log); } catch (error) { await database.close(); throw error; }
  const { closeListening, ...events } = eventsPart(database, log);
  // What belongs to the installation, or is asked for before anybody is known; what of it is shown to whom the gate says (server/access/gate.ts), and PostgreSQL keeps it from every other query of a request.
  const own: Database = { ...database, ...database.forProduct('accounts, audit, approvals, secrets and rules of privacy are closed to requests') };
  const { closeUnits, placeAll, placed, ...units } = unitsPart(database, log), { closePeople, ...people } = peoplePart(database, log, { units, localMinuteOf }), { closeIncidents, ...incidents } = incidentsPart(database, log), { closeChannels, ...channels } = channelsPart(database, log, secrets);
  const { closeAudit, ...audit } = auditPart(own, databaseUrl, log), { closeApprovals, ...approvals } = approvalsPart(own, log), { closeAccess, ...access } = accessPart(database, log, units);
  try { await placeAll(); } catch (error) { await Promise.all([closeAudit(), closeUnits(), closePeople()]); await database.close(); throw error; }
  let closed: Promise<void> | null = null;
  return {
    ...sitesPart(database, log, secrets, placed), ...secretsPart(own, secrets), ...events, ...leasesPart(database), ...pastPart(database, log), ...zoneDaysPart(database), ...alarmLoadPart(database, log),
    ...units, ...people, ...incidents, ...channels, ...access, ...accountsPart(own), ...factorsPart(own), ...audit, ...approvals, ...privacyPart(own, log),
    isUp: () => database.trouble() === null,
    trouble: () => database.trouble(),
    onChange: (listener) => database.onChange(listener),
    close: () => (closed ??= (async () => { await closeAudit(); await Promise.all([closeListening(), closeAccess(), closeUnits(), closePeople(), closeIncidents(), closeChannels(), closeApprovals()]); await database.close(); })()),
  };
}

async function migratePatiently(database: Database, waitMs: number, log: Logger): Promise<string> {
  const untilMs = performance.now() + waitMs;
  for (let attempt = 1; ; attempt++) {
    try { return await migrate(database.raw); } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === null) throw error;
      if (performance.now() > untilMs) throw new Problem(trouble, {}, (error as Error).message);
      if (attempt === 1) log.info('waiting for the database');
      await sleep(pauseMs({ attempt, firstMs: 200, mostMs: 2000 }));
    }
  }
}
