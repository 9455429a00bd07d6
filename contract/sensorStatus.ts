// What a sensor is doing now, told by the ingest that holds it, once a second and at every change.
import Type from 'typebox';
import { ProblemNote } from './problem.ts';
import { id, instantMs, literals, nullable, strictObject } from './schema.ts';
import { PictureSight } from './sight.ts';

export const StreamFacts = strictObject({
  codec: Type.String(), // 'h264', 'hevc', ...
  widthPx: Type.Integer({ minimum: 1 }), heightPx: Type.Integer({ minimum: 1 }),
  /** Null where the stream does not say and too little was heard to tell. */
  framesPerS: nullable(Type.Number({ minimum: 0 })),
});
export type StreamFacts = Type.Static<typeof StreamFacts>;

export const SensorStatus = strictObject({
  sensorId: id('sensor'), siteId: id('site'),
  epoch: Type.Number({ minimum: 0 }),
  atMs: instantMs('told at'),
  phase: literals(['starting', 'connecting', 'counting', 'waiting', 'off']),
  /** Why it waits or what is doubtful; null when all is well. */
  problem: nullable(ProblemNote),
  /** Waiting: when the next try is due. */
  nextTryAtMs: nullable(instantMs('next try at')),
  attempt: Type.Integer({ minimum: 0 }),
  stream: nullable(StreamFacts),
  /** The camera's clock less ours, ms; null when the camera tells no time. */
  clockSkewMs: nullable(Type.Number()),
  /** Whose clock dates its readings. */
  clock: literals(['camera', 'ours']),
  /** 'all' in normal times; 'keyframes' is the overload mode: fewer pictures are looked at. */
  framesUsed: literals(['all', 'keyframes']),
  framesDecoded: Type.Integer({ minimum: 0 }), framesCounted: Type.Integer({ minimum: 0 }), framesDropped: Type.Integer({ minimum: 0 }),
  /** Mean duration of one count. */
  countMs: nullable(Type.Number({ minimum: 0 })),
  /** The size the detector looks at, why, and what one look costs. */
  analysis: nullable(strictObject({
    widthPx: Type.Integer(), heightPx: Type.Integer(),
    /** Parts that the picture is looked at in; 1: whole. */
    tiles: Type.Integer({ minimum: 1 }),
    /** budget: far heads would need more pixels than the setting allows. stream: the camera sends no more. */
    because: literals(['notPlaced', 'headsLargeEnough', 'budget', 'stream']),
    /** Head of a person at the far end of the usable ground, pixels of the analysed picture. */
    farHeadPx: nullable(Type.Number({ minimum: 0 })),
  })),
  /** Null until enough was seen to say. */
  sight: nullable(PictureSight),
  lastFrameAtMs: nullable(instantMs('last frame at')),
  peopleInPicture: nullable(Type.Number({ minimum: 0 })),
  placed: Type.Boolean(), // false: it counts people in the picture, but nobody has said where that is
});
export type SensorStatus = Type.Static<typeof SensorStatus>;
