// Counts people in one picture with a density net: RGB bytes in, people per image cell out. Runs in the media host; one thread, no state between pictures.
import ort from 'onnxruntime-node';
import { Problem } from '../../contract/problem.ts';
import { loadModel, type ModelCard } from './modelCard.ts';

export type Detector = {
  card: ModelCard;
  /** `rgb` is widthPx x heightPx x 3 bytes, both sides multiples of card.sizeMultiplePx. People per cell, row by row from the top. */
  count(rgb: Uint8Array, widthPx: number, heightPx: number): Promise<Float32Array>;
  close(): Promise<void>;
};

export async function openDensityNet(cardPath: string): Promise<Detector> {
  const { card, weights } = await loadModel(cardPath);
  let session: ort.InferenceSession;
  try {
    // One thread for each host: batches and threads gained nothing, hosts do (measured); a spinning pool would eat a core.
    session = await ort.InferenceSession.create(weights, {
      intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all', logSeverityLevel: 3,
      // The arena keeps what the largest picture needed, so that a run asks the system for nothing.
      enableCpuMemArena: true, enableMemPattern: true,
      extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    throw new Problem('detectorBroken', { reason: 'its weights cannot be run here' }, (error as Error).message);
  }
  if (!session.inputNames.includes(card.input.name) || !session.outputNames.includes(card.output.name)) {
    throw new Problem('detectorBroken', { reason: 'its weights have other inputs or outputs than its card says' }, `${session.inputNames.join()} -> ${session.outputNames.join()}`);
  }
  return {
    card,
    async count(rgb, widthPx, heightPx) {
      const run = await session.run({ [card.input.name]: new ort.Tensor('uint8', rgb, [1, heightPx, widthPx, 3]) });
      const people = run[card.output.name]!.data;
      const cells = (widthPx / card.stridePx) * (heightPx / card.stridePx);
      if (!(people instanceof Float32Array) || people.length !== cells) throw new Problem('detectorBroken', { reason: 'it answers with another number of cells' }, `${people.length} for ${cells}`);
      return people;
    },
    close: () => session.release(),
  };
}
