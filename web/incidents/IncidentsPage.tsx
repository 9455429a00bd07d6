// All incidents: filters and list left, map right, one choice in both. Overdue first; a new one comes by itself.
import './incidents.css';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LngLat } from '../../contract/geometry.ts';
import { INCIDENT_STEPS, SEVERITIES } from '../../contract/incident.ts';
import { useKeys } from '../keys/useKeys.ts';
import { useMay } from '../parts/me.ts';
import { goTo, hrefOf, pagePaths } from '../route.ts';
import { IncidentMap } from './IncidentMap.tsx';
import { IncidentRows } from './IncidentRows.tsx';
import { TroubleNote } from './Marks.tsx';
import { PageKeys } from './PageKeys.tsx';
import { ReportForm } from './ReportForm.tsx';
import { UnitSelect } from './UnitSelect.tsx';
import { FILTER_FIRST, type ListFilter } from './listOrder.ts';
import { useCategories } from './useCategories.ts';
import { useIncidentList } from './useIncidentList.ts';

/** Who comes back from an incident finds the list as it was left. */
let left: { filter: ListFilter; chosenId: string | null } = { filter: FILTER_FIRST, chosenId: null };

export default function IncidentsPage() {
  const { t } = useTranslation('incidents');
  const [filter, setFilterNow] = useState(left.filter), [chosenId, setChosenNow] = useState(left.chosenId);
  const mayReport = useMay('report');
  const [reporting, setReporting] = useState(false), [point, setPoint] = useState<LngLat | null>(null), [helpShown, setHelpShown] = useState(false);
  const search = useRef<HTMLInputElement | null>(null);
  const setFilter = (part: Partial<ListFilter>) => { left = { ...left, filter: { ...filter, ...part } }; setFilterNow(left.filter); };
  const setChosen = (incidentId: string | null) => { left = { ...left, chosenId: incidentId }; setChosenNow(incidentId); };
  const list = useIncidentList(filter);
  const categories = useCategories(filter.unitId);
  const { lines } = list;
  const step = (by: 1 | -1) => {
    if (lines.length === 0) return;
    const at = lines.findIndex(({ incidentId }) => incidentId === chosenId);
    setChosen(lines[at === -1 ? 0 : Math.max(0, Math.min(lines.length - 1, at + by))]!.incidentId);
  };
  const closeReport = () => { setReporting(false); setPoint(null); };
  useKeys({
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1), Enter: () => { if (chosenId !== null) goTo(pagePaths.incident(chosenId)); },
    '/': () => search.current?.focus(), r: () => setReporting(mayReport), '?': () => setHelpShown(true), Escape: () => (reporting ? closeReport() : setChosen(null)),
  });
  const isFiltered = JSON.stringify({ ...filter, order: 'due' }) !== JSON.stringify(FILTER_FIRST);
  const mapLines = useMemo(() => lines.slice(0, 2000), [lines]);
  return (
    <main className="in-page" aria-label={t('list.title')}>
      <div className="in-head">
        <h2>{t('list.title')}</h2>
        <span className="count" data-count={lines.length}>{list.state !== 'there' ? '' : list.total === null ? t('list.shown', { number: lines.length }) : t('list.total', { number: list.total })}</span>
        {mayReport && <button type="button" className="action" onClick={() => setReporting(true)}>{t('list.report')} <kbd>R</kbd></button>}
        <span className="spacer" />
        <button type="button" className="in-key-button" onClick={() => setHelpShown(true)} aria-label={t('page.keys')} title={t('page.keys')}>?</button>
      </div>
      <div className="in-split">
        <div className="in-left">
          {reporting ? <ReportForm point={point} onZone={() => setPoint(null)} onClose={closeReport} onDone={(incidentId) => { closeReport(); setChosen(incidentId); goTo(pagePaths.incident(incidentId)); }} /> : (
            <>
              <form className="in-filters" aria-label={t('list.filters')} onSubmit={(event) => event.preventDefault()}>
                <input ref={search} className="in-search" type="search" aria-label={t('list.text')} placeholder={t('list.text')} value={filter.text} maxLength={100} onChange={(event) => setFilter({ text: event.target.value })} />
                <Choice label={t('list.state')} value={filter.state} onChange={(state) => setFilter({ state: state as ListFilter['state'] })} options={(['open', 'closed', 'all'] as const).map((value) => [value, t(`list.${value}`)])} />
                <Choice label={t('list.order')} value={filter.order} onChange={(order) => setFilter({ order: order as ListFilter['order'] })} options={(['due', 'newest', 'age'] as const).map((value) => [value, t(`list.${value}`)])} />
                <UnitSelect hideLabel className="in-unit-select" label={t('list.unit')} value={filter.unitId} onChange={(unitId) => setFilter({ unitId })} emptyWord={t('list.unitAll')} />
                <Choice label={t('list.category')} value={filter.category ?? ''} onChange={(category) => setFilter({ category: category === '' ? null : category })} options={[['', t('list.categoryAll')], ...categories.map(({ category, name }): [string, string] => [category, name])]} />
                <Choice label={t('list.severity')} value={filter.severity ?? ''} onChange={(severity) => setFilter({ severity: severity === '' ? null : severity })} options={[['', t('list.severityAll')], ...SEVERITIES.map((value): [string, string] => [value, t(`severity.${value}`)])]} />
                <Choice label={t('list.step')} value={filter.step ?? ''} onChange={(next) => setFilter({ step: next === '' ? null : next })} options={[['', t('list.stepAll')], ...INCIDENT_STEPS.map((value): [string, string] => [value, t(`step.${value}`)])]} />
                <Choice label={t('list.exercise')} value={filter.exercise} onChange={(exercise) => setFilter({ exercise: exercise as ListFilter['exercise'] })} options={[['both', t('list.exerciseAll')], ['none', t('list.exerciseNone')], ['only', t('list.exerciseOnly')]]} />
                <label className="in-check"><input type="checkbox" checked={filter.overdue} onChange={(event) => setFilter({ overdue: event.target.checked })} /> {t('list.overdueOnly')}</label>
                {isFiltered && <button type="button" className="plain" onClick={() => setFilter({ ...FILTER_FIRST, order: filter.order })}>{t('list.clear')}</button>}
              </form>
              {list.state === 'broken' && <div className="notice-text"><strong>{t('page.broken')}</strong>{list.trouble !== null && <TroubleNote trouble={list.trouble} onAgain={list.refetch} />}</div>}
              {list.state === 'there' && list.trouble !== null && <p className="notice-text" role="status">{t('page.stale')} <button type="button" className="plain" onClick={list.refetch}>{t('page.again')}</button></p>}
              {list.state === 'loading' && lines.length === 0 && <p className="notice-text" role="status">{t('page.loading')}</p>}
              {list.state === 'there' && lines.length === 0 && <p className="notice-text" data-none>{isFiltered ? t('list.none') : t('list.noneOpen')} <span className="quiet">{t('list.noneMeans')}</span></p>}
              {lines.length > 0 && <IncidentRows lines={lines} listKey={list.listKey} chosenId={chosenId} onChoose={setChosen} label={t('list.label')} onEnd={list.isLoadingMore ? null : list.more} />}
              <div className="in-foot">
                {chosenId !== null && <a className="action" href={hrefOf(pagePaths.incident(chosenId))}>{t('list.goTo')} <kbd>↵</kbd></a>}
                {list.more !== null && <button type="button" className="action quiet-action" disabled={list.isLoadingMore} onClick={list.more}>{t('list.loadMore')}</button>}
              </div>
            </>
          )}
        </div>
        <div className="in-right"><IncidentMap lines={mapLines} chosenId={chosenId} onChoose={setChosen} onPick={reporting ? setPoint : undefined} picked={point} label={t('list.map')} /></div>
      </div>
      <PageKeys opened={helpShown} onClose={() => setHelpShown(false)} keys={[{ keys: ['J', '↓'], does: t('keyList.next') }, { keys: ['K', '↑'], does: t('keyList.previous') }, { keys: ['↵'], does: t('keyList.open') }, { keys: ['/'], does: t('keyList.search') }, { keys: ['R'], does: t('keyList.report') }, { keys: ['Esc'], does: t('keyList.close') }, { keys: ['?'], does: t('keyList.help') }]} />
    </main>
  );
}

function Choice({ label, value, onChange, options }: { label: string; value: string; onChange: (value: string) => void; options: [string, string][] }) {
  return <select className="in-choice" aria-label={label} title={label} value={value} onChange={(event) => onChange(event.target.value)}>{options.map(([each, word]) => <option key={each} value={each}>{word}</option>)}</select>;
}
