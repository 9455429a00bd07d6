// What a command beside the product needs: the settings in force and the store, whether Crowdlight runs on this data folder or not.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { Problem, problemSentence, withoutSecrets } from '../../contract/problem.ts';
import { fromHome, keyFileOf, loadSettings, secretEnvironmentNames, type Settings } from '../../config/settings.ts';
import { runningPostgres, startEmbeddedPostgres } from '../../store/embeddedPostgres.ts';
import { openStore } from '../../store/openStore.ts';
import { secretsInFile, secretsOf, type Secrets } from '../../store/secrets.ts';
import type { Store } from '../../store/store.ts';

export type CommandParts = { store: Store; settings: Settings; secrets: Secrets; log: Logger; /** What was given beside settings. */ options: string[]; say(line: string): void };

/** `known`: the options of the command itself; everything else on the line is a setting. Ends the process with 1 when the work fails, by name and in both languages. */
export async function runCommand(known: string[], work: (parts: CommandParts) => Promise<number>): Promise<never> {
  const options = process.argv.slice(2).filter((word) => known.includes(word)), argv = process.argv.slice(2).filter((word) => !known.includes(word));
  const closers: (() => Promise<unknown>)[] = [];
  let code = 1;
  try {
    const settings = loadSettings({ argv, env: process.env, readFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null) });
    for (const name of secretEnvironmentNames()) delete process.env[name];
    const log = pino({ level: settings.logLevel === 'auto' ? 'warn' : settings.logLevel, base: { pid: process.pid } }, pino.destination({ fd: 2, sync: true }));
    const secrets = settings.secretKey === '' ? secretsInFile(keyFileOf(settings)) : secretsOf(settings.secretKey);
    let { databaseUrl } = settings;
    if (databaseUrl === '') {
      const folder = join(fromHome(settings.dataFolder), 'postgres');
      if (!existsSync(join(folder, 'cluster', 'PG_VERSION'))) throw new Problem('settingWrong', { name: 'dataFolder', reason: `there is no database in ${fromHome(settings.dataFolder)} yet; --data names another folder` });
      const running = runningPostgres(folder);
      if (running !== null) ({ databaseUrl } = running);
      else {
        const postgres = await startEmbeddedPostgres({ folder, log });
        closers.push(() => postgres.close());
        ({ databaseUrl } = postgres);
      }
    }
    const store = await openStore({ databaseUrl, log, timeZone: settings.timeZone, secrets });
    closers.push(() => store.close());
    code = await work({ store, settings, secrets, log, options, say: (line) => { process.stdout.write(`${line}\n`); } });
  } catch (error) {
    if (error instanceof Problem) process.stderr.write(`${problemSentence(error.note, 'en')}\n${problemSentence(error.note, 'zh')}\n${error.note.detail === null ? '' : `(${error.note.detail})\n`}`);
    else process.stderr.write(`${withoutSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`);
  }
  for (const close of closers.reverse()) await close().catch(() => {});
  process.exit(code);
}
