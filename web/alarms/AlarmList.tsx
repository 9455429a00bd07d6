// The alarm list: only the rows in sight exist; its order stands still while somebody is at it, and lets go after a while, so that a parked pointer hides nothing.
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Alarm } from '../../contract/alarm.ts';
import { DemoBadge } from '../parts/DemoBadge.tsx';
import { Figure } from '../parts/Figure.tsx';
import { LineFigure } from '../parts/LineFigure.tsx';
import { LevelShape } from '../parts/LevelShape.tsx';
import { clockWords } from '../parts/format.ts';
import { useFormat } from '../parts/useFormat.ts';
import { useNewest } from '../parts/useNewest.ts';
import { usePage, useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { useDesk } from '../shell/chosen.ts';

const ROW_PX = 24;
/** Without a move or a key for this long nobody is at the list any more. */
const PIN_MOST_MS = 15_000;

export function AlarmList() {
  const { t } = useTranslation();
  const { store } = usePage();
  const { chosen, choose } = useDesk();
  const alarms = useScreen((screen) => screen.alarms);
  const openCount = useScreen((screen) => screen.alarmsOpenCount);
  const { order, pinned, newCount, touch, leave, release } = usePinned(alarms);
  const box = useRef<HTMLDivElement | null>(null);
  // The head of the closed ones is a row of its own, after the open ones.
  const openShown = pinned ? order.filter((alarm) => alarm.state !== 'closed').length : openCount;
  const closedHead = order.length > openShown && !pinned ? openShown : -1;
  const count = order.length + (closedHead === -1 ? 0 : 1);
  const alarmAt = (index: number): Alarm | null => (index === closedHead ? null : order[closedHead !== -1 && index > closedHead ? index - 1 : index] ?? null);
  // oxlint-disable-next-line react/incompatible-library -- the virtual list must be asked anew at each drawing; nothing here is remembered from it
  const virtual = useVirtualizer({ count, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 6 });

  const chosenId = chosen?.kind === 'alarm' ? chosen.alarmId : null;
  const chosenRow = chosenId === null ? -1 : rowOf(order, chosenId, closedHead);
  // The list follows the choice, not the row's place: new rows above must not scroll it.
  const scrollToChosen = useNewest(() => { if (chosenRow !== -1) virtual.scrollToIndex(chosenRow, { align: 'auto' }); });
  useEffect(() => { scrollToChosen.current(); }, [chosenId, scrollToChosen]);
  const items = virtual.getVirtualItems();
  const chosenInSight = chosenRow !== -1 && items.some(({ index }) => index === chosenRow);

  return (
    <>
      <p className="pin-note" role="status">{pinned && newCount > 0 && <button type="button" className="plain" onClick={release}>{t('alarms.pinned', { count: newCount })}</button>}</p>
      {openCount === 0 && <p className="notice-text" data-no-alarm>{t('alarms.none')} <span className="quiet">{t('alarms.noneMeans')}</span></p>}
      {count > 0 && (
        <div ref={box} className="alarm-list" data-own-arrows data-pinned={pinned || undefined} role="listbox" tabIndex={0} aria-label={t('alarms.list')} aria-activedescendant={chosenInSight ? rowId(chosenRow) : undefined}
          onPointerEnter={touch} onPointerMove={touch} onPointerLeave={leave} onFocus={touch} onBlur={leave}
          onKeyDown={(event) => {
            const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : event.key === 'Home' ? -count : event.key === 'End' ? count : 0;
            if (by === 0) return;
            event.preventDefault(); touch();
            let row = Math.max(0, Math.min(count - 1, chosenRow + by));
            if (row === closedHead) row = Math.max(0, Math.min(count - 1, row + Math.sign(by)));
            const alarm = alarmAt(row);
            if (alarm !== null) choose({ kind: 'alarm', alarmId: alarm.alarmId });
          }}>
          <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {items.map(({ index, start }) => {
              const alarm = alarmAt(index);
              const style = { transform: `translateY(${start}px)` };
              if (alarm === null) return <div key="closedHead" role="option" aria-disabled="true" aria-selected={false} className="alarm-row closed-head" style={style}>{t('alarms.closedHead')}</div>;
              // Rows are kept by place: in a flood they change their words, and none is taken out and built anew.
              return <AlarmRow key={index} id={rowId(index)} alarm={pinned ? store.alarmOf(alarm.alarmId) ?? alarm : alarm} place={index + 1} count={count} top={start} isChosen={alarm.alarmId === chosenId} onChoose={choose} />;
            })}
          </div>
        </div>
      )}
    </>
  );
}

const rowId = (index: number) => `alarm-row-${index}`;
function rowOf(order: readonly Alarm[], alarmId: string, closedHead: number): number {
  const at = order.findIndex((alarm) => alarm.alarmId === alarmId);
  return at === -1 ? -1 : closedHead !== -1 && at >= closedHead ? at + 1 : at;
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

const AlarmRow = memo(function AlarmRow({ id, alarm, place, count, top, isChosen, onChoose }: { id: string; alarm: Alarm; place: number; count: number; top: number; isChosen: boolean; onChoose: (next: { kind: 'alarm'; alarmId: string }) => void }) {
  const { t } = useTranslation();
  const { store } = usePage();
  // Only what came just now enters with a movement; scrolling to an old one does not. Two names, so that the next one in the same row moves, too.
  const isNew = alarm.state === 'raised' && store.serverNowMs() - alarm.changedAtMs < 1500;
  const calls = alarm.state === 'raised' && alarm.level === 'critical';
  return (
    <div id={id} role="option" aria-selected={isChosen} aria-posinset={place} aria-setsize={count} data-alarm-id={alarm.alarmId} data-state={alarm.state} data-level={alarm.level} data-demo={alarm.demo || undefined} style={{ transform: `translateY(${top}px)` }}
      className={`alarm-row${isChosen ? ' chosen' : ''}${isNew ? ` entering-${alarm.raisedAtMs % 2}` : ''}${calls ? ' calling' : ''}`} onClick={() => onChoose({ kind: 'alarm', alarmId: alarm.alarmId })}>
      <LevelShape look={alarm.place.kind === 'sensor' ? 'blind' : alarm.level} title={t(`level.${alarm.level}`)} />
      <span className="alarm-name" title={`${alarm.placeName}, ${alarm.siteName}`}>{alarm.placeName}</span>
      <span className="alarm-more">{alarm.demo && <DemoBadge />}<span className="quiet">{alarm.siteName}</span></span>
      {alarm.state !== 'closed' && <AlarmFigure alarm={alarm} />}
      <span className="alarm-time">{clockWords(alarm.state === 'closed' ? alarm.changedAtMs : alarm.raisedAtMs)}</span>
      <span className={`alarm-state state-${alarm.state}`}>{t(`alarms.${alarm.state}`)}</span>
    </div>
  );
});

function AlarmFigure({ alarm }: { alarm: Alarm }) {
  const { place } = alarm;
  const state = useScreen((screen) => (place.kind === 'zone' ? screen.zones.get(place.zoneId) : undefined));
  return place.kind === 'zone' ? <Figure state={state} short /> : place.kind === 'line' ? <LineFigure lineId={place.lineId} short /> : <OpenFor sinceMs={alarm.raisedAtMs} />;
}
function OpenFor({ sinceMs }: { sinceMs: number }) {
  const { span } = useFormat();
  return <span className="figure age">{span(useServerNowMs() - sinceMs)}</span>;
}
