// How long to wait before the next try. Total: any numbers in, a sensible pause out.

/** Doubles from `firstMs` with each attempt (1 is the first) up to `mostMs`. */
export function pauseMs({ attempt, firstMs, mostMs }: { attempt: number; firstMs: number; mostMs: number }): number {
  const first = Number.isFinite(firstMs) && firstMs > 0 ? firstMs : 1;
  const most = Number.isFinite(mostMs) && mostMs > 0 ? mostMs : first;
  if (!(attempt > 1)) return Math.min(first, most);
  return Math.min(most, first * 2 ** Math.min(attempt - 1, 60));
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => { clearTimeout(timer); signal?.removeEventListener('abort', done); resolve(); };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
