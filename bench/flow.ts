// How well flow is measured: films of crowds whose movement is known, encoded as a camera does, decoded, measured block by block and laid on the ground, held against the truth.
// `npm run bench -- flow [--counted]`: people are where the truth has them (so that movement alone is judged); with --counted also as the product's net counts them.
import { readFileSync } from 'node:fs';
import { Codec, CodecContext, Frame, Packet, Rational, SoftwareScaleContext, Log } from 'node-av/lib';
import * as C from 'node-av/constants';
import type { SitePoint } from '../contract/geometry.ts';
import type { FlowLine } from '../contract/flow.ts';
import type { Reading } from '../contract/reading.ts';
import { DEFAULT_LIMITS } from '../contract/level.ts';
import type { SiteConfig } from '../contract/site.ts';
import { linePeoplePerS, motionSlopes, projectMotion, zoneFlowOf, type MotionSlopes } from '../crowd/flow.ts';
import { groundProjection, projectPeople } from '../crowd/ground.ts';
import { compileSite } from '../crowd/site.ts';
import { DEFAULT_MODEL_CARD } from '../config/modelCard.ts';
import { openDensityNet, type Detector } from '../worker/detectors/densityNet.ts';
import { withoutPadding } from '../worker/mediaHost/analysisSize.ts';
import { motionMeter } from '../worker/mediaHost/motion.ts';
import { analysisScaler } from '../worker/mediaHost/pictures.ts';
import { clickedCalibration, movingScene, type Movement, type PinholeCamera } from '../test/support/scenes.ts';

const CAMERAS: Record<string, PinholeCamera> = {
  mast: { position: { xM: 20, yM: 4 }, heightM: 8.5, bearingDeg: 0, tiltDeg: 36, focalShare: 1.0, widthPx: 640, heightPx: 360 },
  low: { position: { xM: 20, yM: 6 }, heightM: 4.5, bearingDeg: 0, tiltDeg: 26, focalShare: 0.9, widthPx: 640, heightPx: 360 },
  high: { position: { xM: 20, yM: 1 }, heightM: 14, bearingDeg: 0, tiltDeg: 44, focalShare: 1.05, widthPx: 704, heightPx: 576 },
};
/** Ground that each sees whole, and a line through its middle. */
const ZONES: Record<string, SitePoint[]> = { mast: box(17, 11, 23, 16), low: box(18, 11.5, 22, 15), high: box(15, 11, 25, 20) };
const CASES: { camera: keyof typeof CAMERAS & string; movement: Movement; peoplePerM2: number; framesPerS: number }[] = [
  { camera: 'mast', movement: { kind: 'stream', metresPerS: 1.3, headingDeg: 90 }, peoplePerM2: 0.5, framesPerS: 25 },
  { camera: 'mast', movement: { kind: 'stream', metresPerS: 0.3, headingDeg: 0 }, peoplePerM2: 4, framesPerS: 15 },
  { camera: 'mast', movement: { kind: 'stream', metresPerS: 1.8, headingDeg: 180 }, peoplePerM2: 0.6, framesPerS: 25 },
  { camera: 'mast', movement: { kind: 'opposed', metresPerS: 1.0, headingDeg: 90, counterShare: 0.3, lanesM: 3 }, peoplePerM2: 1.5, framesPerS: 10 },
  { camera: 'mast', movement: { kind: 'sways' }, peoplePerM2: 5, framesPerS: 10 },
  { camera: 'mast', movement: { kind: 'stopAndGo', metresPerS: 0.5, headingDeg: 60 }, peoplePerM2: 3, framesPerS: 15 },
  { camera: 'low', movement: { kind: 'stream', metresPerS: 1.2, headingDeg: 135 }, peoplePerM2: 1, framesPerS: 15 },
  { camera: 'low', movement: { kind: 'stream', metresPerS: 0.7, headingDeg: 270 }, peoplePerM2: 2, framesPerS: 5 },
  { camera: 'low', movement: { kind: 'opposed', metresPerS: 0.9, headingDeg: 0, counterShare: 0.4, lanesM: 2.5 }, peoplePerM2: 1.2, framesPerS: 25 },
  { camera: 'low', movement: { kind: 'sways' }, peoplePerM2: 3, framesPerS: 25 },
  { camera: 'high', movement: { kind: 'stream', metresPerS: 1.4, headingDeg: 45 }, peoplePerM2: 1, framesPerS: 10 },
  { camera: 'high', movement: { kind: 'stream', metresPerS: 0.5, headingDeg: 200 }, peoplePerM2: 3.5, framesPerS: 25 },
  { camera: 'high', movement: { kind: 'stream', metresPerS: 1.0, headingDeg: 90 }, peoplePerM2: 2, framesPerS: 5 },
  { camera: 'high', movement: { kind: 'opposed', metresPerS: 1.1, headingDeg: 90, counterShare: 0.3, lanesM: 4 }, peoplePerM2: 1, framesPerS: 15 },
  { camera: 'high', movement: { kind: 'sways' }, peoplePerM2: 4, framesPerS: 15 },
];
const LOOKS = 4, LOOK_EVERY_S = 0.8, SPAN_S = 0.24, GRID = { cellM: 1, columns: 40, rows: 40 } as const;

export default async function bench(emit: (figure: string, value: number, unit: string) => void): Promise<void> {
  Log.setLevel(C.AV_LOG_QUIET);
  const counted = process.argv.includes('--counted'), only = process.argv.find((word) => word.startsWith('--only='))?.slice(7);
  const net = counted ? await openDensityNet(DEFAULT_MODEL_CARD) : null;
  const speed: number[] = [], direction: number[] = [], variance: number[] = [], share: number[] = [], lines: number[] = [], linesCounted: number[] = [], strips: number[] = [], standing: number[] = [], pressures: number[] = [];
  let cpuMs = 0, measured = 0;
  for (const [index, one] of CASES.entries()) {
    if (only !== undefined && !only.split(',').map(Number).includes(index)) continue;
    const seen = await measure(one, 900_100 + index, net);
    cpuMs += seen.cpuMs; measured += seen.measured;
    const { truth, flow } = seen, trueSpeed = Math.hypot(truth.eastMPerS, truth.northMPerS);
    const words = { case: index, camera: one.camera, kind: one.movement.kind, peoplePerM2: one.peoplePerM2, framesPerS: one.framesPerS };
    if (flow === null) { console.log(JSON.stringify({ ...words, flow: null })); speed.push(1); continue; }
    const off = Math.hypot(flow.eastMPerS - truth.eastMPerS, flow.northMPerS - truth.northMPerS);
    if (one.movement.kind === 'sways') { standing.push(Math.hypot(flow.eastMPerS, flow.northMPerS)); pressures.push(flow.pressurePerS2); }
    else {
      // Streams that nearly cancel out have hardly a mean: their error is held against the speed at which each goes.
      speed.push(off / Math.max(trueSpeed, one.movement.kind === 'opposed' ? one.movement.metresPerS : 0));
      if (one.movement.kind !== 'opposed') direction.push(Math.abs(Math.atan2(flow.eastMPerS * truth.northMPerS - flow.northMPerS * truth.eastMPerS, flow.eastMPerS * truth.eastMPerS + flow.northMPerS * truth.northMPerS)) * 180 / Math.PI);
      else share.push(Math.abs(flow.counterShare - truth.counterShare));
      lines.push(...seen.lineErrors); linesCounted.push(...seen.lineErrorsCounted); strips.push(...seen.lineErrorsStrip);
    }
    variance.push(Math.abs(flow.velocityVarianceM2PerS2 - truth.velocityVarianceM2PerS2));
    console.log(JSON.stringify({ ...words, truth: rounded(truth), flow: rounded(flow), line: seen.lineWords }));
  }
  await net?.close();
  if (speed.length > 0) { emit('velocityErrorShareMedian', at(speed, 0.5), 'share'); emit('velocityErrorShareP90', at(speed, 0.9), 'share'); }
  if (direction.length > 0) emit('directionErrorDegMedian', at(direction, 0.5), 'deg');
  emit('varianceErrorM2PerS2Median', at(variance, 0.5), 'm2/s2');
  if (share.length > 0) emit('counterShareErrorMedian', at(share, 0.5), 'share');
  if (lines.length > 0) emit('lineErrorShareMedian', at(lines, 0.5), 'share');
  if (strips.length > 0) emit('lineStripErrorShareMedian', at(strips, 0.5), 'share');
  if (linesCounted.length > 0) emit('lineCountedErrorShareMedian', at(linesCounted, 0.5), 'share');
  if (standing.length > 0) { emit('standingSpeedMPerSWorst', Math.max(...standing), 'm/s'); emit('standingPressurePerS2Worst', Math.max(...pressures), '1/s2'); }
  emit('motionCpuMsPerFrame', cpuMs / measured, 'ms');
}

async function measure({ camera: name, movement, peoplePerM2, framesPerS }: (typeof CASES)[number], seed: number, net: Detector | null) {
  const camera = CAMERAS[name]!, polygon = ZONES[name]!, scene = movingScene({ movement, peoplePerM2, camera, seed, rangeM: 32 });
  const calibration = clickedCalibration(camera, { seed, clickShare: 0.002, mapM: 0.1, pairs: 16 });
  const card = JSON.parse(readFileSync(DEFAULT_MODEL_CARD, 'utf8')) as Detector['card'], stridePx = 8, scaler = analysisScaler({ pixelsMost: 640 * 384, multiplePx: 32, stridePx });
  const middle = { xM: (polygon[0]!.xM + polygon[2]!.xM) / 2, yM: (polygon[0]!.yM + polygon[2]!.yM) / 2 };
  // Across the way they go: the line's right hand side lies ahead.
  const heading = 'headingDeg' in movement ? movement.headingDeg * Math.PI / 180 : 0, half = (polygon[2]!.xM - polygon[0]!.xM) / 2.6;
  const line: FlowLine = { lineId: 'l', siteId: 's', name: 'across', surface: 'level', rules: {}, a: { xM: middle.xM + half * Math.cos(heading), yM: middle.yM - half * Math.sin(heading) }, b: { xM: middle.xM - half * Math.cos(heading), yM: middle.yM + half * Math.sin(heading) } };
  // The same strip of 2 m about it, with everybody's own velocity.
  const strip = (atS: number) => {
    let forth = 0, out = 0;
    for (const { xM, yM, eastMPerS, northMPerS } of scene.figuresAt(atS)) {
      const dx = xM - middle.xM, dy = yM - middle.yM, ahead = dx * Math.sin(heading) + dy * Math.cos(heading), aside = dx * Math.cos(heading) - dy * Math.sin(heading), across = (eastMPerS * Math.sin(heading) + northMPerS * Math.cos(heading)) / 2;
      if (Math.abs(ahead) <= 1 && Math.abs(aside) <= half) { forth += Math.max(0, across); out += Math.max(0, -across); }
    }
    return { in: forth, out };
  };
  const config: SiteConfig = {
    version: 1, site: { siteId: 's', name: 'bench', origin: { lng: 8, lat: 50 }, grid: GRID, demo: false }, lines: [line],
    zones: [{ zoneId: 'z', siteId: 's', name: 'zone', kind: 'standing', limits: DEFAULT_LIMITS.standing, polygon, rules: {} }],
    sensors: [{ sensorId: 'c', siteId: 's', name: 'camera', kind: 'file', addressShown: '', enabled: true, calibration }],
  };
  const zone = compileSite(config, []).zones[0]!;
  let slopes: MotionSlopes | null = null, meter: ReturnType<typeof motionMeter> | null = null, made: ReturnType<typeof groundProjection> | null = null;
  let cpuMs = 0, measured = 0;
  const flows: NonNullable<ReturnType<typeof zoneFlowOf>>[] = [], across = { in: 0, out: 0, looks: 0 }, acrossTrue = { in: 0, out: 0, looks: 0 }, acrossCounted = { in: 0, out: 0, looks: 0 };
  // Only the frames from the earlier to the counted one are drawn: what lies between two looks is not measured, and drawing is what takes the time.
  const kept: { frame: Frame; atS: number; heads: ReturnType<typeof scene.pictureAt>['heads'] }[] = [], headsOf: { atS: number; heads: (typeof kept)[number]['heads'] }[] = [];
  const codec = filmOf(camera, framesPerS), spanFrames = Math.max(1, Math.floor(SPAN_S * framesPerS));
  for (let look = 1, heard = 0; look <= LOOKS; look++) {
    const last = Math.round(look * LOOK_EVERY_S * framesPerS);
    for (let index = Math.max(0, last - spanFrames); index <= last; index++) {
      const drawn = scene.pictureAt(index / framesPerS);
      headsOf.push({ atS: index / framesPerS, heads: drawn.heads });
      for (const frame of codec.through(drawn.rgb)) kept.push({ frame, ...headsOf[heard++]! });
    }
    while (kept.length > spanFrames + 1) kept.shift()!.frame.free();
    const newest = kept.at(-1);
    if (newest === undefined) continue;
    const picture = scaler.scaled(newest.frame)!, { imageCells } = picture.size;
    if (made === null) {
      made = groundProjection({ grid: GRID, calibration, imageCells: { ...imageCells, cellPx: stridePx }, errorModel: card.errorModel });
      slopes = motionSlopes(calibration, imageCells);
      meter = motionMeter(slopes!);
    }
    if (!made.ok) throw new Error(made.problem.code);
    const heads = new Float32Array(imageCells.columns * imageCells.rows);
    for (const head of newest.heads) {
      if (head === null) continue;
      const x = head.xPx / camera.widthPx / imageCells.cellWidthShare - 0.5, y = head.yPx / camera.heightPx / imageCells.cellHeightShare - 0.5, x0 = Math.floor(x), y0 = Math.floor(y);
      for (const [column, row, part] of [[x0, y0, (1 - x + x0) * (1 - y + y0)], [x0 + 1, y0, (x - x0) * (1 - y + y0)], [x0, y0 + 1, (1 - x + x0) * (y - y0)], [x0 + 1, y0 + 1, (x - x0) * (y - y0)]] as const) if (column >= 0 && row >= 0 && column < imageCells.columns && row < imageCells.rows) heads[row * imageCells.columns + column]! += part;
    }
    const wanted = newest.atS - meter!.gapMs / 1000, before = kept.slice(0, -1).toSorted((a, b) => Math.abs(a.atS - wanted) - Math.abs(b.atS - wanted))[0];
    if (before === undefined) continue;
    const { projection } = made;
    const readingOf = (people: Float32Array): Reading => {
      const begun = process.cpuUsage(), motion = meter!.between(before.frame, newest.frame, (newest.atS - before.atS) * 1000, imageCells, people), spent = process.cpuUsage(begun);
      cpuMs += (spent.user + spent.system) / 1000; measured++;
      return { siteId: 's', sensorId: 'c', epoch: 1, seq: measured, capturedAtMs: newest.atS * 1000, heardAtMs: newest.atS * 1000, calibrationVersion: 1, modelId: 'bench', peopleInPicture: 0, fault: null, ...projectPeople(projection, people, null), flow: motion === null ? null : projectMotion(projection, slopes!, motion, people) };
    };
    const reading = readingOf(heads), flow = zoneFlowOf(zone, [reading], GRID), crossing = linePeoplePerS(line, [reading], GRID);
    if (flow !== null) flows.push(flow);
    if (crossing !== null) { const right = strip(newest.atS); across.in += crossing.inPerS; across.out += crossing.outPerS; across.looks++; acrossTrue.in += right.in; acrossTrue.out += right.out; acrossTrue.looks++; }
    if (net !== null) {
      const padded = await net.count(picture.rgb, picture.size.paddedWidthPx, picture.size.paddedHeightPx), own = withoutPadding(padded.people, picture.size.paddedWidthPx / stridePx, imageCells);
      const other = linePeoplePerS(line, [readingOf(own.peoplePerImageCell)], GRID);
      if (other !== null) { acrossCounted.in += other.inPerS; acrossCounted.out += other.outPerS; acrossCounted.looks++; }
    }
  }
  for (const { frame } of kept) frame.free();
  codec.close(); scaler.close(); meter?.close();
  const truth = scene.truthIn(polygon, LOOK_EVERY_S, (LOOKS + 0.5) * LOOK_EVERY_S, LOOK_EVERY_S);
  const mean = (key: keyof (typeof flows)[number]) => flows.reduce((sum, flow) => sum + flow[key], 0) / flows.length;
  const flow = flows.length === 0 ? null : { eastMPerS: mean('eastMPerS'), northMPerS: mean('northMPerS'), velocityVarianceM2PerS2: mean('velocityVarianceM2PerS2'), counterShare: mean('counterShare'), pressurePerS2: mean('pressurePerS2'), knownShare: mean('knownShare') };
  const perMin = ({ in: forth, out, looks }: typeof across): [number, number] => [60 * forth / looks, 60 * out / looks], right = perMin(acrossTrue);
  const errorsOf = (found: [number, number], truth: [number, number]) => found.flatMap((people, i) => truth[i]! >= 10 ? [Math.abs(people - truth[i]!) / truth[i]!] : []);
  // The film is short. Whether a strip tells who crosses is asked of positions alone, over five minutes.
  const long = { in: 0, out: 0, looks: 0 }, crossed = scene.crossings(line, 0, LONG_S);
  for (let atS = 0; atS < LONG_S; atS += LOOK_EVERY_S) { const found = strip(atS); long.in += found.in; long.out += found.out; long.looks++; }
  return {
    truth, flow, cpuMs, measured, lineErrors: errorsOf(perMin(across), right), lineErrorsCounted: net === null ? [] : errorsOf(perMin(acrossCounted), right),
    lineErrorsStrip: errorsOf(perMin(long), [crossed.inPeoplePerMin, crossed.outPeoplePerMin]),
    lineWords: { found: perMin(across).map(Math.round), truth: right.map(Math.round), ...(net === null ? {} : { counted: perMin(acrossCounted).map(Math.round) }), strip: perMin(long).map(Math.round), crossed: [crossed.inPeoplePerMin, crossed.outPeoplePerMin].map(Math.round) },
  };
}
const LONG_S = 180;

/** H.264 as a camera sends it, and what a decoder makes of it. Frames belong to the caller. */
function filmOf({ widthPx, heightPx }: PinholeCamera, framesPerS: number) {
  const must = (answer: number) => { if (answer < 0) throw new Error(`FFmpeg ${answer}`); };
  const encoder = new CodecContext(), decoder = new CodecContext(), scaler = new SoftwareScaleContext(), packet = new Packet();
  const h264 = Codec.findEncoderByName(C.FF_ENCODER_LIBX264)!, back = Codec.findDecoder(C.AV_CODEC_ID_H264)!;
  encoder.allocContext3(h264);
  Object.assign(encoder, { width: widthPx, height: heightPx, pixelFormat: C.AV_PIX_FMT_YUV420P, timeBase: new Rational(1, framesPerS), framerate: new Rational(framesPerS, 1), gopSize: 2 * framesPerS, maxBFrames: 0, threadCount: 1 });
  for (const [option, value] of [['preset', 'superfast'], ['tune', 'zerolatency'], ['crf', '27']] as const) must(encoder.setOption(option, value, C.AV_OPT_TYPE_STRING, C.AV_OPT_SEARCH_CHILDREN));
  must(encoder.open2Sync(h264, null));
  decoder.allocContext3(back); decoder.threadCount = 1; must(decoder.open2Sync(back, null));
  scaler.getContext(widthPx, heightPx, C.AV_PIX_FMT_RGB24, widthPx, heightPx, C.AV_PIX_FMT_YUV420P, C.SWS_BILINEAR);
  const frameOf = (format: C.AVPixelFormat) => { const frame = new Frame(); frame.alloc(); frame.width = widthPx; frame.height = heightPx; frame.format = format; must(frame.getBuffer(0)); return frame; };
  const rgb = frameOf(C.AV_PIX_FMT_RGB24), yuv = frameOf(C.AV_PIX_FMT_YUV420P);
  packet.alloc();
  let pts = 0n;
  return {
    through(picture: Uint8Array): Frame[] {
      must(rgb.fromBuffer(Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength))); must(yuv.makeWritable()); must(scaler.scaleFrameSync(yuv, rgb));
      yuv.pts = pts++;
      must(encoder.sendFrameSync(yuv));
      const frames: Frame[] = [];
      while (encoder.receivePacketSync(packet) >= 0) {
        must(decoder.sendPacketSync(packet)); packet.unref();
        for (;;) { const frame = new Frame(); frame.alloc(); if (decoder.receiveFrameSync(frame) < 0) { frame.free(); break; } frames.push(frame); }
      }
      return frames;
    },
    close() { encoder.freeContext(); decoder.freeContext(); scaler.freeContext(); rgb.free(); yuv.free(); packet.free(); },
  };
}

function box(westM: number, southM: number, eastM: number, northM: number): SitePoint[] {
  return [{ xM: westM, yM: southM }, { xM: eastM, yM: southM }, { xM: eastM, yM: northM }, { xM: westM, yM: northM }];
}
const at = (values: number[], share: number): number => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!;
const rounded = (values: Record<string, number>) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Math.round(value * 1000) / 1000]));

if (import.meta.main) await bench((figure, value, unit) => console.log(JSON.stringify({ figure, value, unit })));
