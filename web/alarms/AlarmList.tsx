// The alarm list, by urgency or by place, those put aside in a fold: only the rows in sight exist; its order stands still while somebody is at it, and lets go after a while, so that a parked pointer hides nothing.
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Alarm } from '../../contract/alarm.ts';
import { DemoBadge } from '../parts/DemoBadge.tsx';
import { ExerciseBadge } from '../parts/ExerciseBadge.tsx';
import { Figure } from '../parts/Figure.tsx';
import { LineFigure } from '../parts/LineFigure.tsx';
import { LevelShape } from '../parts/LevelShape.tsx';
import { clockWords } from '../parts/format.ts';
import { useKept } from '../parts/kept.ts';
import { useFormat } from '../parts/useFormat.ts';
import { useNewest } from '../parts/useNewest.ts';
import { usePage, useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { calls } from '../live/store.ts';
import { useDesk } from '../shell/chosen.ts';
import './alarms.css';
import { alarmRows, type AlarmRow } from './alarmRows.ts';

const ROW_PX = 24;
/** Without a move or a key for this long nobody is at the list any more. */
const PIN_MOST_MS = 15_000;

export function AlarmList() {
  const { t } = useTranslation(), { t: tLoad } = useTranslation('load');
  const { store } = usePage();
  const { chosen, choose } = useDesk();
  const alarms = useScreen((screen) => screen.alarms);
  const openCount = useScreen((screen) => screen.alarmsOpenCount);
  const manySites = useScreen((screen) => screen.sites.length > 1);
  const { order, pinned, newCount, touch, leave, release } = usePinned(alarms);
  const [wantsBySite, setWantsBySite] = useKept('alarmsBySite', false), [shelvedFolded, setShelvedFolded] = useKept('alarmsShelvedFolded', true);
  const [foldedSites, setFoldedSites] = useState<ReadonlySet<string>>(new Set());
  const bySite = wantsBySite && manySites;
  const rows = useMemo(() => alarmRows(order, { bySite, folds: { sites: foldedSites, shelved: shelvedFolded } }), [order, bySite, foldedSites, shelvedFolded]);
  const box = useRef<HTMLDivElement | null>(null);
  const count = rows.length;
  // oxlint-disable-next-line react/incompatible-library -- the virtual list must be asked anew at each drawing; nothing here is remembered from it
  const virtual = useVirtualizer({ count, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 6 });

  // A head can be gone to by keys as an alarm can; it is kept by its name, for rows move, and until another alarm is chosen.
  const [head, setHead] = useState<{ name: string; chosenId: string | null } | null>(null);
  const chosenId = chosen?.kind === 'alarm' ? chosen.alarmId : null, headName = head !== null && head.chosenId === chosenId ? head.name : null;
  const chosenRow = headName !== null ? rows.findIndex((row) => nameOfHead(row) === headName) : chosenId === null ? -1 : rows.findIndex((row) => row.kind === 'alarm' && row.alarm.alarmId === chosenId);
  // The list follows the choice, not the row's place: new rows above must not scroll it.
  const scrollToChosen = useNewest(() => { if (chosenRow !== -1) virtual.scrollToIndex(chosenRow, { align: 'auto' }); });
  useEffect(() => { scrollToChosen.current(); }, [chosenId, headName, scrollToChosen]);
  const items = virtual.getVirtualItems();
  const chosenInSight = chosenRow !== -1 && items.some(({ index }) => index === chosenRow);
  const pick = useCallback((next: { kind: 'alarm'; alarmId: string }) => { setHead(null); choose(next); }, [choose]);
  const fold = (row: AlarmRow) => {
    if (row.kind === 'shelved') setShelvedFolded(!shelvedFolded);
    if (row.kind === 'site') setFoldedSites((before) => { const next = new Set(before); if (!next.delete(row.siteId)) next.add(row.siteId); return next; });
  };

  return (
    <>
      <div className="alarm-tools">
        {manySites && openCount > 0 && <label title={tLoad('list.bySiteLong')}><input type="checkbox" checked={wantsBySite} onChange={(event) => setWantsBySite(event.target.checked)} /> {tLoad('list.bySite')}</label>}
        <p className="pin-note" role="status">{pinned && newCount > 0 && <button type="button" className="plain" onClick={release}>{t('alarms.pinned', { count: newCount })}</button>}</p>
      </div>
      {openCount === 0 && <p className="notice-text" data-no-alarm>{t('alarms.none')} <span className="quiet">{t('alarms.noneMeans')}</span></p>}
      {count > 0 && (
        <div ref={box} className="alarm-list" data-own-arrows data-pinned={pinned || undefined} role="listbox" tabIndex={0} aria-label={t('alarms.list')} aria-activedescendant={chosenInSight ? rowId(chosenRow) : undefined}
          onPointerEnter={touch} onPointerMove={touch} onPointerLeave={leave} onFocus={touch} onBlur={leave}
          onKeyDown={(event) => {
            const at = chosenRow === -1 ? undefined : rows[chosenRow];
            if ((event.key === 'Enter' || event.key === ' ') && at !== undefined && nameOfHead(at) !== null) { event.preventDefault(); touch(); fold(at); return; }
            const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : event.key === 'Home' ? -count : event.key === 'End' ? count : 0;
            if (by === 0) return;
            event.preventDefault(); touch();
            let to = Math.max(0, Math.min(count - 1, chosenRow + by));
            // The head of the closed ones folds nothing: it is passed over.
            if (rows[to]?.kind === 'closed') to = Math.max(0, Math.min(count - 1, to + Math.sign(by)));
            const row = rows[to];
            if (row === undefined || row.kind === 'closed') return;
            if (row.kind === 'alarm') pick({ kind: 'alarm', alarmId: row.alarm.alarmId }); else setHead({ name: nameOfHead(row)!, chosenId });
          }}>
          <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {items.map(({ index, start }) => {
              const row = rows[index];
              if (row === undefined) return null;
              // Rows are kept by place: in a flood they change their words, and none is taken out and built anew.
              if (row.kind === 'alarm') return <AlarmLine key={index} id={rowId(index)} alarm={pinned ? store.alarmOf(row.alarm.alarmId) ?? row.alarm : row.alarm} place={index + 1} count={count} top={start} isChosen={headName === null && row.alarm.alarmId === chosenId} onChoose={pick} />;
              return <HeadLine key={index} id={rowId(index)} row={row} place={index + 1} count={count} top={start} isChosen={index === chosenRow} onFold={() => { touch(); fold(row); }} />;
            })}
          </div>
        </div>
      )}
    </>
  );
}

const rowId = (index: number) => `alarm-row-${index}`;
const nameOfHead = (row: AlarmRow): string | null => (row.kind === 'site' ? `site ${row.siteId}` : row.kind === 'shelved' ? 'shelved' : null);

function HeadLine({ id, row, place, count, top, isChosen, onFold }: { id: string; row: Exclude<AlarmRow, { kind: 'alarm' }>; place: number; count: number; top: number; isChosen: boolean; onFold: () => void }) {
  const { t } = useTranslation(), { t: tLoad } = useTranslation('load');
  const common = { id, role: 'option', 'aria-posinset': place, 'aria-setsize': count, style: { transform: `translateY(${top}px)` } } as const;
  if (row.kind === 'closed') return <div {...common} aria-disabled="true" aria-selected={false} className="alarm-row closed-head">{t('alarms.closedHead')}</div>;
  const words = row.kind === 'shelved' ? tLoad('list.shelvedHead', { count: row.count }) : tLoad('list.siteHead', { site: row.siteName, count: row.count });
  return (
    <div {...common} aria-selected={isChosen} className={`alarm-row alarm-head${isChosen ? ' chosen' : ''}`} data-head={row.kind} data-folded={row.isFolded || undefined} onClick={onFold}>
      <span className="alarm-fold" aria-hidden="true">{row.isFolded ? '▸' : '▾'}</span>
      {row.kind === 'site' && <LevelShape look={row.worst} title={t(`level.${row.worst}`)} />}
      <span className="alarm-name">{words}<span className="hidden-text">, {tLoad(row.isFolded ? 'list.unfold' : 'list.fold', { name: '' }).trim()}</span></span>
      {row.kind === 'site' && row.unanswered > 0 && <span className="quiet">{tLoad('list.siteCalls', { count: row.unanswered })}</span>}
    </div>
  );
}

/** While pinned, rows keep their places and show their newest figures; what is new waits and is counted. */
function usePinned(alarms: readonly Alarm[]) {
  const [kept, setKept] = useState<{ order: readonly Alarm[]; ids: ReadonlySet<string> } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const newest = useNewest(alarms);
  useEffect(() => () => clearTimeout(timer.current), []);
  const release = () => { clearTimeout(timer.current); setKept(null); };
  return {
    order: kept?.order ?? alarms,
    pinned: kept !== null,
    newCount: kept === null ? 0 : alarms.reduce((sum, alarm) => sum + (kept.ids.has(alarm.alarmId) ? 0 : 1), 0),
    touch: () => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setKept(null), PIN_MOST_MS);
      setKept((before) => before ?? { order: newest.current, ids: new Set(newest.current.map(({ alarmId }) => alarmId)) });
    },
    leave: release,
    release,
  };
}

const AlarmLine = memo(function AlarmLine({ id, alarm, place, count, top, isChosen, onChoose }: { id: string; alarm: Alarm; place: number; count: number; top: number; isChosen: boolean; onChoose: (next: { kind: 'alarm'; alarmId: string }) => void }) {
  const { t } = useTranslation(), { t: tLoad } = useTranslation('load');
  const { store } = usePage();
  // Only what came just now enters with a movement; scrolling to an old one does not. Two names, so that the next one in the same row moves, too.
  const isNew = alarm.state === 'raised' && store.serverNowMs() - alarm.changedAtMs < 1500;
  const isCalling = calls(alarm) && alarm.level === 'critical';
  return (
    <div id={id} role="option" aria-selected={isChosen} aria-posinset={place} aria-setsize={count} data-alarm-id={alarm.alarmId} data-state={alarm.state} data-level={alarm.level} data-demo={alarm.demo || undefined} data-exercise={alarm.exercise || undefined} data-priority={alarm.priority} data-shelved={alarm.shelved !== null || undefined} data-muted={alarm.muted?.because} style={{ transform: `translateY(${top}px)` }}
      className={`alarm-row${isChosen ? ' chosen' : ''}${isNew ? ` entering-${alarm.raisedAtMs % 2}` : ''}${isCalling ? ' calling' : ''}`} onClick={() => onChoose({ kind: 'alarm', alarmId: alarm.alarmId })}>
      <LevelShape look={alarm.place.kind === 'sensor' ? 'blind' : alarm.level} title={t(`level.${alarm.level}`)} />
      {alarm.state !== 'closed' && (alarm.priority === 'urgent' || alarm.priority === 'high') && <span className="alarm-priority" title={tLoad(`priority.${alarm.priority}`)}>{alarm.priority === 'urgent' ? '!!' : '!'}</span>}
      <span className="alarm-name" title={`${alarm.placeName}, ${alarm.siteName}`}>{alarm.placeName}</span>
      {alarm.exercise && <ExerciseBadge />}
      <span className="alarm-more">{alarm.muted !== null && alarm.state !== 'closed' && <span className="alarm-mark">{tLoad('mark.muted')}</span>}{alarm.shelved !== null && <span className="alarm-mark">{tLoad('mark.shelved')}</span>}{alarm.repeats > 0 && alarm.state === 'raised' && <span className="alarm-mark" title={tLoad('mark.repeatsLong', { count: alarm.repeats })}>{tLoad('mark.repeats', { count: alarm.repeats })}</span>}{alarm.demo && <DemoBadge />}<span className="quiet">{alarm.siteName}</span></span>
      {alarm.state !== 'closed' && <AlarmFigure alarm={alarm} />}
      <span className="alarm-time">{clockWords(alarm.state === 'closed' ? alarm.changedAtMs : alarm.raisedAtMs)}</span>
      <span className={`alarm-state state-${alarm.state}`} title={t(`alarms.${alarm.state}`)}><StateShape state={alarm.state} /><span className="alarm-state-word">{t(`alarms.${alarm.state}`)}</span></span>
    </div>
  );
});

/** Active or over, acknowledged or not: a full or a hollow sign, with a tick once somebody has seen it. */
function StateShape({ state }: { state: Alarm['state'] }) {
  const isOver = state === 'easing' || state === 'cleared' || state === 'closed', isSeen = state === 'acknowledged' || state === 'closed';
  return (
    <svg className="state-shape" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      <circle cx="6" cy="6" r="4.4" fill={isOver || isSeen ? 'none' : 'currentColor'} stroke="currentColor" strokeWidth="1.4" strokeDasharray={state === 'easing' ? '2.4 2' : undefined} />
      {isSeen && <path d="M3.6 6.2 5.4 8 8.6 4.2" fill="none" stroke="currentColor" strokeWidth="1.5" />}
    </svg>
  );
}

function AlarmFigure({ alarm }: { alarm: Alarm }) {
  const { place } = alarm;
  const state = useScreen((screen) => (place.kind === 'zone' ? screen.zones.get(place.zoneId) : undefined));
  return place.kind === 'zone' ? <Figure state={state} short /> : place.kind === 'line' ? <LineFigure lineId={place.lineId} short /> : <OpenFor sinceMs={alarm.raisedAtMs} />;
}
function OpenFor({ sinceMs }: { sinceMs: number }) {
  const { span } = useFormat();
  return <span className="figure age">{span(useServerNowMs() - sinceMs)}</span>;
}
