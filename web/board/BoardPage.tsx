// Supervision of a unit: everything overdue below it by age, what nobody answers first; the units below with what is open in each; and the hand-over of a shift.
import '../incidents/incidents.css';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Board } from '../../contract/apiIncidents.ts';
import { isOpenStep, type Actor, type IncidentLine } from '../../contract/incident.ts';
import { allowedCommands } from '../../crowd/incident/allowed.ts';
import { CommandDialog, type Draft } from '../incidents/CommandDialog.tsx';
import { incidentsApi } from '../incidents/api.ts';
import { KEY_OF, type DialogCommand } from '../incidents/dialogCommands.ts';
import { IncidentRows } from '../incidents/IncidentRows.tsx';
import { Age, TroubleNote } from '../incidents/Marks.tsx';
import { PageKeys } from '../incidents/PageKeys.tsx';
import { UnitSelect } from '../incidents/UnitSelect.tsx';
import { compareLines, overdueSince } from '../incidents/listOrder.ts';
import { useFetched } from '../incidents/useFetched.ts';
import { useCommand, useIncident } from '../incidents/useIncident.ts';
import { chainOf, topUnits } from '../incidents/unitTree.ts';
import { useUnits } from '../incidents/useUnits.ts';
import { useKeys } from '../keys/useKeys.ts';
import { useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { useFormat } from '../parts/useFormat.ts';
import { useMay } from '../parts/me.ts';
import { askWho, useWho } from '../parts/whoAmI.ts';
import { goTo, hrefOf, pagePaths, setupPaths, useRoute } from '../route.ts';
import { HandOverForm } from './HandOverForm.tsx';

/** The counts are asked for this long after something happened at the earliest, and now and then by themselves. */
const AFTER_CHANGE_MS = 1500, EVERY_MS = 15_000;
const SUPERVISES = ['urge', 'takeOver', 'giveBack', 'transfer', 'escalate', 'note'] as const satisfies readonly DialogCommand[];

export default function BoardPage() {
  const { t } = useTranslation('incidents');
  const { tree, state, trouble } = useUnits();
  const who = useWho();
  const inAddress = useRoute().split('/')[2] ?? '';
  // Without a choice: the unit of whoever sits here, or the only one at the top.
  const tops = topUnits(tree);
  const unitId = inAddress !== '' ? inAddress : who?.unitId ?? (tops.length === 1 ? tops[0]!.unitId : null);
  return (
    <main className="in-page" aria-label={t('board.title')}>
      <div className="in-head">
        <h2>{t('board.title')}</h2>
        <UnitSelect hideLabel className="in-unit-select" label={t('board.choose')} value={unitId} onChange={(next) => { if (next !== null) goTo(pagePaths.board(next)); }} emptyWord={t('board.choose')} />
        <span className="quiet">{t('board.unitOnly')}</span>
        <span className="spacer" />
      </div>
      {state === 'broken' && trouble !== null ? <div className="notice-text"><TroubleNote trouble={trouble} /></div>
        : state === 'loading' ? <p className="notice-text" role="status">{t('page.loading')}</p>
        : tree.units.length === 0 ? <p className="notice-text">{t('board.noUnits')} <a href={hrefOf(`${setupPaths.home()}/units`)}>{t('board.addUnits')}</a></p>
        : unitId === null ? <p className="notice-text">{t('board.chooseFirst')}</p>
        : <OneBoard key={unitId} unitId={unitId} who={who} />}
    </main>
  );
}

function OneBoard({ unitId, who }: { unitId: string; who: Actor | null }) {
  const { t } = useTranslation('incidents');
  const live = useScreen((screen) => screen.incidents);
  const [board, refetch] = useFetched<Board>(unitId, () => incidentsApi.board(unitId), EVERY_MS);
  const [chosenId, setChosenId] = useState<string | null>(null), [handing, setHanding] = useState(false), [helpShown, setHelpShown] = useState(false), [open, setOpen] = useState<DialogCommand | null>(null);
  // A burst of events is one question.
  useEffect(() => { const timer = setTimeout(refetch, AFTER_CHANGE_MS); return () => clearTimeout(timer); }, [live, refetch]);
  const nowMs = Math.floor(useServerNowMs() / 2000) * 2000;
  const value = board.state === 'there' ? board.value : null, mayHandle = useMay('incident', unitId);
  const { overdue, inTime } = useMemo(() => {
    const newest = [...(value?.overdue ?? []), ...(value?.open ?? [])].map((line) => { const now = live.get(line.incidentId); return now !== undefined && now.version > line.version ? now : line; }).filter(({ step }) => isOpenStep(step));
    const once = [...new Map(newest.map((line) => [line.incidentId, line])).values()].toSorted((a, b) => Number(b.exhausted) - Number(a.exhausted) || compareLines('due', nowMs)(a, b));
    return { overdue: once.filter((line) => line.exhausted || overdueSince(line, nowMs) !== null), inTime: once.filter((line) => !line.exhausted && overdueSince(line, nowMs) === null) };
  }, [value, live, nowMs]);
  const all = [...overdue, ...inTime];
  const step = (by: 1 | -1) => {
    if (all.length === 0) return;
    const at = all.findIndex(({ incidentId }) => incidentId === chosenId);
    setChosenId(all[at === -1 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))]!.incidentId);
  };
  const begin = (type: DialogCommand) => { if (chosenId === null || !mayHandle) return; if (who === null) askWho(); else setOpen(type); };
  useKeys({
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1), Enter: () => { if (chosenId !== null) goTo(pagePaths.incident(chosenId)); },
    ...Object.fromEntries(SUPERVISES.map((type) => [KEY_OF[type], () => begin(type)])), h: () => setHanding(mayHandle), '?': () => setHelpShown(true), Escape: () => (handing ? setHanding(false) : setChosenId(null)),
  });
  if (board.state === 'loading') return <p className="notice-text" role="status">{t('page.loading')}</p>;
  if (board.state === 'broken') return <div className="notice-text"><strong>{t('page.broken')}</strong><TroubleNote trouble={board.trouble} onAgain={refetch} /></div>;
  const { overdueTotal, openTotal } = board.value;
  return (
    <>
      {board.trouble !== null && <p className="notice-text" role="status">{t('page.stale')} <button type="button" className="plain" onClick={refetch}>{t('page.again')}</button></p>}
      <div className="in-board">
        <div className="in-board-lists">
          <h3>{t('board.overdue')} <span className="count" data-overdue={overdueTotal}>{overdueTotal}</span>{overdueTotal > (value?.overdue.length ?? 0) && <span className="quiet">{t('board.moreThanShown', { shown: value?.overdue.length ?? 0, number: overdueTotal })}</span>}</h3>
          {overdue.length === 0 ? <p className="quiet">{t('board.overdueNone')}</p> : <IncidentRows lines={overdue} chosenId={chosenId} onChoose={setChosenId} label={t('board.list')} rowId="overdue" />}
          <h3>{t('board.openTitle')} <span className="count">{Math.max(0, openTotal - overdueTotal)}</span></h3>
          {inTime.length === 0 ? <p className="quiet">{t('board.openNone')}</p> : <IncidentRows lines={inTime} chosenId={chosenId} onChoose={setChosenId} label={t('board.listOpen')} rowId="intime" />}
          {chosenId !== null && mayHandle && <Supervise key={chosenId} line={all.find(({ incidentId }) => incidentId === chosenId)} incidentId={chosenId} who={who} open={open} setOpen={setOpen} onTaken={refetch} />}
        </div>
        <div>
          {handing ? <HandOverForm unitId={unitId} lines={all} who={who} onClose={() => setHanding(false)} />
            : <><p>{mayHandle && <button type="button" className="action quiet-action" onClick={() => setHanding(true)}>{t('board.handover')} <kbd>H</kbd></button>} <button type="button" className="in-key-button" onClick={() => setHelpShown(true)} aria-label={t('page.keys')} title={t('page.keys')}>?</button></p><Below board={board.value} /></>}
        </div>
      </div>
      <PageKeys opened={helpShown} onClose={() => setHelpShown(false)} keys={[{ keys: ['J', '↓'], does: t('keyList.next') }, { keys: ['K', '↑'], does: t('keyList.previous') }, { keys: ['↵'], does: t('keyList.open') }, ...SUPERVISES.map((type) => ({ keys: [KEY_OF[type].toUpperCase()], does: t(`act.${type}`) })), { keys: ['H'], does: t('keyList.handover') }, { keys: ['?'], does: t('keyList.help') }]} />
    </>
  );
}

/** Steps of an upper unit on the chosen incident: only those that are allowed now. */
function Supervise({ line, incidentId, who, open, setOpen, onTaken }: { line: IncidentLine | undefined; incidentId: string; who: Actor | null; open: DialogCommand | null; setOpen: (type: DialogCommand | null) => void; onTaken: () => void }) {
  const { t } = useTranslation('incidents');
  const [seen, refetch] = useIncident(incidentId);
  const taken = useCallback(() => { refetch(); onTaken(); }, [refetch, onTaken]);
  const commanding = useCommand(incidentId, taken);
  const [drafts, setDrafts] = useState<Partial<Record<DialogCommand, Draft>>>({});
  const answer = seen.state === 'there' ? seen.value.answer : null;
  const allowed = answer === null || who === null ? [] : allowedCommands(answer.incident, who, answer.chain.map((unit) => unit.unitId));
  const may = SUPERVISES.filter((type) => allowed.includes(type));
  useEffect(() => { if (open !== null && answer !== null && !(may as readonly string[]).includes(open)) setOpen(null); }, [open, answer, may, setOpen]);
  return (
    <div className="in-actions" role="group" aria-label={t('board.act')}>
      <a className="action" href={hrefOf(pagePaths.incident(incidentId))}>{t('list.goTo')} <kbd>↵</kbd></a>
      {may.map((type) => <button key={type} type="button" data-command={type} className="action quiet-action" onClick={() => { commanding.clear(); setOpen(type); }}>{t(`act.${type}`)} <kbd>{KEY_OF[type].toUpperCase()}</kbd></button>)}
      {line?.exhausted === true && <strong>{t('one.exhausted')}</strong>}
      {open !== null && answer !== null && who !== null && (may as readonly string[]).includes(open) && <CommandDialog type={open} answer={answer} by={who} draft={drafts[open] ?? {}} onDraft={(draft) => setDrafts((before) => ({ ...before, [open]: draft }))} commanding={commanding} onClose={() => setOpen(null)} onTaken={() => { setDrafts({}); setOpen(null); }} />}
    </div>
  );
}

function Below({ board }: { board: Board }) {
  const { t } = useTranslation('incidents');
  const { language } = useFormat();
  const { tree } = useUnits();
  const up = chainOf(tree, board.unit.unitId)[1];
  return (
    <section aria-label={t('board.below')}>
      {up !== undefined && <p><a className="plain" href={hrefOf(pagePaths.board(up.unitId))}>↑ {t('board.up', { unit: up.names[language] })}</a></p>}
      <h3>{board.unit.names[language]} <span className="quiet">{t(`unitLevel.${board.unit.level}`)} · {t('board.below')}</span></h3>
      {board.below.length === 0 ? <p className="quiet">{t('board.belowNone')}</p> : (
        <table className="in-table in-tree">
          <thead><tr><th scope="col">{t('board.unit')}</th><th scope="col" className="num">{t('board.open')}</th><th scope="col" className="num">{t('board.overdueCount')}</th><th scope="col" className="num">{t('board.exhausted')}</th><th scope="col" className="num">{t('board.oldest')}</th></tr></thead>
          <tbody>{board.below.toSorted((a, b) => b.exhausted - a.exhausted || b.overdue - a.overdue || b.open - a.open).map((row) => {
            const unit = tree.byId.get(row.unitId);
            return (
              <tr key={row.unitId} data-unit={row.unitId}>
                <th scope="row"><a href={hrefOf(pagePaths.board(row.unitId))}>{unit?.names[language] ?? row.unitId}</a></th>
                <Count number={row.open} /><Count number={row.overdue} strong /><Count number={row.exhausted} strong />
                <td>{row.oldestOverdueMs === null ? <span className="none">–</span> : <Age sinceMs={row.oldestOverdueMs} />}</td>
              </tr>
            );
          })}</tbody>
        </table>
      )}
    </section>
  );
}
const Count = ({ number, strong = false }: { number: number; strong?: boolean }) => <td className={number === 0 ? 'none' : strong ? 'exhausted' : undefined}>{number}</td>;
