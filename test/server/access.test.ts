// Who may see what: every route that the server declares, for every role at every place beside the thing asked for, for nobody, and for tokens.
// What is expected is worked out here in other words than in the server, from the rule that the route declares. Prints matrixCells and matrixHoles.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { RIGHTS_OF, type Right } from '../../contract/access.ts';
import type { DeclaredRoute } from '../../server/access/gate.ts';
import type { AccessRule } from '../../server/access/rule.ts';
import { EXAMPLES, type Example } from './accessExamples.ts';
import { worldForTest, type Ids, type Position, type Who, type World } from './accessWorld.ts';

const AT_ONCE = 6;
/** Some routes alone, for whoever is at work on them. */
const ONLY = process.env['MATRIX_ROUTES'] ?? '';
let world: World;
beforeAll(async () => { world = await worldForTest(); }, 120_000);
afterAll(async () => { await world?.close(); });

type Verdict = 'passes' | 'notSignedIn' | 'notAllowed' | 'notThere';
/** Somebody who asks: with which rights, where, and how a request says so. */
type Asker = { name: string; rights: readonly Right[]; position: Position; person: Who | null; headers: () => Promise<Record<string, string>> };
const NOBODY: Asker = { name: 'nobody', rights: [], position: 'sibling', person: null, headers: async () => ({}) };
const asker = (who: Who): Asker => ({ name: `${who.role} (${who.position})`, rights: RIGHTS_OF[who.role], position: who.position, person: who, headers: async () => ({ cookie: who.session.cookie }) });

const tokenOf = (right: Right): Asker => ({ name: `a token of all rights but ${right}`, rights: ALL.filter((one) => one !== right), position: 'whole', person: null, headers: async () => ({ authorization: await world.without(right) }) });

describe('the matrix of access', () => {
  test('GA10 every route has a rule and an example', () => {
    const routes = world.server.routes.filter(({ method }) => method !== 'HEAD').map(({ method, url }) => `${method} ${url}`);
    expect(routes.length).toBeGreaterThan(80);
    expect(routes.filter((route) => EXAMPLES[route] === undefined)).toEqual([]);
  });

  test('GA11 each role at each place gets what the rule says, and what one may not see answers like what is not there', { timeout: 1_800_000 }, async () => {
    const cells: (() => Promise<void>)[] = [], holes: string[] = [];
    let compared = 0;
    const tookMs = { foreign: [] as number[], madeUp: [] as number[] };
    for (const route of world.server.routes) {
      const example = EXAMPLES[`${route.method === 'HEAD' ? 'GET' : route.method} ${route.url}`];
      if (example === undefined || (route.method === 'HEAD' && (example.socket === true || route.url.endsWith('/picture'))) || !new RegExp(ONLY).test(`${route.method} ${route.url}`)) continue;
      for (const who of await askersOf(route)) {
        cells.push(async () => {
          const expected = expectedOf(route.access, who, example), name = `${route.method} ${route.url} as ${who.name}`;
          // Which of the two comes first is chance: the same refusal twice is cheaper the second time.
          const made = expected === 'notThere' && example.own === undefined ? { first: Math.random() < 0.5, ids: madeUp(world.ids) } : null;
          const before = made?.first === true ? await ask(route, example, who, made.ids, expected) : null;
          const found = await ask(route, example, who, world.ids, expected);
          const answered = verdictOf(found), wrong = (words: string) => { holes.push(`${name}: ${words}; ${found.status} ${found.text.slice(0, 300)}`); };
          if (found.status >= 500 && !['notJudged', 'nobodyDelivers'].includes(found.code)) wrong('failed inside');
          const isSpent = example.spendsIt === true && expected === 'passes' && answered === 'notThere';
          if (example.own === undefined && answered !== expected && !isSpent) wrong(`expected ${expected}, got ${answered}`);
          const leak = leakOf(found, who, route);
          if (leak !== null) wrong(`tells of ${leak}`);
          if (made === null) return;
          const again = before ?? await ask(route, example, who, made.ids, expected);
          compared++;
          tookMs.foreign.push(found.tookMs);
          tookMs.madeUp.push(again.tookMs);
          if (found.status !== again.status || found.text !== again.text || found.headers !== again.headers) wrong(`a made-up id is answered otherwise: ${again.status} ${again.text.slice(0, 300)} ${found.headers === again.headers ? '' : `${found.headers} / ${again.headers}`}`);
        });
      }
    }
    const total = cells.length;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => { for (let next = cells.shift(); next !== undefined; next = cells.shift()) await next().catch((error: unknown) => { holes.push(`the test itself: ${String(error).slice(0, 300)}`); }); }));
    const [foreignMs, madeUpMs] = [median(tookMs.foreign), median(tookMs.madeUp)];
    console.log(JSON.stringify({ matrixCells: total, matrixHoles: holes.length, matrixCompared: compared, foreignMsMedian: round(foreignMs), madeUpMsMedian: round(madeUpMs) }));
    expect(holes).toEqual([]);
    if (ONLY !== '') return;
    expect(total).toBeGreaterThan(3500);
    expect(compared).toBeGreaterThan(1000);
    // By the time that an answer takes nobody learns what is there, either: far below what a network adds by chance.
    expect(Math.abs(foreignMs - madeUpMs)).toBeLessThan(Math.max(5, 0.5 * madeUpMs));
  });

  async function askersOf({ access, method }: DeclaredRoute): Promise<Asker[]> {
    const right: Right = 'who' in access ? 'see' : access.right;
    // HEAD is its GET without words: one role each is enough.
    if (method === 'HEAD') return [NOBODY, ...world.everybody.filter(({ role }) => role === 'dutyOfficer').map(asker)];
    // The same for all who are signed in: one each of those who see much, little and nothing.
    if ('who' in access) return [NOBODY, ...world.everybody.filter(({ role, position }) => (role === 'dutyOfficer' && position === 'own') || (role === 'viewer' && position !== 'own') || (role === 'auditor' && position === 'whole')).map(asker), tokenOf(right)];
    return [
      NOBODY, ...world.everybody.map(asker),
      tokenOf(right),
      { name: `a token of ${right} alone (own)`, rights: [right], position: 'own', person: null, headers: async () => ({ authorization: await world.only(right) }) },
    ];
  }
});

const ALL = [...new Set(Object.values(RIGHTS_OF).flat())];

// --- what is expected, in other words than the server's
type Lies = 'here' | 'below' | 'county' | 'whole';
/** Whether a role at this position reaches what lies there; `site`: it belongs to the site that was shown to the neighbour. */
function reaches(position: Position, right: Right, lies: Lies, site: boolean): boolean {
  switch (position) {
    case 'whole': return true;
    case 'parent': return lies !== 'whole';
    case 'own': return lies === 'here' || lies === 'below';
    case 'granted': return site && (right === 'see' || right === 'picture');
    case 'sibling': case 'child': return false;
  }
}
const OF_SITE = ['site', 'zone', 'line', 'sensor', 'playbook', 'silence', 'alarm', 'incident', 'notice', 'attachment', 'grant'];

function expectedOf(rule: AccessRule, who: Asker, example: Example): Verdict {
  if ('who' in rule && rule.who === 'everyone') return 'passes';
  if (who === NOBODY) return 'notSignedIn';
  const isToken = who.person === null;
  if ('who' in rule) return isToken && example.notForTokens === true ? 'notAllowed' : 'passes';
  const { right } = rule, has = (one: Right) => who.rights.includes(one), somewhere = has(right) && (who.position !== 'granted' || true);
  if (rule.at === 'whole') return has(right) && who.position === 'whole' ? 'passes' : 'notAllowed';
  if (rule.at === 'anywhere') {
    if (!somewhere) return 'notAllowed';
    if (isToken && example.notForTokens === true) return 'notAllowed';
    if (example.judged === undefined) return 'passes';
    return reaches(who.position, right, 'here', false) ? 'passes' : 'notThere';
  }
  const path = example.path(world.ids), body = example.body?.(world.ids, world);
  let named = 0, allowed = true;
  for (const [kind, at] of rule.at) {
    const given = givenAt(at, path, body);
    if (given === undefined || (given === null && kind !== 'unit')) continue;
    named++;
    const site = OF_SITE.includes(kind);
    const lies: Lies = given === null || kind === 'channel' ? 'whole' : given === world.ids.below ? 'below' : 'here';
    const judged: Lies = kind === 'unitAbove' ? (lies === 'below' ? 'here' : 'county') : lies;
    const may = has(right) && reaches(who.position, right, judged, site), sees = may || (has('see') && reaches(who.position, 'see', lies, site));
    if (given !== null && !sees) return 'notThere';
    allowed &&= may;
  }
  if (!allowed) return 'notAllowed';
  if (rule.ground !== undefined && !(has(right) && reaches(who.position, right, 'here', false))) return 'notAllowed';
  return named > 0 || somewhere ? 'passes' : 'notAllowed';
}
function givenAt(at: string, path: string, body: unknown): unknown {
  const [where, ...keys] = at.split('.');
  if (where === 'params') return paramOf(at, path);
  if (where === 'query') return new URL(path, 'http://x').searchParams.get(keys[0]!) ?? undefined;
  let value: any = body;
  for (const key of keys) value = value?.[key];
  return value;
}
/** The only ids in paths whose value matters are those of the units. */
const paramOf = (at: string, path: string): string => (at === 'params.unitId' && path.includes(world.ids.below) ? world.ids.below : at === 'params.unitId' ? world.ids.unit : 'given');

// --- asking
type Answer = { status: number; text: string; code: string; headers: string; tookMs: number; asked: string };
async function ask(route: DeclaredRoute, example: Example, who: Asker, ids: Ids, expected: Verdict): Promise<Answer> {
  const mine = expected === 'passes' && example.fresh !== undefined ? { ...ids, ...await example.fresh(world) } : ids;
  const credentials = example.spendsWho === true && who.person !== null ? { cookie: (await world.another(who.person)).cookie } : await who.headers();
  const path = example.path(mine), body = example.body?.(mine, world), sent = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const asked = `${path} ${sent ?? ''}`, startedAtMs = performance.now();
  if (example.socket === true) return { ...await overSocket(path, credentials), tookMs: performance.now() - startedAtMs, asked };
  const answer = await fetch(world.server.address + path, { method: route.method, headers: { ...(sent === undefined ? {} : { 'content-type': 'application/json' }), ...example.headers, ...credentials }, ...(sent === undefined ? {} : { body: sent }) });
  const text = await answer.text(), tookMs = performance.now() - startedAtMs;
  return { status: answer.status, text, code: codeOf(text), headers: [...answer.headers].filter(([name]) => name !== 'date').map((pair) => pair.join(': ')).join('\n'), tookMs, asked };
}
async function overSocket(path: string, headers: Record<string, string>): Promise<Omit<Answer, 'tookMs' | 'asked'>> {
  const socket = new WebSocket(world.server.address.replace('http', 'ws') + path, { origin: world.server.address, headers });
  try {
    return await new Promise((resolve, reject) => {
      socket.once('open', () => resolve({ status: 101, text: '', code: '', headers: '' }));
      socket.once('unexpected-response', (_request, answer) => {
        let text = '';
        answer.on('data', (part: Buffer) => { text += part.toString(); });
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text, code: codeOf(text), headers: '' }));
      });
      socket.once('error', reject);
    });
  } finally { socket.on('error', () => {}); socket.terminate(); }
}
function codeOf(text: string): string { try { return String((JSON.parse(text) as { code?: string }).code ?? ''); } catch { return ''; } }
/** A 404 without a detail is the answer of what is not there; a handler that lacks something else says what. */
function verdictOf({ status, code, text }: Answer): Verdict {
  if (status === 401 && code === 'notSignedIn') return 'notSignedIn';
  if (status === 403 && code === 'notAllowed') return 'notAllowed';
  // HEAD has no words: its status has to do.
  if (text === '' && (status === 401 || status === 403 || status === 404)) return status === 401 ? 'notSignedIn' : status === 403 ? 'notAllowed' : 'notThere';
  return status === 404 && ['notFound', 'incidentUnknown', 'alarmUnknown'].includes(code) && (JSON.parse(text) as { detail: string | null }).detail === null ? 'notThere' : 'passes';
}

/** Of the same shape, and of nothing. */
function madeUp(ids: Ids): Ids {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  const one = (id: string) => id.replace(/[A-Za-z0-9]/g, () => letters[Math.floor(Math.random() * letters.length)]!);
  return { ...Object.fromEntries(Object.entries(ids).map(([key, id]) => [key, one(id)])), attachment: ids.attachment.replace(/./g, () => '0123456789abcdef'[Math.floor(Math.random() * 16)]!) } as Ids;
}

/** What an answer tells of "here" to somebody who does not see it, other than what they asked with; null when nothing. */
function leakOf({ text, asked }: Answer, who: Asker, { access, url }: DeclaredRoute): string | null {
  // What is on record of oneself names what one asked for.
  if (url === '/api/audit/own') return null;
  if ('who' in access && access.who === 'everyone' && who !== NOBODY) return null;
  const seesHere = who.rights.includes('see') && ['own', 'parent', 'whole'].includes(who.position);
  const mayHere = !('who' in access) && who.rights.includes(access.right) && ['own', 'parent', 'whole'].includes(who.position);
  if (seesHere || mayHere) return null;
  const { ids, units } = world, shown = who.position === 'granted' && who.rights.includes('see');
  const secret: string[] = [ids.member, ids.shift, ids.handOver, ids.account, ids.notice, 'Marked Member', 'Marked Account', 'Marked summary', 'marked.txt'];
  if (!shown) secret.push(ids.site, ids.zone, ids.line, ids.sensor, ids.playbook, ids.silence, ids.alarm, ids.incident, ids.otherIncident, ids.grant, 'Marked');
  // Whoever is shown a place sees its incidents with their history, and who is on them.
  else for (const words of ['marked.txt', ids.member, 'Marked Member', 'Marked summary']) if (/^\/api\/(incidents|overview)/.test(url)) secret.splice(secret.indexOf(words), 1);
  // The path to where somebody has a role is told by name, whichever role it is.
  if (who.position === 'sibling' || who === NOBODY) secret.push(units.here, units.below, units.child);
  return secret.find((words) => text.includes(words) && !asked.includes(words)) ?? null;
}
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const round = (value: number): number => Math.round(100 * value) / 100;
