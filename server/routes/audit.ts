// Routes of reading the audit. Whoever has the right `audit` reads what lies at or below their units; everybody reads their own lines. Reading is on record before anything is shown.
import { Readable } from 'node:stream';
import Type from 'typebox';
import { AuditPage, AuditState, AuditWhat, type AuditLine } from '../../contract/audit.ts';
import { id, instantMs, literals, strictObject } from '../../contract/schema.ts';
import { isWholeLine } from '../../store/auditChain.ts';
import type { AuditFilter } from '../../store/auditStore.ts';
import { audit } from '../access/audit.ts';
import type { Principal } from '../access/principal.ts';
import type { App, ServerParts } from '../parts.ts';

const PAGE = 100, PAGE_MOST = 500, EXPORT_PAGE = 1000;
const words = (title: string) => Type.Optional(Type.String({ title, minLength: 1, maxLength: 100 }));
const filters = { what: Type.Optional(AuditWhat), name: words('name'), text: words('words'), sinceMs: Type.Optional(instantMs('since')), untilMs: Type.Optional(instantMs('until')), unitId: Type.Optional(id('unit')), accountId: Type.Optional(id('account')) };
const paging = { beforeSeq: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })), most: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MOST })) };
const CSV_COLUMNS = ['seq', 'at', 'what', 'name', 'accountId', 'sessionId', 'address', 'route', 'status', 'placeKind', 'placeId', 'placeName', 'unitId', 'from', 'until', 'reason', 'detail', 'previousHash', 'hash'] as const;

export function auditRoutes(app: App, { store, scopes }: ServerParts): void {
  const READ = { access: { right: 'audit' as const, at: [['unit', 'query.unitId'] as const] } };
  /** Ids of the units whose lines they read; null: all, also those of no unit. */
  const unitsOf = async (principal: Principal, unitId: string | undefined): Promise<string[] | null> => {
    const roots = unitId === undefined ? scopes.seeingUnits(principal, 'audit') : [unitId];
    return roots === null ? null : [...new Set((await Promise.all(roots.map((root) => store.unitSubtree(root)))).flat())];
  };
  const pageOf = async (filter: AuditFilter): Promise<AuditPage> => {
    const { lines, scannedToSeq } = await store.auditLines(filter);
    return { serverAtMs: Date.now(), lines: lines.filter(isWholeLine), nextBeforeSeq: scannedToSeq };
  };
  /** What somebody asked for, as it stands on record. */
  const asked = (query: Record<string, unknown>) => Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined).map(([key, value]) => [key, typeof value === 'number' ? value : String(value)]));

  app.get('/api/audit', { config: READ, schema: { querystring: strictObject({ ...filters, ...paging }), response: { 200: AuditPage } } }, async (request, reply) => {
    const { unitId, beforeSeq = null, most = PAGE, ...rest } = request.query, unitIds = await unitsOf(request.principal!, unitId);
    await audit(store, request, 'auditRead', { unitId: unitId ?? null, detail: asked(request.query) });
    void reply.header('cache-control', 'no-store');
    return pageOf({ ...rest, beforeSeq, most, unitIds });
  });

  app.get('/api/audit/own', { config: { access: { who: 'signedIn', because: 'what is on record of oneself, and of nobody else' } }, schema: { querystring: strictObject(paging), response: { 200: AuditPage } } }, async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    const { beforeSeq = null, most = PAGE } = request.query;
    return pageOf({ beforeSeq, most, unitIds: null, accountId: request.principal!.accountId });
  });

  app.get('/api/audit/state', { config: { access: { right: 'audit', at: 'whole' } }, schema: { response: { 200: AuditState } } }, async () => {
    const [{ seq, hash }, file, address] = await Promise.all([store.auditHead(), store.auditExported('file'), store.auditExported('address')]), { waiting, dropped } = store.auditFigures();
    return { seq, hash, waiting, dropped, outside: [...(file > 0 ? [{ name: 'file' as const, seq: file }] : []), ...(address > 0 ? [{ name: 'address' as const, seq: address }] : [])] };
  });

  app.get('/api/audit/export', { config: READ, schema: { querystring: strictObject({ format: Type.Optional(literals(['jsonl', 'csv'])), unitId: filters.unitId, sinceMs: filters.sinceMs, untilMs: filters.untilMs }) } }, async (request, reply) => {
    const { format = 'jsonl', unitId, sinceMs = 0, untilMs = Infinity } = request.query, unitIds = await unitsOf(request.principal!, unitId);
    await audit(store, request, 'auditExported', { unitId: unitId ?? null, detail: asked(request.query) });
    const { seq: newest } = await store.auditHead(), inSight = unitIds === null ? null : new Set(unitIds);
    /** Page after page: what is not read yet lies in the database, not in memory. */
    async function* lines(): AsyncGenerator<string> {
      if (format === 'csv') yield `\ufeff${CSV_COLUMNS.join(',')}\r\n`;
      for (let seq = 0; seq < newest;) {
        const some = (await store.auditAfter(seq, EXPORT_PAGE)).filter((line) => line.seq <= newest);
        if (some.length === 0) return;
        seq = some.at(-1)!.seq;
        const kept = some.filter(({ atMs, fact }) => atMs >= sinceMs && atMs < untilMs && (inSight === null || (fact?.unitId != null && inSight.has(fact.unitId))));
        if (kept.length > 0) yield kept.map((line) => (format === 'csv' ? csvLine(line) : `${JSON.stringify(line)}\n`)).join('');
      }
    }
    return reply.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8').header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="audit-to-${newest}.${format}"`).send(Readable.from(lines()));
  });
}

function csvLine({ seq, atMs, fact, previousHash, hash }: AuditLine): string {
  const { what, name, accountId, sessionId, address, route, status, placeKind, placeId, placeName, unitId, fromMs, untilMs, reason, detail } = fact;
  const time = (value: number | null) => (value === null ? null : new Date(value).toISOString());
  return `${[seq, time(atMs), what, name, accountId, sessionId, address, route, status, placeKind, placeId, placeName, unitId, time(fromMs), time(untilMs), reason, JSON.stringify(detail), previousHash, hash].map(csvCell).join(',')}\r\n`;
}
/** A spreadsheet takes what begins with one of these for a formula: such words get a ' before them. */
function csvCell(value: string | number | null): string {
  if (value === null) return '';
  const said = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(said) ? `"${said.replaceAll('"', '""')}"` : said;
}
