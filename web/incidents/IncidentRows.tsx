// Rows of incidents, 24 px each: only those in sight exist, and they keep their places while somebody is at them.
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentLine } from '../../contract/incident.ts';
import { useServerNowMs } from '../live/LiveProvider.tsx';
import { DemoBadge } from '../parts/DemoBadge.tsx';
import { useNewest } from '../parts/useNewest.ts';
import { goTo, pagePaths } from '../route.ts';
import { Age, DueClock, ExerciseBadge, SeverityMark } from './Marks.tsx';
import { overdueSince } from './listOrder.ts';
import { placeWords } from './placeWords.ts';
import { useCategoryName } from './useCategories.ts';
import { useUnits } from './useUnits.ts';

export const ROW_PX = 24;
/** Without a move or a key for this long nobody is at the list any more. */
const HELD_MOST_MS = 15_000;

export function IncidentRows({ lines, chosenId, onChoose, label, onEnd, listKey = '', rowId: idBase = 'incident' }: { lines: readonly IncidentLine[]; chosenId: string | null; onChoose: (incidentId: string) => void; label: string; onEnd?: (() => void) | null;
  /** Another key is another list: nothing of the old order is held on to. */
  listKey?: string; rowId?: string;
}) {
  const { t } = useTranslation('incidents');
  const { shown, held, newCount, touch, release } = useHeld(lines, listKey);
  const box = useRef<HTMLDivElement | null>(null);
  // oxlint-disable-next-line react/incompatible-library -- the virtual list must be asked anew at each drawing; nothing here is remembered from it
  const virtual = useVirtualizer({ count: shown.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 8 });
  const items = virtual.getVirtualItems();
  const chosenRow = chosenId === null ? -1 : shown.findIndex(({ incidentId }) => incidentId === chosenId);
  const scrollToChosen = useNewest(() => { if (chosenRow !== -1) virtual.scrollToIndex(chosenRow, { align: 'auto' }); });
  useEffect(() => { scrollToChosen.current(); }, [chosenId, scrollToChosen]);
  const lastRow = items.at(-1)?.index ?? -1;
  useEffect(() => { if (onEnd != null && lastRow >= shown.length - 20) onEnd(); }, [onEnd, lastRow, shown.length]);
  const rowId = (index: number) => `${idBase}-row-${index}`;

  return (
    <div className="in-rows-box">
      <p className="pin-note" role="status">{held && newCount > 0 && <button type="button" className="plain" onClick={release}>{t('list.held', { number: newCount })}</button>}</p>
      <div className="in-row in-row-head" aria-hidden="true"><span /><span>{t('list.column.what')}</span><span className="in-c-step">{t('list.column.step')}</span><span className="in-c-unit">{t('list.column.unit')}</span><span className="in-c-people">{t('list.column.people')}</span><span className="in-c-age">{t('list.column.age')}</span><span>{t('list.column.due')}</span></div>
      <div ref={box} className="in-rows" role="listbox" tabIndex={0} aria-label={label} data-own-arrows data-held={held || undefined} aria-activedescendant={items.some(({ index }) => index === chosenRow) ? rowId(chosenRow) : undefined}
        onPointerEnter={touch} onPointerMove={touch} onPointerLeave={release} onFocus={touch} onBlur={release}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && chosenId !== null) { event.preventDefault(); goTo(pagePaths.incident(chosenId)); return; }
          const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : event.key === 'Home' ? -shown.length : event.key === 'End' ? shown.length : 0;
          if (by === 0 || shown.length === 0) return;
          event.preventDefault(); touch();
          onChoose(shown[Math.max(0, Math.min(shown.length - 1, chosenRow + by))]!.incidentId);
        }}>
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {items.map(({ index, start }) => {
            const line = shown[index];
            return line === undefined ? null : <Row key={index} id={rowId(index)} line={line} place={index + 1} count={shown.length} top={start} isChosen={line.incidentId === chosenId} onChoose={onChoose} />;
          })}
        </div>
      </div>
    </div>
  );
}

const Row = memo(function Row({ id, line, place, count, top, isChosen, onChoose }: { id: string; line: IncidentLine; place: number; count: number; top: number; isChosen: boolean; onChoose: (incidentId: string) => void }) {
  const { t } = useTranslation('incidents');
  const category = useCategoryName();
  const { nameOf } = useUnits();
  const nowMs = useServerNowMs();
  const what = line.title === '' ? category(line.category, line.placeUnitId) : line.title;
  return (
    <div id={id} role="option" aria-selected={isChosen} aria-posinset={place} aria-setsize={count} className={isChosen ? 'in-row chosen' : 'in-row'} style={{ transform: `translateY(${top}px)` }}
      data-incident-id={line.incidentId} data-step={line.step} data-severity={line.severity} data-overdue={overdueSince(line, nowMs) !== null || undefined} data-version={line.version} onClick={() => onChoose(line.incidentId)} onDoubleClick={() => goTo(pagePaths.incident(line.incidentId))}>
      <SeverityMark severity={line.severity} />
      <span className="in-what" title={`${what}, ${placeWords(line)}, ${line.siteName}`}>{line.exercise && <ExerciseBadge />}{line.demo && <DemoBadge />}<b>{what}</b> <span className="quiet">{placeWords(line)}{line.placeName !== '' && line.siteName !== '' && line.siteName !== line.placeName && `, ${line.siteName}`}</span></span>
      <span className="in-c-step">{t(`step.${line.step}`)}</span>
      <span className="in-c-unit quiet">{nameOf(line.unitId) ?? '–'}</span>
      <span className="in-c-people">{line.exhausted ? <strong>{t('list.nobody')}</strong> : <WhoIsOnIt line={line} />}</span>
      <span className="in-c-age"><Age sinceMs={line.reportedAtMs} /></span>
      <DueClock due={line.due} overdueSinceMs={line.overdueSinceMs} short />
    </div>
  );
});

/** The one who has come furthest, and how many more. */
export function WhoIsOnIt({ line }: { line: IncidentLine }) {
  const { t } = useTranslation('incidents');
  const rank = { arrived: 0, accepted: 1, asked: 2, done: 3, noAnswer: 4, declined: 5, released: 6 } as const;
  const [first, ...others] = [...line.people].toSorted((a, b) => Number(b.needsHelp) - Number(a.needsHelp) || rank[a.state] - rank[b.state]);
  if (first === undefined) return <span className="quiet">–</span>;
  return <>{first.needsHelp && <strong>{t('list.help')} </strong>}{first.memberName} <span className="quiet">{t(`answer.${first.state}`)}{others.length > 0 && ` +${others.length}`}</span></>;
}

/** While somebody is at it, rows keep their places and show their newest state; what is new waits and is counted. */
function useHeld(lines: readonly IncidentLine[], listKey: string) {
  const [kept, setKept] = useState<{ listKey: string; lines: readonly IncidentLine[] } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const newest = useNewest({ listKey, lines });
  useEffect(() => () => clearTimeout(timer.current), []);
  const order = kept !== null && kept.listKey === listKey ? kept.lines : null;
  const byId = order === null ? null : new Map(lines.map((line) => [line.incidentId, line]));
  const keptIds = order === null ? null : new Set(order.map(({ incidentId }) => incidentId));
  return {
    shown: order === null || byId === null ? lines : order.map((line) => byId.get(line.incidentId) ?? line), held: order !== null,
    newCount: keptIds === null ? 0 : lines.reduce((sum, { incidentId }) => sum + (keptIds.has(incidentId) ? 0 : 1), 0),
    touch: () => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setKept(null), HELD_MOST_MS);
      setKept((before) => (before !== null && before.listKey === newest.current.listKey ? before : newest.current));
    },
    release: () => { clearTimeout(timer.current); setKept(null); },
  };
}
