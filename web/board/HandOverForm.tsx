// Handing over a shift: who takes it, what they must know, and what is open; it is said once and every open incident keeps it.
import { Textarea, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Actor, IncidentLine } from '../../contract/incident.ts';
import { incidentsApi, newCommandId, type Trouble } from '../incidents/api.ts';
import { SeverityMark, TroubleNote } from '../incidents/Marks.tsx';
import { placeWords } from '../incidents/placeWords.ts';
import { useCategoryName } from '../incidents/useCategories.ts';
import { useFetched } from '../incidents/useFetched.ts';
import { useServerNowMs } from '../live/LiveProvider.tsx';
import { clockWords } from '../parts/format.ts';
import { askWho } from '../parts/whoAmI.ts';

export function HandOverForm({ unitId, lines, who, onClose }: { unitId: string; lines: readonly IncidentLine[]; who: Actor | null; onClose: () => void }) {
  const { t } = useTranslation('incidents');
  const category = useCategoryName();
  const nowMs = useServerNowMs();
  const [toName, setToName] = useState(''), [summary, setSummary] = useState(''), [isAsked, setIsAsked] = useState(false), [isSending, setIsSending] = useState(false), [done, setDone] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [last, refetch] = useFetched(unitId, () => incidentsApi.handOvers(unitId));
  const commandId = useRef(newCommandId());
  const send = async () => {
    setIsAsked(true);
    if (toName.trim() === '' || summary.trim() === '' || isSending) return;
    if (who === null) { askWho(); return; }
    setIsSending(true);
    const answer = await incidentsApi.handOver(unitId, { commandId: commandId.current, by: who, toName: toName.trim(), summary: summary.trim() });
    setIsSending(false);
    if (!answer.ok) { if (answer.trouble.from === 'server') commandId.current = newCommandId(); setTrouble(answer.trouble); return; }
    commandId.current = newCommandId();
    setDone(toName.trim()); setToName(''); setSummary(''); setTrouble(null); setIsAsked(false);
    refetch();
  };
  return (
    <section aria-label={t('board.handover')}>
      <form className="in-form" onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <div className="card-head"><h2>{t('board.handover')}</h2><button type="button" className="plain close" aria-label={t('page.close')} onClick={onClose}>×</button></div>
        <TextInput data-autofocus label={t('board.handoverTo')} value={toName} maxLength={80} onChange={(event) => setToName(event.currentTarget.value)} error={isAsked && toName.trim() === '' ? t('act.wordsNeeded') : null} />
        <Textarea label={t('board.handoverSummary')} value={summary} maxLength={2000} autosize minRows={3} maxRows={10} onChange={(event) => setSummary(event.currentTarget.value)} error={isAsked && summary.trim() === '' ? t('act.wordsNeeded') : null} />
        <div><p>{lines.length === 0 ? t('board.nothingOpen') : t('board.handoverAll')}</p>
          <ul tabIndex={0} aria-label={t('board.openTitle')}>{lines.map((line) => <li key={line.incidentId}><SeverityMark severity={line.severity} /> {line.title === '' ? category(line.category, line.placeUnitId) : line.title}, {placeWords(line)} <span className="quiet">{t(`step.${line.step}`)}</span></li>)}</ul></div>
        {trouble !== null && <TroubleNote trouble={trouble} />}
        <p role="status">{done === null ? '' : t('board.handoverDone', { name: done })}</p>
        <div className="card-actions"><button type="submit" className="action" disabled={isSending}>{isSending ? t('act.sending') : t('board.handoverSend')}</button><button type="button" className="action quiet-action" onClick={onClose}>{t('page.cancel')}</button></div>
      </form>
      <h3>{t('board.handoverLast')}</h3>
      {last.state === 'broken' ? <TroubleNote trouble={last.trouble} onAgain={refetch} /> : last.state === 'there' && last.value.handOvers.length === 0 ? <p className="quiet">{t('board.handoverNone')}</p> : (
        <ul className="in-handovers">{(last.state === 'there' ? last.value.handOvers : []).slice(0, 10).map((one) => <li key={one.handOverId}><b>{one.by.name} → {one.toName}</b> <span className="quiet">{clockWords(one.atMs, nowMs)} · {t('board.handoverCount', { number: one.incidentIds.length })}</span><p className="in-words">{one.summary}</p></li>)}</ul>
      )}
    </section>
  );
}
