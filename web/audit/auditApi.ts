// What the pages of the audit and of the second person ask of the server.
import type { Approval, Approvals } from '../../contract/approval.ts';
import type { AuditPage, AuditState, AuditWhat } from '../../contract/audit.ts';
import { ask } from '../setup/api.ts';

export type AuditQuery = { what: AuditWhat | null; name: string; text: string; sinceMs: number | null; untilMs: number | null; unitId: string | null };
export const NO_QUERY: AuditQuery = { what: null, name: '', text: '', sinceMs: null, untilMs: null, unitId: null };

export function auditQueryOf({ what, name, text, sinceMs, untilMs, unitId }: AuditQuery, more: Record<string, string> = {}): string {
  const said: Record<string, string> = { ...(what === null ? {} : { what }), ...(name.trim() === '' ? {} : { name: name.trim() }), ...(text.trim() === '' ? {} : { text: text.trim() }), ...(sinceMs === null ? {} : { sinceMs: String(sinceMs) }), ...(untilMs === null ? {} : { untilMs: String(untilMs) }), ...(unitId === null ? {} : { unitId }), ...more };
  const words = new URLSearchParams(said).toString();
  return words === '' ? '' : `?${words}`;
}
/** A long look back takes its time. */
const LOOK_MOST_MS = 30_000;
const approval = (approvalId: string, step = '') => `/api/approvals/${encodeURIComponent(approvalId)}${step === '' ? '' : `/${step}`}`;

export const auditApi = {
  page: (query: AuditQuery, beforeSeq: number | null) => ask<AuditPage>('GET', `/api/audit${auditQueryOf(query, beforeSeq === null ? {} : { beforeSeq: String(beforeSeq) })}`, undefined, LOOK_MOST_MS),
  own: (beforeSeq: number | null) => ask<AuditPage>('GET', `/api/audit/own${beforeSeq === null ? '' : `?beforeSeq=${beforeSeq}`}`, undefined, LOOK_MOST_MS),
  state: () => ask<AuditState>('GET', '/api/audit/state'),
  exportPath: (format: 'jsonl' | 'csv', { unitId, sinceMs, untilMs }: AuditQuery) => `/api/audit/export${auditQueryOf({ ...NO_QUERY, unitId, sinceMs, untilMs }, { format })}`,
  approvals: () => ask<Approvals>('GET', '/api/approvals'),
  approval: (approvalId: string) => ask<Approval>('GET', approval(approvalId)),
  askFor: (approvalId: string, reason: string, emergency: boolean) => ask<Approval>('POST', approval(approvalId, 'ask'), { reason, emergency }),
  give: (approvalId: string, answer: string) => ask<Approval>('POST', approval(approvalId, 'give'), { answer }),
  refuse: (approvalId: string, answer: string) => ask<Approval>('POST', approval(approvalId, 'refuse'), { answer }),
  review: (approvalId: string, answer: string, wasRight: boolean) => ask<Approval>('POST', approval(approvalId, 'review'), { answer, wasRight }),
  withdraw: (approvalId: string) => ask<Approval>('POST', approval(approvalId, 'withdraw')),
};
