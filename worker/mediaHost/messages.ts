// What ingest and a media host say to each other, over IPC with 'advanced' serialization. No pixel is in here but the preview that a person asked to see.
import type { ProblemNote } from '../../contract/problem.ts';
import type { StreamFacts } from '../../contract/sensorStatus.ts';
import type { ImageMotion, MotionSlopes } from '../../crowd/flow.ts';
import type { MediaSource } from '../sensors/sensorKind.ts';

export type ToHost =
  | { type: 'settings'; modelCard: string }
  | { type: 'open'; sessionId: string; source: MediaSource; countsPerS: number; analysisPixelsMost: number; noProgressMs: number; framesUsed: 'all' | 'keyframes' }
  | { type: 'close'; sessionId: string }
  | { type: 'framesUsed'; sessionId: string; framesUsed: 'all' | 'keyframes' }
  /** How the ground lies in the picture of this session, to know how far people can move in it; null: it is not placed, and no motion is wanted. */
  | { type: 'placing'; sessionId: string; slopes: MotionSlopes | null }
  /** One preview, at most one a second. */
  | { type: 'wantPicture'; sessionId: string }
  | { type: 'test'; testId: string; source: MediaSource; withinMs: number }
  | { type: 'end' };

export type ImageCells = { columns: number; rows: number; cellWidthShare: number; cellHeightShare: number };

export type SessionCounters = {
  packets: number; framesDecoded: number; framesChosen: number; framesCounted: number; framesDropped: number; decodeErrors: number;
  /** Our clock at the last sign that it goes on. */
  progressAtMs: number;
  lastFrameAtMs: number | null;
  clockSkewMs: number | null; clock: 'camera' | 'ours';
  countMs: number | null;
};

export type FromHost =
  /** Its libraries are loaded; it can open. */
  | { type: 'ready' }
  /** Each half second, whatever happens: silence means that its thread is stuck. */
  | { type: 'beat'; rssBytes: number; messagesDropped: number; sessions: Record<string, SessionCounters>; spentMs: { decode: number; scale: number; count: number; motion: number } }
  | { type: 'opened'; sessionId: string; stream: StreamFacts }
  | { type: 'streamChanged'; sessionId: string; stream: StreamFacts; analysis: { widthPx: number; heightPx: number } }
  | { type: 'counted'; sessionId: string; capturedAtMs: number; heardAtMs: number; pictureAspect: number; imageCells: ImageCells; peoplePerImageCell: Float32Array; spreadPerImageCell: Float32Array | null; peopleInPicture: number; motion: ImageMotion | null }
  | { type: 'picture'; sessionId: string; capturedAtMs: number; jpeg: Uint8Array }
  /** Goes on, but something is doubtful. */
  | { type: 'doubt'; sessionId: string; problem: ProblemNote }
  /** Null: it was asked to, or a file that is not looped came to its end (`atEnd`). */
  | { type: 'ended'; sessionId: string; problem: ProblemNote | null; atEnd: boolean }
  | { type: 'tested'; testId: string; stream: StreamFacts; clockSkewMs: number | null; firstPictureMs: number; pictureJpeg: Uint8Array }
  | { type: 'testFailed'; testId: string; problem: ProblemNote };
