// docs/PRIVACY.md against what there is: each promise names a test that exists, and nothing that crosses a border or lasts has room for a person's identity, track, box, crop or embedding. Schemas, tables and messages are
// walked as they are, not looked for as words in code (test/house.test.ts PV1 does that). A new field for a person must be listed here, with its reason.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANONYMITY_FLOOR_PEOPLE } from '../contract/api.ts';
import { openStore } from '../store/openStore.ts';
import type { Store } from '../store/store.ts';
import { freshDatabase } from './support/postgres.ts';
import { silent } from './store/things.ts';

const root = join(import.meta.dirname, '..');

/** Words of a name: "sensorId" is sensor, id. */
const wordsOf = (name: string): string[] => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== '');
const BODY = new Set(['person', 'persons', 'people', 'pedestrian', 'face', 'faces', 'head', 'heads', 'body', 'bodies', 'plate', 'plates', 'gait', 'visitor', 'subject']);
const TRACE = new Set(['id', 'ids', 'uuid', 'track', 'tracks', 'trajectory', 'trajectories', 'box', 'boxes', 'bbox', 'crop', 'crops', 'embedding', 'embeddings', 'descriptor', 'feature', 'features', 'gallery', 'keypoint', 'keypoints', 'thumbnail', 'name', 'age', 'sex', 'gender']);
const ALWAYS = new Set(['bbox', 'boundingbox', 'embedding', 'embeddings', 'trajectory', 'trajectories', 'reid', 'tracklet', 'ethnicity', 'gender', 'biometric', 'biometrics', 'watchlist', 'suspect', 'keypoint', 'keypoints', 'crop', 'crops']);
/** Null: the name is none of what there must not be. */
function wrongName(name: string): string | null {
  const words = wordsOf(name);
  const always = words.find((word) => ALWAYS.has(word));
  if (always !== undefined) return always;
  return words.some((word) => BODY.has(word)) && words.some((word) => TRACE.has(word)) ? words.join(' ') : null;
}
/** Not of somebody in a picture. */
const ALLOWED = new Set<string>([
  'subject', // an OIDC subject: who signs in
]);

test('PV9 the walk itself finds what it looks for', () => {
  for (const name of ['personId', 'face_embedding', 'headBox', 'trackletIds', 'boundingBox'.toLowerCase(), 'body_track', 'plateCrop', 'peopleTracks', 'gender']) expect(wrongName(name), name).not.toBeNull();
  for (const name of ['peopleCount', 'peoplePerM2', 'sensorId', 'headHeightM', 'farHeadPx', 'people_per_cell', 'unitId', 'playbookId']) expect(wrongName(name), name).toBeNull();
});

test('PV10 no schema of contract/ has a field for a person in a picture, however deep', async () => {
  const wrong: string[] = [];
  let schemas = 0, fields = 0;
  for (const file of readdirSync(join(root, 'contract')).filter((name) => name.endsWith('.ts'))) {
    const module = await import(join(root, 'contract', file)) as Record<string, unknown>;
    for (const [exported, value] of Object.entries(module)) {
      if (typeof value !== 'object' || value === null) continue;
      const seen = new Set<unknown>();
      const walk = (node: unknown, path: string): void => {
        if (typeof node !== 'object' || node === null || seen.has(node)) return;
        seen.add(node);
        const { properties } = node as { properties?: unknown };
        if (typeof properties === 'object' && properties !== null) for (const [name, below] of Object.entries(properties)) {
          fields++;
          const found = wrongName(name);
          if (found !== null && !ALLOWED.has(name)) wrong.push(`${file} ${path}.${name}: ${found}`);
          walk(below, `${path}.${name}`);
        }
        for (const below of Object.values(node)) walk(below, path);
      };
      if ('~kind' in value || 'properties' in value || 'anyOf' in value || 'items' in value) { schemas++; walk(value, exported); }
    }
  }
  // The walk must have had something to walk.
  expect(schemas).toBeGreaterThan(60);
  expect(fields).toBeGreaterThan(400);
  expect(wrong).toEqual([]);
});

describe('tables as the real database has them', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>, store: Store, client: pg.Client;
  beforeAll(async () => {
    database = await freshDatabase();
    store = await openStore({ databaseUrl: database.databaseUrl, log: silent });
    client = new pg.Client({ connectionString: database.databaseUrl });
    await client.connect();
  }, 120_000);
  afterAll(async () => { await client?.end(); await store?.close(); await database?.drop(); });

  test('PV11 no table and no column for a person in a picture; bytes lie only in columns that are listed with what they hold', async () => {
    const { rows } = await client.query(`select table_name as t, column_name as c, data_type as d from information_schema.columns where table_schema = current_schema()`);
    expect(rows.length).toBeGreaterThan(150);
    expect(rows.flatMap(({ t, c }) => { const found = wrongName(c) ?? wrongName(t); return found === null || ALLOWED.has(c) ? [] : [`${t}.${c}: ${found}`]; })).toEqual([]);
    // Wherever bytes can lie a picture could lie.
    const bytes = rows.filter(({ d }) => d === 'bytea').map(({ t, c }) => `${t}.${c}`).toSorted();
    const known: Record<string, string> = {
      'attachment.bytes': 'photos and files that people added to incidents', 'unit.shape': 'corners of an outline', 'zone_day.minutes': 'codes of density, a minute each',
      'session.secret_hash': 'SHA-256', 'api_token.secret_hash': 'SHA-256', 'invitation.secret_hash': 'SHA-256', 'known_browser.secret_hash': 'SHA-256', 'second_factor.secret': 'the sealed secret of a second factor',
    };
    for (const column of bytes) expect(Object.hasOwn(known, column) || /hash|sealed|key|public/.test(column), `${column} holds bytes and is not listed`).toBe(true);
  });

  test('PV12 no stored minute under the floor has a number: the table itself refuses it', async () => {
    await store.keepZoneMinutes('s', [{ zoneId: 'z', minute: { minuteAtMs: Date.now() - 120_000, kept: 'figures', peoplePerM2Mean: 0.01, peoplePerM2Error: 0, peoplePerM2Peak: 1, peopleCount: ANONYMITY_FLOOR_PEOPLE - 0.01, seenShare: 1 } }]);
    expect(await store.zonePast('z', 0)).toMatchObject([{ kept: 'few' }]);
    expect((await client.query('select figures from zone_minute')).rows).toEqual([{ figures: null }]);
    await expect(client.query(`update zone_minute set figures = '{"peopleCount": 2.9}'`)).rejects.toThrow('check constraint');
  });
});

test('PV13 pixels leave a media host in three messages alone, each of which says which masks are filled in it', () => {
  const words = readFileSync(join(root, 'worker/mediaHost/messages.ts'), 'utf8'), fromHost = words.slice(words.indexOf('export type FromHost'));
  const withBytes = [...fromHost.matchAll(/\{ type: '(\w+)'[^}]*Uint8Array[^}]*\}/g)].map((match) => match[1]);
  expect(withBytes).toEqual(['picture', 'still', 'tested']);
  for (const name of ['picture', 'still']) expect(new RegExp(`type: '${name}'[^}]*masksVersion: number`).test(fromHost), name).toBe(true);
});

test('PV14 no head line of an export names a single person', () => {
  const csv = readFileSync(join(root, 'server/incidents/statisticsCsv.ts'), 'utf8');
  expect(/member|accountId|actor|byName|person/i.test(csv.replaceAll(/\/\/.*$/gm, ''))).toBe(false);
});

test('PV15 each promise of docs/PRIVACY.md names a test, and that test is there', () => {
  const lines = readFileSync(join(root, 'docs/PRIVACY.md'), 'utf8').split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| promise') && !line.startsWith('|---'));
  expect(lines.length).toBeGreaterThan(20);
  for (const line of lines) {
    const keeps = line.split('|').at(-2)!, named = [...keeps.matchAll(/`(test\/[\w/.]+\.test\.ts)`((?: [A-Z]{2}\d+(?:,| to| and|\b))*)/g)];
    expect(named.length, `no test is named: ${line.slice(0, 120)}`).toBeGreaterThan(0);
    for (const [, file, rules] of named) {
      expect(existsSync(join(root, file!)), `${file} of: ${line.slice(0, 80)}`).toBe(true);
      const text = readFileSync(join(root, file!), 'utf8');
      for (const [rule] of (rules ?? '').matchAll(/[A-Z]{2}\d+/g)) expect(new RegExp(`['"\`]${rule}\\b`).test(text), `${file} has no test ${rule}`).toBe(true);
    }
  }
});
