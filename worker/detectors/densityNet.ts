// Counts people in one picture with a density net: RGB bytes in, people per image cell out, and how far off each cell may be. Runs in the media host; one thread, no state
// between pictures. What the net wants and how it answers stands in its card alone, so another model is another card; an answer that cannot be one is a Problem, never a number.
import './noTelemetry.ts';
import ort from 'onnxruntime-node';
import type { ModelCard } from '../../contract/modelCard.ts';
import { Problem } from '../../contract/problem.ts';
import { loadModel } from './modelCard.ts';

/** Row by row from the top, one value for each cell of card.stridePx of the padded picture. `spread`: one standard deviation of the model's own error, in people; null where the model says none. */
export type Counted = { people: Float32Array; spread: Float32Array | null };
export type Detector = {
  card: ModelCard;
  /** `rgb` is widthPx x heightPx x 3 bytes, both sides multiples of card.sizeMultiplePx; it may be used again when the promise is kept. Rejects with Problem detectorBroken. */
  count(rgb: Uint8Array, widthPx: number, heightPx: number): Promise<Counted>;
  close(): Promise<void>;
};

/** No head is counted that has fewer pixels than this, so no cell holds more people than its pixels allow. */
const HEAD_PX2_LEAST = 4;
/** A net without a last ReLU dips below zero here and there; one whose people are mostly negative answers something else. */
const NEGATIVE_SHARE_MOST = 0.5, NEGATIVE_PEOPLE_LEAST = 1;
/** The grey picture that is counted once at the start: its sides in multiples of card.sizeMultiplePx, at least this many pixels. */
const TRIAL_PX_LEAST = 64, TRIAL_GREY = 118;

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
    throw broken('its weights cannot be run here', (error as Error).message);
  }
  const { people: peoplePlane, spread: spreadPlane } = card.outputs, planes = [peoplePlane, ...(spreadPlane === null ? [] : [spreadPlane])], feed = feedOf(card);
  const detector: Detector = {
    card,
    async count(rgb, widthPx, heightPx) {
      const answer = await session.run({ [card.input.name]: feed(rgb, widthPx, heightPx) }, planes.map(({ name }) => name));
      const cells = (widthPx / card.stridePx) * (heightPx / card.stridePx);
      const valuesOf = ({ name, divideBy }: typeof peoplePlane): Float32Array => {
        const values = answer[name]!.data;
        if (!(values instanceof Float32Array)) throw broken('it answers with numbers of another type than float', `${name}: ${answer[name]!.type}`);
        if (values.length !== cells) throw broken('it answers with another number of cells than its card says', `${name}: ${values.length} for ${cells}`);
        if (divideBy !== 1) for (let cell = 0; cell < cells; cell++) values[cell]! /= divideBy;
        return values;
      };
      const people = valuesOf(peoplePlane), spread = spreadPlane === null ? null : valuesOf(spreadPlane);
      checkPeople(people, card);
      if (spread !== null) checkSpread(spread, card);
      return { people, spread };
    },
    close: () => session.release(),
  };
  try {
    checkSession(session, card);
    // A card that does not fit its weights stops the start and not the first night.
    const sidePx = Math.ceil(TRIAL_PX_LEAST / card.sizeMultiplePx) * card.sizeMultiplePx;
    await detector.count(new Uint8Array(sidePx * sidePx * 2 * 3).fill(TRIAL_GREY), sidePx * 2, sidePx);
  } catch (error) {
    await session.release();
    throw error instanceof Problem ? error : broken('it fails on an empty picture', (error as Error).message);
  }
  return detector;
}

const broken = (reason: string, detail: string | null = null) => new Problem('detectorBroken', { reason }, detail);

/** Names and types of inputs and outputs, as far as the weights tell them. */
function checkSession(session: ort.InferenceSession, { input, outputs }: ModelCard): void {
  const names = [outputs.people.name, ...(outputs.spread === null ? [] : [outputs.spread.name])];
  if (session.inputNames.join() !== input.name || !names.every((name) => session.outputNames.includes(name))) {
    throw broken('its weights have other inputs or outputs than its card says', `${session.inputNames.join()} -> ${session.outputNames.join()}`);
  }
  const [given] = session.inputMetadata;
  if (given?.isTensor !== true) return;
  if (given.type !== input.type) throw broken('its weights take another type of picture than its card says', `${given.type} where the card says ${input.type}`);
  const sides = input.layout === 'NHWC' ? [1, 2] : [2, 3];
  if (given.shape.length !== 4) throw broken('its weights take another shape of picture than its card says', given.shape.join(' x '));
  // Cameras have many shapes; a net for a single one would see them all distorted.
  if (sides.some((side) => typeof given.shape[side] === 'number' && given.shape[side] > 0)) throw broken('its weights take one size of picture alone', given.shape.join(' x '));
}

/** Lays a picture out as the net wants it, in a buffer that is used again. */
function feedOf({ input: { layout, type, channels, subtract = [0], divideBy = [1] } }: ModelCard): (rgb: Uint8Array, widthPx: number, heightPx: number) => ort.Tensor {
  const planes = channels === 'gray' ? 1 : 3, dims = (widthPx: number, heightPx: number) => (layout === 'NHWC' ? [1, heightPx, widthPx, planes] : [1, planes, heightPx, widthPx]);
  if (type === 'uint8' && layout === 'NHWC' && channels === 'rgb') return (rgb, widthPx, heightPx) => new ort.Tensor('uint8', rgb, dims(widthPx, heightPx));
  let kept: Float32Array | Uint8Array = new Uint8Array();
  return (rgb, widthPx, heightPx) => {
    const pixels = widthPx * heightPx;
    if (kept.length !== pixels * planes) kept = type === 'uint8' ? new Uint8Array(pixels * planes) : new Float32Array(pixels * planes);
    for (let plane = 0; plane < planes; plane++) {
      const less = type === 'uint8' ? 0 : subtract[plane] ?? subtract[0]!, per = type === 'uint8' ? 1 : 1 / (divideBy[plane] ?? divideBy[0]!);
      const step = layout === 'NHWC' ? planes : 1, from = channels === 'bgr' ? 2 - plane : plane;
      for (let pixel = 0, at = layout === 'NHWC' ? plane : plane * pixels; pixel < pixels; pixel++, at += step) {
        const value = channels === 'gray' ? 0.299 * rgb[3 * pixel]! + 0.587 * rgb[3 * pixel + 1]! + 0.114 * rgb[3 * pixel + 2]! : rgb[3 * pixel + from]!;
        kept[at] = (value - less) * per;
      }
    }
    return kept instanceof Uint8Array ? new ort.Tensor('uint8', kept, dims(widthPx, heightPx)) : new ort.Tensor('float32', kept, dims(widthPx, heightPx));
  };
}

/** Nobody is counted from an answer that is none; what is a little below zero becomes zero. */
function checkPeople(people: Float32Array, { stridePx }: ModelCard): void {
  const most = (stridePx * stridePx) / HEAD_PX2_LEAST;
  let sum = 0, negative = 0;
  for (let cell = 0; cell < people.length; cell++) {
    const value = people[cell]!;
    if (value >= 0) { if (value > most) throw broken('it counts more people in a cell than its pixels can show', `${value} in ${stridePx} x ${stridePx} px`); sum += value; }
    else if (value < 0) { negative -= value; people[cell] = 0; }
    else throw broken('it answers with numbers that are none', 'NaN people in a cell');
  }
  if (negative > NEGATIVE_PEOPLE_LEAST && negative > NEGATIVE_SHARE_MOST * sum) throw broken('it answers with fewer people than none', `-${negative} and +${sum}`);
}
function checkSpread(spread: Float32Array, { stridePx }: ModelCard): void {
  const most = (stridePx * stridePx) / HEAD_PX2_LEAST;
  for (let cell = 0; cell < spread.length; cell++) if (!(spread[cell]! >= 0 && spread[cell]! <= most)) throw broken('it answers with an error that cannot be one', `${spread[cell]} people in a cell`);
}
