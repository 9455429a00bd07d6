// How long to wait before the next try: grows by half each time, never beyond its bound, for any number of tries.
export function pauseMs({ attempt, firstMs, mostMs }: { attempt: number; firstMs: number; mostMs: number }): number {
  const tries = Number.isFinite(attempt) ? Math.max(0, attempt - 1) : 1000;
  const grown = firstMs * 1.5 ** Math.min(tries, 1000);
  return Math.max(0, Math.min(mostMs, Number.isFinite(grown) ? Math.round(grown) : mostMs));
}
