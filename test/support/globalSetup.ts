// Starts once for each vitest run, in the main process: a small door on loopback by which tests ask for a fresh database (postgres.ts).
// PostgreSQL itself starts at the first request, so that a run of pure tests does not pay for it.
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import pino from 'pino';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../store/embeddedPostgres.ts';

declare module 'vitest' {
  export interface ProvidedContext { databaseDoor: string }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<EmbeddedPostgres> | null = null;
  let folder: string | null = null;
  let made = 0;
  const start = () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'crowdlight-test-'));
    // The records of a test need not outlive a power cut; tests of durability start a PostgreSQL of their own with fsync on.
    return startEmbeddedPostgres({ folder, log: pino({ level: 'warn' }), settings: { fsync: 'off', full_page_writes: 'off', max_connections: '120', client_min_messages: 'error' } });
  };
  const withAdmin = async (act: (client: pg.Client) => Promise<unknown>) => {
    starting ??= start();
    const client = new pg.Client({ connectionString: (await starting).databaseUrl });
    client.on('error', () => {});
    await client.connect();
    try { await act(client); } finally { await client.end(); }
  };
  /** PostgreSQL's own vacuum may be at work in it, which no plain role may end: it is soon over. */
  const drop = async (client: pg.Client, name: string): Promise<void> => {
    for (let tries = 1; ; tries++) {
      try { await client.query(`drop database if exists ${name} with (force)`); return; } catch (error) {
        if ((error as { code?: string }).code !== '42501' || tries === 60) throw error;
        await new Promise((done) => { setTimeout(done, 300); });
      }
    }
  };
  const door = http.createServer((request, response) => {
    const name = request.method === 'POST' ? `test_${process.pid}_${++made}` : String(request.url).slice(1);
    if (!/^test_\d+_\d+$/.test(name)) { response.writeHead(404).end(); return; }
    withAdmin((client) => request.method === 'POST' ? client.query(`create database ${name}`) : drop(client, name))
      .then(async () => { const { databaseUrl } = await starting!; response.end(JSON.stringify({ name, databaseUrl: databaseUrl.replace(/\/crowdlight\?/, `/${name}?`) })); })
      .catch((error: Error) => { response.writeHead(500).end(error.message); });
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  project.provide('databaseDoor', `http://127.0.0.1:${(door.address() as AddressInfo).port}`);
  return async () => {
    door.closeAllConnections();
    door.close();
    if (starting !== null) await (await starting).close();
    if (folder !== null) fs.rmSync(folder, { recursive: true, force: true });
  };
}
