// Every route with what its own schema says, and with that broken, as every role, over real HTTP. What must never come: an answer of our own fault (500), none at all, words of the program (a stack) in one, or a server that answers nobody after.
import { Agent, request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { PROBLEM_CODES } from '../../contract/problem.ts';
import type { DeclaredRoute } from '../../server/access/gate.ts';
import { chanceOf, type Chance } from './chances.ts';

export type HttpFuzz = {
  address: string; routes: readonly DeclaredRoute[];
  /** Ids that are really there, by what their place in a path is called, and any. */
  ids: Record<string, string>;
  /** Cookie headers of whoever asks; null: nobody. Called anew for each request: sessions may be ended by what was sent. */
  cookie: () => Promise<string | null>;
  seed: number; inputsMost: number; untilMs: number;
};
export type FuzzFigures = { inputs: number; crashes: string[]; statuses: Record<string, number> };

const ANSWER_WITHIN_MS = 15_000;

export async function fuzzHttp({ address, routes, ids, cookie, seed, inputsMost, untilMs }: HttpFuzz): Promise<FuzzFigures> {
  const chance = chanceOf(seed), agent = new Agent({ keepAlive: true, maxSockets: 4 }), { hostname, port } = new URL(address);
  const asked = routes.filter(({ method, url }) => !['HEAD', 'OPTIONS'].includes(method) && url !== '/live');
  const figures: FuzzFigures = { inputs: 0, crashes: [], statuses: {} };
  for (let number = 0; number < inputsMost && Date.now() < untilMs; number++) {
    const route = asked[number % asked.length]!, at = `seed ${seed} input ${number} ${route.method} ${route.url}`;
    const path = pathOf(route, ids, chance), body = route.method === 'GET' || route.method === 'DELETE' ? (chance.yes(0.05) ? '{}' : null) : bodyOf(route, ids, chance, number + seed);
    const headers: Record<string, string> = { host: `${hostname}:${port}` };
    const who = await cookie();
    if (who !== null) headers['cookie'] = who;
    if (body !== null) headers['content-type'] = chance.yes(0.93) ? 'application/json' : chance.one(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/json; charset=utf-7', 'image/jpeg']);
    if (chance.yes(0.03)) headers[chance.one(['x-file-name', 'accept', 'range', 'if-none-match', 'accept-encoding', 'x-forwarded-for'])] = chance.one(['../../etc/passwd', '%00', 'bytes=0-18446744073709551615', '*'.repeat(3000), 'gzip;q=x']);
    figures.inputs++;
    try {
      const answer = await exchange({ hostname, port: Number(port), method: route.method, path, headers, body, agent });
      const key = String(answer.status);
      figures.statuses[key] = (figures.statuses[key] ?? 0) + 1;
      const wrong = misfit(answer);
      if (wrong !== null) figures.crashes.push(`${at}: ${wrong}\n  ${route.method} ${path.slice(0, 300)}\n  ${(body ?? '').slice(0, 800)}\n  ${answer.body.slice(0, 500)}`);
    } catch (error) { figures.crashes.push(`${at}: no answer (${(error as Error).message})\n  ${path.slice(0, 300)}\n  ${(body ?? '').slice(0, 800)}`); }
  }
  agent.destroy();
  const after = await exchange({ hostname, port: Number(port), method: 'GET', path: '/health', headers: { host: `${hostname}:${port}` }, body: null, agent: new Agent() }).catch((error: unknown) => ({ status: 0, body: (error as Error).message }));
  if (after.status !== 200) figures.crashes.push(`after all of them /health answers ${after.status} ${after.body.slice(0, 200)}`);
  return figures;
}

function misfit({ status, body }: { status: number; body: string }): string | null {
  if (/\n\s+at .+:\d+:\d+|node_modules[\\/]|\.ts:\d+:\d+|SELECT .+ FROM|syntax error at or near|ECONNREFUSED.*stack/i.test(body)) return 'words of the program in an answer';
  if (status < 500) return null;
  let code: unknown = null;
  try { code = (JSON.parse(body) as { code?: unknown }).code; } catch { /* said below */ }
  return (PROBLEM_CODES as string[]).includes(String(code)) && code !== 'internal' ? null : `answered ${status} ${String(code)}`;
}

/** Node's own client would tidy up a path such as /a/../b; this one sends it as it is. */
function exchange({ hostname, port, method, path, headers, body, agent }: { hostname: string; port: number; method: string; path: string; headers: Record<string, string>; body: string | null; agent: Agent }): Promise<{ status: number; body: string }> {
  return new Promise((done, failed) => {
    const request = httpRequest({ hostname, port, method, path, agent, headers: { ...headers, ...(body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }) } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part)).on('end', () => { clearTimeout(timer); done({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8').slice(0, 200_000) }); }).on('error', failed);
    });
    const timer = setTimeout(() => request.destroy(new Error(`nothing within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
    request.on('error', (error) => { clearTimeout(timer); failed(error); });
    request.end(body ?? undefined);
  });
}

const STRANGE_IDS = ['../../../etc/passwd', '..%2f..%2fetc%2fpasswd', '%2e%2e/%2e%2e/secret.key', '....//....//x', '%00', 'a%00.json', '%', '%zz', '%c0%ae%c0%ae', 'C:%5cwindows', '%5c%5chost%5cshare', '__proto__', 'constructor', 'null', '-1', '0', '1e999', 'a'.repeat(390), '%F0%9F%92%A9', "'%20or%201=1--", '%22%3E%3Cscript%3E', '*', '.', '..', '%2F', ';', '{id}', '%0d%0aX-A:%20b'];

function pathOf(route: DeclaredRoute, ids: Record<string, string>, chance: Chance): string {
  const all = Object.values(ids);
  const path = route.url.replace(/:(\w+)/g, (_, name: string) => (chance.yes(0.6) ? ids[name.replace(/Id$|256$/, '')] ?? chance.one(all) : chance.yes(0.5) ? chance.one(all) : chance.one(STRANGE_IDS))).replace('*', () => chance.one(['', 'index.html', 'assets/../../package.json', '%2e%2e/package.json', '..%5c..%5cpackage.json', 'secret.key', 'a/b/c', '//x', '.git/config', 'assets/%00']));
  const query = propertiesOf(route.schema?.querystring);
  const parts = Object.entries(query).flatMap(([name, schema]) => (chance.yes(0.5) ? [`${name}=${chance.yes(0.5) ? encodeURIComponent(String(ids[name.replace(/Id$/, '')] ?? plainOf(schema, chance))) : chance.one(['', '-1', 'NaN', '1e400', '%00', '%ff', '99999999999999999999', '[]', 'a&a=b', '..%2f', 'x'.repeat(2000)])}`] : []));
  if (chance.yes(0.05)) parts.push('__proto__[a]=b', 'unknown=1');
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`;
}

type Schema = { type?: string; properties?: Record<string, Schema>; required?: string[]; items?: Schema; anyOf?: Schema[]; enum?: unknown[]; const?: unknown; pattern?: string; minimum?: number; maximum?: number; minLength?: number; maxLength?: number; minItems?: number; maxItems?: number; patternProperties?: Record<string, Schema> };
const propertiesOf = (schema: unknown): Record<string, Schema> => (schema as Schema | undefined)?.properties ?? {};
const plainOf = (schema: Schema, chance: Chance): unknown => (schema.enum !== undefined ? chance.one(schema.enum) : schema.anyOf !== undefined ? plainOf(chance.one(schema.anyOf), chance) : schema.const ?? (schema.type === 'integer' || schema.type === 'number' ? chance.one([0, 1, 50, Date.now()]) : schema.type === 'boolean' ? chance.one([true, false]) : 'x'));

function bodyOf(route: DeclaredRoute, ids: Record<string, string>, chance: Chance, seed: number): string {
  const schema = route.schema?.body as Schema | undefined;
  if (schema === undefined || chance.yes(0.03)) return chance.one(['', '{', '[]', 'null', '0', '"a"', '{"a":1e9999}', `{"a":"\\ud800"}`, '['.repeat(100_000), `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, '{"__proto__":{"all":true}}', '{"constructor":{"prototype":{"a":1}}}', '\u0000', '\ufeff{}', 'a'.repeat(300_000), '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']);
  const value: unknown = fc.sample(arbitraryOf(schema, 0), { seed, numRuns: 1 })[0];
  const filled = withIds(value, ids, chance);
  return JSON.stringify(chance.yes(0.45) ? broken(filled, chance) : filled) ?? 'null';
}

/** What fits a schema, as far as a schema says it. */
function arbitraryOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => arbitraryOf(one, depth)));
  switch (schema.type) {
    case 'object': {
      if (schema.properties === undefined) return fc.dictionary(fc.string({ maxLength: 12 }), depth > 3 ? fc.string() : fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
      return fc.record(Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, arbitraryOf(one, depth + 1)])), { requiredKeys: schema.required ?? [] });
    }
    case 'array': return fc.array(arbitraryOf(schema.items ?? {}, depth + 1), { minLength: schema.minItems ?? 0, maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? 5, 5)) });
    case 'string': {
      if (schema.pattern !== undefined) { try { return fc.stringMatching(new RegExp(schema.pattern, 'u')).map((text) => text.slice(0, schema.maxLength ?? 200)); } catch { return fc.constant('x'); } }
      return fc.string({ unit: 'grapheme', minLength: schema.minLength ?? 0, maxLength: Math.min(schema.maxLength ?? 60, 60) });
    }
    case 'integer': return fc.integer({ min: Math.max(schema.minimum ?? -1e6, -1e9), max: Math.min(schema.maximum ?? 1e6, 1e12) > 2 ** 31 - 1 ? 2 ** 31 - 1 : Math.min(schema.maximum ?? 1e6, 1e12) });
    case 'number': return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true, noDefaultInfinity: true });
    case 'boolean': return fc.boolean();
    case 'null': return fc.constant(null);
    default: return fc.jsonValue({ maxDepth: 2 });
  }
}

/** Ids that are there, so that more is reached than "there is none". */
function withIds(value: unknown, ids: Record<string, string>, chance: Chance): unknown {
  if (Array.isArray(value)) return value.map((one) => withIds(one, ids, chance));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => {
    const id = /Ids?$/.test(name) ? ids[name.replace(/^(to|from|parent)([A-Z])/, (_, _word, letter: string) => letter.toLowerCase()).replace(/Ids?$/, '')] : undefined;
    if (id !== undefined && chance.yes(0.7)) return [name, Array.isArray(one) ? [id] : id];
    return [name, withIds(one, ids, chance)];
  }));
}

const STRANGE: readonly unknown[] = [null, true, -1, 0, 1.5, 1e308, -1e308, 9007199254740991, '', ' ', '\u0000', '\ud800', '\u202e', 'a'.repeat(5000), '__proto__', '../../etc/passwd', '${jndi:ldap://x}', "'; drop table account; --", '<img src=x onerror=alert(1)>', [], {}, [[[[[]]]]], { __proto__: 1 }, { length: 1e9 }, { toString: 1 }, [null], 'NaN', '2026-02-30'];
/** One to three places of it are something else. */
function broken(value: unknown, chance: Chance): unknown {
  let changed = value;
  for (let times = 1 + chance.below(3); times > 0; times--) changed = brokenOnce(changed, chance, 0);
  return changed;
}
function brokenOnce(value: unknown, chance: Chance, depth: number): unknown {
  const isNested = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (!isNested || chance.yes(depth === 0 ? 0.05 : 0.3)) return chance.one(STRANGE);
  const keys = Object.keys(value), key = chance.one(keys);
  const copy: Record<string, unknown> = Array.isArray(value) ? [...value] as never : { ...value };
  switch (chance.below(6)) {
    case 0: delete copy[key]; break;
    case 1: copy[chance.one(['unknown', '__proto__x', 'constructor', 'by', 'unitId', 'accountId', 'demo'])] = chance.one(STRANGE); break;
    case 2: copy[key] = Array.from({ length: 600 }, () => copy[key]); break;
    default: copy[key] = brokenOnce(copy[key], chance, depth + 1);
  }
  return copy;
}
