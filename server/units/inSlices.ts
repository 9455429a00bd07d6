// Long work on the thread that also serves screens: at most this long at a time.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { runInSlices } from '../../crowd/units/checkUnits.ts';

const SLICE_MS = 15;
export const inSlices = <T>(work: Generator<void, T>): Promise<T> => runInSlices(work, SLICE_MS, () => performance.now(), () => nextTurn());
