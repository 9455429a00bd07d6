// What the server writes into the audit: every step that changes something, every look at a camera (looks.ts), every try that was refused.
// A step that was taken is written down before its answer leaves; a line that cannot be written then waits in the store. What must be on record first is written by audit() before it is done.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PlaceKind } from '../../contract/access.ts';
import type { AuditFact } from '../../contract/audit.ts';
import type { Store } from '../../store/store.ts';
import type { App, ServerParts } from '../parts.ts';
import type { RuleKind } from './rule.ts';

export type AboutFact = Partial<Pick<AuditFact, 'placeKind' | 'placeId' | 'placeName' | 'unitId' | 'fromMs' | 'untilMs' | 'reason' | 'detail' | 'status'>>;

declare module 'fastify' {
  interface FastifyRequest {
    /** What a handler adds to the line that is written by itself. */
    auditAbout: AboutFact | null;
    /** A line of its own tells what happened: none is written by itself. */
    auditDone: boolean;
  }
  interface FastifyContextConfig { /** A request of this route changes nothing, although it is no GET: worked out, checked, or only said that somebody is there. */ changesNothing?: true }
}

/** Only work something out, or tell that a page is open. */
const CHANGES_NOTHING = new Set(['POST /api/units/check', 'POST /api/alarms/whatIf', 'POST /api/me/here', 'POST /api/join/look']);
/** The same refusal of the same person within this time is one line, and one more with how often it came. */
const REPEATS_JOINED_MS = 60_000, REPEATS_MOST = 10_000;

/** A line about what `request` does. Resolves when it is kept: what must be on record waits for it. Rejects with Problem auditAway. */
export async function audit(store: Store, request: FastifyRequest, what: AuditFact['what'], about: AboutFact = {}): Promise<void> {
  request.auditDone = true;
  await store.writeAudit([factOf(request, what, about)]);
}

/** For what was done already, whoever waits for it. Never rejects. */
export async function auditAfterwards(store: Store, request: FastifyRequest, what: AuditFact['what'], about: AboutFact = {}): Promise<void> {
  request.auditDone = true;
  await store.noteAudit([factOf(request, what, about)]);
}

/** More words for the line that the server writes by itself once the step was taken. */
export function aboutAudit(request: FastifyRequest, about: AboutFact): void {
  request.auditAbout = { ...request.auditAbout, ...about, detail: { ...request.auditAbout?.detail, ...about.detail } };
}

export function factOf(request: FastifyRequest, what: AuditFact['what'], about: AboutFact = {}): AuditFact {
  const { principal } = request;
  return {
    what, accountId: principal?.accountId ?? null, name: principal?.name ?? '', sessionId: principal?.sessionId ?? principal?.tokenId ?? null, address: request.ip,
    route: routeOf(request), status: null, placeKind: null, placeId: null, placeName: null, unitId: null, fromMs: null, untilMs: null, reason: null, detail: {}, ...about,
  };
}
const routeOf = (request: FastifyRequest): string => `${request.method} ${request.routeOptions.url ?? ''}`.slice(0, 200);

export function auditHooks(app: App, { store, log }: Pick<ServerParts, 'store' | 'log'>): { close(): Promise<void> } {
  app.decorateRequest('auditAbout', null);
  app.decorateRequest('auditDone', false);
  const refusals = joinRefusals(store);

  // Before the handler: afterwards it may be gone, or have another name.
  app.addHook('preHandler', async (request) => {
    if (!changes(request)) return;
    const [first] = request.access?.reached ?? [];
    if (first !== undefined) aboutAudit(request, { placeKind: first.kind, placeId: first.id, unitId: first.place.unitId, placeName: await nameOf(store, first.kind, first.id) });
  });

  app.addHook('onSend', async (request: FastifyRequest, reply: FastifyReply, payload) => {
    const status = reply.statusCode, refused = request.access?.refused ?? null;
    try {
      if (refused !== null && status >= 400) {
        // Nobody's request without a session says nothing; one with a session that is over does.
        if (refused === 'notSignedIn' && request.headers.cookie === undefined && request.headers.authorization === undefined) return payload;
        const [first] = request.access.reached;
        await refusals.note(factOf(request, 'refused', { status, placeKind: first?.kind ?? null, placeId: first?.id ?? askedId(request), unitId: first?.place.unitId ?? null, detail: { because: refused } }));
      } else if (changes(request) && status < 400 && !request.auditDone) {
        const made = status === 201 ? madeThing(payload) : null;
        const about = request.auditAbout ?? {};
        await store.noteAudit([factOf(request, 'changed', { ...about, status, detail: { ...idsOf(request), ...(made === null ? {} : { made: made.id, ...(made.name === null ? {} : { madeName: made.name }) }), ...about.detail } })]);
      }
    } catch (error) { log.error({ err: error }, 'a line of the audit could not be made'); } // the step was taken: its answer goes out all the same
    return payload;
  });
  return { close: () => refusals.close() };
}

/** Its route is one that changes something, and somebody is signed in or the handler says who came. */
function changes(request: FastifyRequest): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method) || request.is404) return false;
  return request.routeOptions.config.changesNothing !== true && !CHANGES_NOTHING.has(routeOf(request));
}

/** The ids in the address of a request that was refused for something that is not there for it. */
const askedId = (request: FastifyRequest): string | null => Object.values((request.params ?? {}) as Record<string, unknown>).map(String).join(' ').slice(0, 300) || null;
const idsOf = (request: FastifyRequest): Record<string, string> => Object.fromEntries(Object.entries((request.params ?? {}) as Record<string, unknown>).slice(0, 5).map(([key, value]) => [key, String(value).slice(0, 100)]));

/** The id of what a 201 tells of, and its name. */
function madeThing(payload: unknown): { id: string; name: string | null } | null {
  if (typeof payload !== 'string' || payload.length > 200_000) return null;
  try {
    const answer = JSON.parse(payload) as Record<string, unknown>;
    const parts = [answer, ...Object.values(answer).filter((part): part is Record<string, unknown> => typeof part === 'object' && part !== null && !Array.isArray(part))];
    for (const part of parts) for (const [key, value] of Object.entries(part)) {
      if (!/^(site|zone|line|sensor|unit|member|shift|playbook|channel|incident|silence|account|grant|token|hold|approval)Id$/.test(key) || typeof value !== 'string') continue;
      return { id: `${key.slice(0, -2)} ${value}`, name: typeof part['name'] === 'string' ? part['name'].slice(0, 200) : null };
    }
  } catch { /* no JSON: nothing to tell */ }
  return null;
}

/** What people call it; null where it has no name, or nobody can be asked now. */
export async function nameOf(store: Store, kind: RuleKind | PlaceKind, id: string): Promise<string | null> {
  try {
    return await store.forProduct(async () => {
      switch (kind) {
        case 'unit': case 'unitAbove': { const unit = await store.unit(id); return unit === null ? null : unit.names.en === unit.names.zh ? unit.names.en : `${unit.names.en} / ${unit.names.zh}`; }
        case 'site': return (await store.site(id))?.site.name ?? null;
        case 'sensor': return (await store.sensorSource(id))?.sensor.name ?? null;
        case 'member': return (await store.member(id))?.name ?? null;
        case 'account': return (await store.account(id))?.name ?? null;
        case 'channel': return (await store.channels()).find(({ channelId }) => channelId === id)?.name ?? null;
        case 'alarm': return (await store.alarm(id))?.placeName ?? null;
        case 'zone': case 'line': {
          const place = await store.placeOf(kind, id), config = place?.siteId == null ? null : await store.site(place.siteId);
          return (kind === 'zone' ? config?.zones.find(({ zoneId }) => zoneId === id)?.name : config?.lines?.find(({ lineId }) => lineId === id)?.name) ?? null;
        }
        default: return null;
      }
    });
  } catch { return null; }
}

/** A flood of tries is a line when it begins and a line a minute with its count, never a flood of lines. */
function joinRefusals(store: Store) {
  const open = new Map<string, { fact: AuditFact; since: number; more: number }>();
  const end = async (key: string, entry: { fact: AuditFact; more: number }) => { open.delete(key); if (entry.more > 0) await store.noteAudit([{ ...entry.fact, detail: { ...entry.fact.detail, moreTimes: entry.more } }]); };
  const timer = setInterval(() => { const nowMs = Date.now(); for (const [key, entry] of open) if (nowMs - entry.since >= REPEATS_JOINED_MS) void end(key, entry); }, 5000);
  timer.unref();
  return {
    async note(fact: AuditFact): Promise<void> {
      const key = JSON.stringify([fact.accountId, fact.address, fact.route, fact.placeId, fact.status]);
      const there = open.get(key);
      if (there !== undefined) { there.more++; return; }
      // Many different ones at once: the oldest make room, and are told.
      if (open.size >= REPEATS_MOST) { const [oldest] = open; if (oldest !== undefined) void end(...oldest); }
      open.set(key, { fact, since: Date.now(), more: 0 });
      await store.noteAudit([fact]);
    },
    async close() { clearInterval(timer); await Promise.all([...open].map(([key, entry]) => end(key, entry))); },
  };
}
