// A row is trusted no more than a request: somebody may have mended it by hand, or an older release may have written it.
import type { Logger } from 'pino';
import { Problem } from '../../contract/problem.ts';
import type { Checked, Fault } from '../../contract/schema.ts';

/** For lists: one damaged row is left out and told, so that it does not take all others with it. */
export function checkedOrLeftOut<T>(check: (value: unknown) => Checked<T>, row: unknown, what: string, log: Logger): T[] {
  const checked = check(row);
  if (checked.ok) return [checked.value];
  log.error({ faults: checked.faults }, `${what} is damaged in the database and left out`);
  return [];
}

/** As above, for a sealed row: one that was altered or moved is left out, too. That a key is missing is no damage and holds for all. */
export function openedOrLeftOut<T>(check: (value: unknown) => Checked<T>, open: () => unknown, what: string, log: Logger): T[] {
  let row: unknown;
  try { row = open(); } catch (error) {
    if (!(error instanceof Problem) || error.note.code !== 'secretDamaged') throw error;
    log.error(`${what} were altered or moved in the database and are left out`);
    return [];
  }
  return checkedOrLeftOut(check, row, what, log);
}

export const damaged = (what: string, faults: Fault[]): Problem =>
  new Problem('internal', {}, `${what} is damaged in the database: ${faults.slice(0, 3).map((fault) => `${fault.path} ${fault.says}`).join('; ')}`);
