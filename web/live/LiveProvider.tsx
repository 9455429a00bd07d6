// The live store for React: a part of the screen by selector, the server's time once a second, and the words of the rules.
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { Kinds } from '../../contract/api.ts';
import type { Page } from './startPage.ts';
import type { Screen } from './store.ts';

const PageContext = createContext<Page | null>(null);
export function LiveProvider({ page, children }: { page: Page; children: ReactNode }) {
  return <PageContext value={page}>{children}</PageContext>;
}

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error('no page around this component');
  return page;
}

/** The selector must return a part of the screen as it is (not a new object), so that nothing is drawn twice. */
export function useScreen<T>(select: (screen: Screen) => T): T {
  const { store } = usePage();
  return useSyncExternalStore(store.subscribe, () => select(store.screen()));
}

/** The server's clock, in whole seconds, for ages and clocks. All that use it change in the same instant. */
export function useServerNowMs(): number {
  const { store } = usePage();
  return useSyncExternalStore(onSecond, () => Math.floor(store.serverNowMs() / 1000) * 1000);
}

/** Words and settings of the installed rules and sensors; null until they are here. Tried again every 5 s. */
export function useKinds(): Kinds | null {
  const page = usePage();
  const [kinds, setKinds] = useState<Kinds | null>(null);
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => { page.kinds().then((answer) => { if (!gone) setKinds(answer); }, () => { if (!gone) timer = setTimeout(ask, 5000); }); };
    ask();
    return () => { gone = true; clearTimeout(timer); };
  }, [page]);
  return kinds;
}

const secondListeners = new Set<() => void>();
let secondTimer: ReturnType<typeof setInterval> | undefined;
function onSecond(listener: () => void): () => void {
  secondListeners.add(listener);
  secondTimer ??= setInterval(() => { for (const each of secondListeners) each(); }, 500);
  return () => {
    secondListeners.delete(listener);
    if (secondListeners.size === 0) { clearInterval(secondTimer); secondTimer = undefined; }
  };
}
