// Who did what: a list of what was done, in plain sentences; never a figure of anybody. Asked for by hand, because every look at it is itself on record.
import './audit.css';
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { AUDIT_WHATS, type AuditLine, type AuditState, type AuditWhat } from '../../contract/audit.ts';
import { UnitSelect } from '../incidents/UnitSelect.tsx';
import { useMay, useMe } from '../parts/me.ts';
import { useFormat } from '../parts/useFormat.ts';
import { useNewest } from '../parts/useNewest.ts';
import { hrefOf, pagePaths, useRoute } from '../route.ts';
import type { Trouble } from '../setup/api.ts';
import { TroubleBox } from '../setup/TroubleBox.tsx';
import { auditApi, NO_QUERY, type AuditQuery } from './auditApi.ts';
import { auditSentence, withoutBegunLooks } from './sentence.ts';

type Found = { lines: AuditLine[]; nextBeforeSeq: number | null };
const FAR_BACK_MOST = 5;

export default function AuditPage() {
  const { t } = useTranslation('audit');
  const route = useRoute(), mayRead = useMay('audit'), me = useMe();
  const isOwn = route === '/audit/own' || !mayRead;
  return (
    <main className="au-page">
      <h1>{isOwn ? t('page.own') : t('page.title')}</h1>
      <p className="quiet">{isOwn ? t('page.ownLead') : t('page.lead')}</p>
      {mayRead && <p>{isOwn ? <a href={hrefOf(pagePaths.audit())}>{t('page.readAll')}</a> : <a href={hrefOf('/audit/own')}>{t('page.readOwn')}</a>}</p>}
      {me !== null && <Lines key={`${me.account.accountId} ${isOwn}`} isOwn={isOwn} />}
    </main>
  );
}

function Lines({ isOwn }: { isOwn: boolean }) {
  const { t } = useTranslation('audit');
  const [draft, setDraft] = useState<AuditQuery>(NO_QUERY), [asked, setAsked] = useState<AuditQuery>(NO_QUERY);
  const [found, setFound] = useState<Found | null>(null), [trouble, setTrouble] = useState<Trouble | null>(null), [busy, setBusy] = useState(true);
  const turn = useRef(0);
  const look = async (query: AuditQuery, before: number | null, had: AuditLine[]) => {
    const mine = ++turn.current;
    let at = before, lines = had, next: number | null = null;
    // So far was looked and nothing fitted: a little further by itself, then by hand.
    for (let tries = 0; tries < FAR_BACK_MOST; tries++) {
      const answer = await (isOwn ? auditApi.own(at) : auditApi.page(query, at));
      if (turn.current !== mine) return;
      if (!answer.ok) { setTrouble(answer.trouble); setBusy(false); return; }
      lines = [...lines, ...answer.value.lines];
      next = answer.value.nextBeforeSeq;
      at = next;
      if (answer.value.lines.length > 0 || next === null) break;
    }
    setTrouble(null);
    setBusy(false);
    setFound({ lines, nextBeforeSeq: next });
  };
  const first = useNewest(look);
  // Once: the page is made anew for another person.
  useEffect(() => { const turns = turn; void first.current(NO_QUERY, null, []); return () => { turns.current++; }; }, [first]);
  const lookAgain = (query: AuditQuery, before: number | null, had: AuditLine[]) => { setBusy(true); void look(query, before, had); };
  const show = (event: FormEvent) => { event.preventDefault(); setAsked(draft); setFound(null); lookAgain(draft, null, []); };
  const lines = found === null ? [] : withoutBegunLooks(found.lines);
  return (
    <>
      {!isOwn && <Filters draft={draft} onChange={setDraft} onShow={show} busy={busy} />}
      {!isOwn && <StateWords />}
      {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => lookAgain(asked, found?.nextBeforeSeq ?? null, found?.lines ?? [])} />}
      <p role="status" className="quiet">{busy ? t('page.loading') : found !== null && lines.length === 0 ? t(found.nextBeforeSeq === null ? 'page.nothing' : 'page.nothingYet') : ''}</p>
      <ol className="au-lines" aria-busy={busy}>{lines.map((line) => <Line key={line.seq} line={line} />)}</ol>
      {found !== null && found.nextBeforeSeq !== null && <Button variant="default" loading={busy} onClick={() => lookAgain(asked, found.nextBeforeSeq, found.lines)}>{t(lines.length === 0 ? 'page.furtherBack' : 'page.older')}</Button>}
    </>
  );
}

function Filters({ draft, onChange, onShow, busy }: { draft: AuditQuery; onChange: (next: AuditQuery) => void; onShow: (event: FormEvent) => void; busy: boolean }) {
  const { t } = useTranslation('audit');
  const local = (atMs: number | null) => (atMs === null ? '' : new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000).toISOString().slice(0, 16));
  const instant = (words: string) => { const atMs = new Date(words).getTime(); return words === '' || !Number.isFinite(atMs) ? null : atMs; };
  return (
    <form className="au-filters" onSubmit={onShow}>
      <NativeSelect size="xs" label={t('page.what')} value={draft.what ?? ''} onChange={(event) => onChange({ ...draft, what: event.currentTarget.value === '' ? null : event.currentTarget.value as AuditWhat })}
        data={[{ value: '', label: t('page.anyWhat') }, ...AUDIT_WHATS.map((what) => ({ value: what, label: t(`what.${what}`) }))]} />
      <TextInput size="xs" label={t('page.name')} maxLength={80} value={draft.name} onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })} />
      <TextInput size="xs" label={t('page.words')} maxLength={100} value={draft.text} onChange={(event) => onChange({ ...draft, text: event.currentTarget.value })} />
      <TextInput size="xs" type="datetime-local" label={t('page.from')} value={local(draft.sinceMs)} onChange={(event) => onChange({ ...draft, sinceMs: instant(event.currentTarget.value) })} />
      <TextInput size="xs" type="datetime-local" label={t('page.until')} value={local(draft.untilMs)} onChange={(event) => onChange({ ...draft, untilMs: instant(event.currentTarget.value) })} />
      <UnitSelect label={t('page.unit')} emptyWord={t('page.anyUnit')} value={draft.unitId} onChange={(unitId) => onChange({ ...draft, unitId })} />
      <div className="au-do">
        <Button type="submit" size="xs" loading={busy}>{t('page.show')}</Button>
        <a href={auditApi.exportPath('jsonl', draft)} download>{t('page.exportLines')}</a> <a href={auditApi.exportPath('csv', draft)} download>{t('page.exportTable')}</a> <span className="quiet">{t('page.exportIs')}</span>
      </div>
    </form>
  );
}

/** Where the record stands; only whoever reads all of it is told. */
function StateWords() {
  const { t } = useTranslation('audit');
  const [state, setState] = useState<AuditState | null>(null);
  useEffect(() => {
    let gone = false;
    void auditApi.state().then((answer) => { if (!gone && answer.ok) setState(answer.value); });
    return () => { gone = true; };
  }, []);
  if (state === null) return null;
  const { seq, waiting, dropped, outside } = state;
  return <p className="quiet au-state">{t('page.state', { seq })}{outside.map((out) => <span key={out.name}> {t('page.outside', { seq: out.seq })}</span>)}{waiting > 0 && <strong> {t('page.waiting', { count: waiting })}</strong>}{dropped > 0 && <strong> {t('page.dropped', { count: dropped })}</strong>}</p>;
}

function Line({ line }: { line: AuditLine }) {
  const { t } = useTranslation('audit');
  const { language } = useFormat();
  const when = (atMs: number) => timeOf(atMs, language, line.atMs);
  const { seq, atMs, fact, hash } = line;
  return (
    <li data-seq={seq} data-what={fact.what} className={fact.what === 'refused' || fact.what === 'signInFailed' || fact.what === 'emergencyUsed' || fact.what === 'auditGap' ? 'au-marked' : undefined}>
      <time dateTime={new Date(atMs).toISOString()}>{timeOf(atMs, language)}</time>
      <span className="au-said">{auditSentence(line, t, when, language)}</span>
      <details>
        <summary>{t('page.more')}</summary>
        <dl>
          <dt>{t('page.line')}</dt><dd>{seq}</dd>
          {fact.address !== '' && <><dt>{t('page.address')}</dt><dd>{fact.address}</dd></>}
          {fact.route !== '' && <><dt>{t('page.route')}</dt><dd><code>{fact.route}</code></dd></>}
          {fact.status !== null && <><dt>{t('page.status')}</dt><dd>{fact.status}</dd></>}
          {Object.entries(fact.detail).map(([key, value]) => <div key={key} className="au-pair"><dt>{key}</dt><dd>{String(value)}</dd></div>)}
          <dt>{t('page.hash')}</dt><dd><code>{hash}</code></dd>
        </dl>
      </details>
    </li>
  );
}

/** With the date, unless it is the day of `besideMs`. */
export function timeOf(atMs: number, language: 'en' | 'zh', besideMs: number | null = null): string {
  const at = new Date(atMs), locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
  return besideMs !== null && at.toDateString() === new Date(besideMs).toDateString() ? at.toLocaleTimeString(locale, time) : at.toLocaleString(locale, { year: 'numeric', month: '2-digit', day: '2-digit', ...time });
}
