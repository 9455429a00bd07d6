// What ingest and a media host say to each other, over IPC with 'advanced' serialization. No pixel is in here but the preview and the still that a person asked for, with the privacy masks filled.
import type { ProblemNote } from '../../contract/problem.ts';
import type { StreamFacts } from '../../contract/sensorStatus.ts';
import type { MaskPolygons, Masks } from '../../contract/site.ts';
import type { PictureSight, ViewMark } from '../../contract/sight.ts';
import type { AnalysisNeed } from '../../crowd/analysisNeed.ts';
import type { ImageMotion, MotionSlopes } from '../../crowd/flow.ts';
import type { MediaSource } from '../sensors/sensorKind.ts';
import type { AnalysisBecause } from './analysisSize.ts';

export type ToHost =
  | { type: 'settings'; modelCard: string; /** Where cameras may be: see config/network.ts. */ cameraNetworks: string[] }
  | { type: 'open'; sessionId: string; source: MediaSource; countsPerS: number; analysisPixelsMost: number; need: AnalysisNeed | null; masks: Masks | null; noProgressMs: number; framesUsed: 'all' | 'keyframes' }
  | { type: 'close'; sessionId: string }
  | { type: 'framesUsed'; sessionId: string; framesUsed: 'all' | 'keyframes' }
  /** What the placing asks of the size, as in `open`, when it has changed. */
  | { type: 'need'; sessionId: string; need: AnalysisNeed | null }
  /** Privacy masks, as in `open`, when they have changed: they hold for the next picture that is looked at. */
  | { type: 'masks'; sessionId: string; masks: Masks | null }
  /** How the ground lies in the picture of this session, to know how far people can move in it; null: it is not placed, and no motion is wanted. */
  | { type: 'placing'; sessionId: string; slopes: MotionSlopes | null }
  /** What the placed view looked like; null: not known. `takeFor`: the next good pictures make it, for this version of the placing. */
  | { type: 'viewMark'; sessionId: string; mark: ViewMark | null; takeFor: number | null }
  /** One preview, at most one a second. `unmasked`: one without masks beside it, for whoever was allowed to see through them. */
  | { type: 'wantPicture'; sessionId: string; unmasked: boolean }
  /** One picture that leaves the product: masks filled, and heads and plates blurred unless a second person has allowed otherwise. */
  | { type: 'wantStill'; sessionId: string; stillId: string; blurred: boolean }
  /** `masks`: those of cameras at the same address. */
  | { type: 'test'; testId: string; source: MediaSource; masks: MaskPolygons; withinMs: number }
  | { type: 'end' };

export type ImageCells = { columns: number; rows: number; cellWidthShare: number; cellHeightShare: number };

/** How the picture is looked at: the size of the whole as it is scaled, in how many parts, and why so. */
export type Analysis = { widthPx: number; heightPx: number; tiles: number; because: AnalysisBecause; farHeadPx: number | null };

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
  | { type: 'streamChanged'; sessionId: string; stream: StreamFacts; analysis: Analysis }
  | { type: 'counted'; sessionId: string; capturedAtMs: number; heardAtMs: number; pictureAspect: number; masksVersion: number; imageCells: ImageCells; peoplePerImageCell: Float32Array; spreadPerImageCell: Float32Array | null; peopleInPicture: number; motion: ImageMotion | null; sight: PictureSight | null }
  | { type: 'viewTaken'; sessionId: string; mark: ViewMark }
  /** masksVersion: which masks are filled in it. `unmasked`: none, and it goes nowhere but to whoever was allowed to see it. */
  | { type: 'picture'; sessionId: string; capturedAtMs: number; masksVersion: number; unmasked: boolean; jpeg: Uint8Array }
  | { type: 'still'; sessionId: string; stillId: string; capturedAtMs: number; masksVersion: number; jpeg: Uint8Array | null }
  /** Goes on, but something is doubtful. */
  | { type: 'doubt'; sessionId: string; problem: ProblemNote }
  /** Null: it was asked to, or a file that is not looped came to its end (`atEnd`). */
  | { type: 'ended'; sessionId: string; problem: ProblemNote | null; atEnd: boolean }
  | { type: 'tested'; testId: string; stream: StreamFacts; clockSkewMs: number | null; firstPictureMs: number; pictureJpeg: Uint8Array }
  | { type: 'testFailed'; testId: string; problem: ProblemNote };
