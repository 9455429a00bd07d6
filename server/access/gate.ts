// The one place where the server says who may do what. Every request passes it; every route declares its rule (rule.ts) and one without stops the start.
// What somebody may not see answers exactly like what is not there: both are answered here, before any handler looks.
import type { FastifyRequest, RouteOptions } from 'fastify';
import { SCOPE_NOTHING, type Place, type Right, type Scope } from '../../contract/access.ts';
import { Problem, type ProblemCode } from '../../contract/problem.ts';
import type { Store } from '../../store/store.ts';
import type { App, ServerParts } from '../parts.ts';
import type { Principal } from './principal.ts';
import type { Access, AccessRule, IdAt, RuleKind } from './rule.ts';
import type { Scopes } from './scopes.ts';

/** Until sessions are asked for: whoever comes is the administrator of everything. */
const EVERYBODY: Principal = {
  kind: 'person', accountId: 'nobody', signInName: 'nobody', name: 'nobody', language: 'en', roles: [{ role: 'administrator', unitId: null }, { role: 'dutyOfficer', unitId: null }],
  actor: { memberId: null, name: 'nobody', duty: 'operator', unitId: null }, sessionId: null, tokenId: null, onlyRights: null, mustDo: [], scope: { ...SCOPE_NOTHING, all: true },
};
/** Whoever a request comes from; null where nobody is signed in. */
export type PrincipalOf = (request: FastifyRequest) => Promise<Principal | null>;
const everybody: PrincipalOf = async () => EVERYBODY;

export type Gate = {
  /** Every route with the rule that it declares. */
  routes: readonly DeclaredRoute[];
};
export type DeclaredRoute = { method: string; url: string; access: AccessRule; /** What it takes, as it is checked. */ schema: { params?: unknown; querystring?: unknown; body?: unknown } | null };

/** What is said of a thing that is not there, or not there for whoever asks. */
const UNKNOWN: Partial<Record<RuleKind, ProblemCode>> = { incident: 'incidentUnknown', alarm: 'alarmUnknown' };

export function openGate(app: App, { store, scopes, principalOf = everybody }: Pick<ServerParts, 'store' | 'scopes'> & { principalOf?: PrincipalOf }): Gate {
  app.decorateRequest('principal', null);
  app.decorateRequest('access', null as unknown as Access);
  const routes = mustAllDeclare(app);

  // Who: before anything of the request is read.
  app.addHook('onRequest', async (request) => {
    request.access = accessOf(request, store, scopes);
    const rule = ruleOf(request);
    if (rule === null) return;
    const open = 'who' in rule && rule.who === 'everyone';
    let principal: Principal | null = null;
    try {
      principal = await principalOf(request);
      if (principal !== null) {
        await scopes.ready();
        const { actor, accountId } = principal;
        request.principal = { ...principal, actor: { ...actor, accountId }, scope: scopes.scopeOf(principal, 'see') };
      }
    } catch (error) { if (!open) throw error; } // what needs nobody to be signed in is answered while the database is away, too
    if (open) return;
    if (principal === null) throw refusal(request, 'notSignedIn');
    const { mustDo } = principal;
    if (mustDo.length > 0 && !('who' in rule && rule.who === 'signedIn' && rule.whileMustDo === true)) throw refusal(request, 'mustDoFirst');
    // Nowhere at all: nothing more of the request need be read.
    if (!('who' in rule) && rule.at === 'whole' && !scopes.mayWhole(principal, rule.right)) throw refusal(request, 'notAllowed');
    if (!('who' in rule) && rule.at === 'anywhere' && !scopes.mayAnywhere(principal, rule.right)) throw refusal(request, 'notAllowed');
  });

  // Where: after the request was checked against its schema, so that an id is one.
  app.addHook('preHandler', async (request) => {
    const rule = ruleOf(request), { principal } = request;
    if (rule === null || principal === null || 'who' in rule || rule.at === 'whole' || rule.at === 'anywhere') return;
    await mayHere(request, rule, principal);
  });
  // The handler, and all that it awaits, sees no more than whoever asks may.
  app.addHook('preHandler', (request, _reply, done) => { store.within(scopeFor(request), done); });
  return { routes };

  async function mayHere(request: FastifyRequest, rule: Extract<AccessRule, { at: readonly unknown[] }>, principal: Principal): Promise<void> {
    const right = rightOf(request, rule), { reached } = request.access;
    let asked = false, allowed = true;
    for (const [kind, at] of rule.at) {
      const id = valueAt(request, at);
      if (id === undefined || (id === null && kind !== 'unit')) continue;
      asked = true;
      const found = await placesOf(kind, id as string | null);
      const self = rule.orSelf !== undefined && isSelf(request, rule.orSelf, principal);
      const sees = found !== null && (id === null || self || await scopes.may(principal, 'see', found.lies) || await scopes.may(principal, right, found.judged));
      if (!sees) throw refusal(request, 'outOfScope', UNKNOWN[kind] ?? 'notFound');
      reached.push({ kind, id: String(id), place: found.lies });
      allowed &&= self || await scopes.may(principal, right, found.judged);
    }
    if (!allowed) throw refusal(request, 'notAllowed');
    const point = await rule.ground?.(request, store) ?? null;
    if (point !== null) {
      asked = true;
      const unitId = (await store.unitsAt(point))[0]?.unitId ?? null;
      if (!await scopes.may(principal, right, { unitId, siteId: null })) throw refusal(request, 'notAllowed');
    }
    if (!asked && !scopes.mayAnywhere(principal, right)) throw refusal(request, 'notAllowed');
  }

  /** Where it is seen, and where the right must hold. Null: there is no such thing. An id that is null names the whole installation. */
  async function placesOf(kind: RuleKind, id: string | null): Promise<{ lies: Place; judged: Place } | null> {
    const whole = { unitId: null, siteId: null };
    if (id === null) return { lies: whole, judged: whole };
    if (kind === 'unit' || kind === 'unitAbove') {
      const unit = await store.unit(id);
      if (unit === null) return null;
      const lies = { unitId: id, siteId: null };
      return { lies, judged: kind === 'unit' ? lies : { unitId: unit.parentId, siteId: null } };
    }
    const lies = await store.placeOf(kind, id);
    return lies === null ? null : { lies, judged: lies };
  }

  function scopeFor(request: FastifyRequest): Scope {
    const rule = ruleOf(request), { principal } = request;
    if (rule === null || principal === null || ('who' in rule && rule.who === 'everyone')) return SCOPE_NOTHING;
    if ('who' in rule) return principal.scope;
    if (rule.at === 'whole') return { ...SCOPE_NOTHING, all: true };
    // An answer that is put together from everywhere holds what the right itself reaches; a step at one thing may read what lies around it.
    const right = rightOf(request, rule), named = request.access.reached.length > 0;
    return named ? scopes.scopeOf(principal, 'see', right) : scopes.scopeOf(principal, right);
  }
}

const ruleOf = (request: FastifyRequest): AccessRule | null => (request.is404 ? null : request.routeOptions.config.access ?? null);

function rightOf(request: FastifyRequest, rule: Exclude<AccessRule, { who: string }>): Right {
  if (!('instead' in rule) || rule.instead === undefined) return rule.right;
  const said = valueAt(request, rule.instead.at);
  return typeof said === 'string' && Object.hasOwn(rule.instead.rights, said) ? rule.instead.rights[said]! : rule.right;
}

function valueAt(request: FastifyRequest, at: IdAt): unknown {
  let value: unknown = request;
  for (const key of at.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = key === 'params' || key === 'query' || key === 'body' || Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

const isSelf = (request: FastifyRequest, at: IdAt, { kind, actor: { memberId } }: Principal): boolean => kind === 'person' && memberId !== null && valueAt(request, at) === memberId;

function refusal(request: FastifyRequest, because: Exclude<Access['refused'], null | 'needsSecondPerson'>, code?: ProblemCode): Problem {
  request.access.refused = because;
  switch (because) {
    case 'notSignedIn': return new Problem('notSignedIn');
    case 'mustDoFirst': return new Problem('mustDoFirst', { what: request.principal!.mustDo.join(', ') });
    case 'notAllowed': return new Problem('notAllowed');
    case 'outOfScope': return new Problem(code ?? 'notFound');
  }
}

function accessOf(request: FastifyRequest, _store: Store, scopes: Scopes): Access {
  const may = async (right: Right, place: Place) => request.principal !== null && await scopes.may(request.principal, right, place);
  return {
    reached: [], refused: null, may,
    mayAtUnit: (right, unitId) => may(right, { unitId, siteId: null }),
    mayWhole: (right) => request.principal !== null && scopes.mayWhole(request.principal, right),
  };
}

/** A handler that finds out for itself that this must not be. */
export const notAllowed = (request: FastifyRequest): Problem => refusal(request, 'notAllowed');

/** A route that nobody has thought about is none that may be served. HEAD, which comes with each GET, has its rule. */
function mustAllDeclare(app: App): DeclaredRoute[] {
  const routes: RouteOptions[] = [], declared: DeclaredRoute[] = [];
  app.addHook('onRoute', (route) => { routes.push(route); });
  app.addHook('onReady', async () => {
    const bare: string[] = [];
    for (const { method, url, config, schema } of routes) {
      for (const each of [method].flat()) { if (config?.access === undefined) bare.push(`${each} ${url}`); else declared.push({ method: each, url, access: config.access, schema: schema ?? null }); }
    }
    if (bare.length > 0) throw new Error(`these routes do not say who may call them: ${bare.join('; ')}`);
  });
  return declared;
}
