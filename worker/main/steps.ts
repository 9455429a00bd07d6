// The start and the stop as a list of steps: one line each with its duration; what was started last is stopped first, within a bound.
export type Steps = {
  /** Does one step, prints its line, and remembers how to undo it. */
  run<T>(words: string, work: () => Promise<T>, undo?: (made: T) => Promise<unknown>): Promise<T>;
  say(line: string): void;
  tookMs(): number;
  /** Undoes all in reverse order; each step gets at most its bound. Resolves with the names of those that did not end in time. */
  undoAll(): Promise<string[]>;
};

/** All parts but the database end within this together; the database then has its own 3 s. Ctrl-C is promised to take under 5 s. */
const PARTS_STOP_WITHIN_MS = 1800;

export function steps(print: (line: string) => void): Steps {
  const startedAtMs = performance.now();
  const undos: { words: string; undo: () => Promise<unknown>; last: boolean }[] = [];
  return {
    say: print,
    tookMs: () => performance.now() - startedAtMs,
    async run(words, work, undo) {
      const beganAtMs = performance.now();
      const made = await work();
      if (undo) undos.push({ words, undo: () => undo(made), last: words === DATABASE_STEP });
      print(`  ${words.padEnd(42, '.')} ${((performance.now() - beganAtMs) / 1000).toFixed(1)} s`);
      return made;
    },
    async undoAll() {
      const late: string[] = [];
      const untilMs = performance.now() + PARTS_STOP_WITHIN_MS;
      for (const { words, undo, last } of undos.splice(0).reverse()) {
        const leftMs = last ? 4000 : Math.max(100, untilMs - performance.now());
        let timer: NodeJS.Timeout | undefined;
        const inTime = await Promise.race([
          undo().then(() => true, () => true),
          new Promise<boolean>((done) => { timer = setTimeout(() => done(false), leftMs); }),
        ]);
        clearTimeout(timer);
        if (!inTime) late.push(words);
      }
      return late;
    },
  };
}

export const DATABASE_STEP = 'database (PostgreSQL in the data folder)';
