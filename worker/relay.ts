// Carries committed events from the outbox to the bus: every screen hears that there is news within milliseconds of the commit, and of none before it.
// Any number of processes may run it; the store lets one at a time work. What the bus has not taken stays in the outbox and is tried again.
import type { Logger } from 'pino';
import { topics, type Bus } from '../store/bus/bus.ts';
import { pauseMs, sleep } from '../store/pauseMs.ts';
import type { Store } from '../store/store.ts';

/** Looked at also when nobody wakes it: a NOTIFY may be lost with its connection. */
const LOOK_EVERY_MS = 1000;
const AT_ONCE = 500;

export type Relay = {
  /** Look now: something was committed. */
  wake(): void;
  counters(): { eventsRelayed: number; failures: number };
  close(): Promise<void>;
};

export function runRelay({ store, bus, log }: { store: Store; bus: Bus; log: Logger }): Relay {
  const closing = new AbortController();
  const words = new TextEncoder();
  let eventsRelayed = 0, failures = 0;
  let woken = true;
  let wakeUp: () => void = () => {};
  const wake = () => { woken = true; wakeUp(); };
  const stopListening = store.onEvents(wake);

  /** One honest attempt; resolves when the outbox is empty or another process is at it. */
  const relayOnce = async () => {
    for (;;) {
      const sent = await store.relayOutbox(AT_ONCE, async (events) => {
        // Only the newest number: whoever hears it reads what it has not got from the record itself.
        const newest = events.at(-1);
        if (newest !== undefined) await bus.publish(topics.events, words.encode(String(newest.seq)));
      });
      eventsRelayed += sent;
      if (sent < AT_ONCE || closing.signal.aborted) return;
    }
  };
  const loop = (async () => {
    for (let attempt = 1; !closing.signal.aborted;) {
      woken = false;
      try { await relayOnce(); attempt = 1; } catch (error) {
        if (closing.signal.aborted) return;
        failures++;
        if (attempt === 1) log.warn({ detail: error instanceof Error ? error.message : String(error) }, 'events wait in the outbox');
        await sleep(pauseMs({ attempt: attempt++, firstMs: 100, mostMs: 2000 }), closing.signal);
        continue;
      }
      if (!woken) await new Promise<void>((resolve) => {
        const done = () => { clearTimeout(timer); resolve(); };
        const timer = setTimeout(done, LOOK_EVERY_MS);
        wakeUp = done;
      });
    }
  })();

  return {
    wake,
    counters: () => ({ eventsRelayed, failures }),
    async close() {
      closing.abort();
      stopListening();
      wake();
      await loop;
    },
  };
}
