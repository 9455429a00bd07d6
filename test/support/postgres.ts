// A database of its own for one test file, on the real PostgreSQL that globalSetup.ts starts at the first request.
import { inject } from 'vitest';

/** Empty; openStore makes its tables. `drop` cuts every connection to it. */
export async function freshDatabase(): Promise<{ databaseUrl: string; drop(): Promise<void> }> {
  const door = inject('databaseDoor');
  const answer = await fetch(door, { method: 'POST', signal: AbortSignal.timeout(60_000) });
  if (!answer.ok) throw new Error(`no database for this test: ${await answer.text()}`);
  const { name, databaseUrl } = await answer.json() as { name: string; databaseUrl: string };
  return {
    databaseUrl,
    async drop() {
      const dropped = await fetch(`${door}/${name}`, { method: 'DELETE', signal: AbortSignal.timeout(30_000) });
      if (!dropped.ok) throw new Error(`the database ${name} was not dropped: ${await dropped.text()}`);
    },
  };
}
