// When to try a camera again. Pure: the same camera and attempt give the same pause, and different cameras different ones, so that a whole site does not knock at once.
import type { ProblemNote } from '../../contract/problem.ts';
import { PROBLEMS } from '../../contract/problem.ts';
import { pauseMs } from '../../store/pauseMs.ts';

export function retryPauseMs({ sensorId, attempt, problem }: { sensorId: string; attempt: number; problem: ProblemNote | null }): number {
  // What a person must mend is tried slowly: wrong passwords lock cameras, and a missing file does not come back within a second.
  const firstMs = problem === null || PROBLEMS[problem.code].tryAgain ? 500 : problem.code === 'cameraPasswordRefused' ? 15_000 : 5_000;
  return pauseMs({ attempt, firstMs, mostMs: 30_000 }) * (0.8 + 0.2 * unit(`${sensorId}.${attempt}`));
}

/** 0..1 from a text (FNV-1a). */
function unit(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0) / 0xffffffff;
}
