// Keys of the page, in one table per page; never while somebody types, never with Ctrl, Alt or Meta (those belong to the browser).
import { useEffect } from 'react';
import { useNewest } from '../parts/useNewest.ts';

export type KeyTable = Record<string, () => void>;

/** Was a dialog open when this key went down? Asked before anybody else hears of the key: the dialog that Escape closes may be gone by the time the page is asked. */
let dialogWasOpen = false;
if (typeof window !== 'undefined') addEventListener('keydown', () => { dialogWasOpen = document.querySelector('[role="dialog"][aria-modal="true"]') !== null; }, true);

export function useKeys(table: KeyTable): void {
  const newest = useNewest(table);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement | null;
      if (target !== null && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))) return;
      // An open dialog has keys of its own; also the one that this very key has just closed.
      if (dialogWasOpen || target?.closest?.('[role="dialog"]') != null) return;
      const act = newest.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (act === undefined) return;
      // Enter on a button or a link means that thing.
      if (event.key === 'Enter' && target !== null && target.closest('a, button, summary') !== null) return;
      // Arrows on the map, in a list or on a handle mean that thing.
      if (event.key.startsWith('Arrow') && target !== null && target.closest('[data-own-arrows], .maplibregl-canvas, [role="separator"], [role="radiogroup"], [role="menu"]') !== null) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [newest]);
}
