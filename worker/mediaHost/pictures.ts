// From a decoded frame to what the detector looks at, and to the preview that a person asked to see. Both scalers are rebuilt when the stream changes its size.
import { Codec, CodecContext, Frame, Packet, Rational, SoftwareScaleContext } from 'node-av/lib';
import * as C from 'node-av/constants';
import type { AnalysisNeed } from '../../crowd/analysisNeed.ts';
import { analysisSize, type AnalysisSize } from './analysisSize.ts';

/** `rgb` is the whole padded picture; `tileRgb` has room for the largest tile that must be copied out of it. */
export type AnalysisPicture = { size: AnalysisSize; rgb: Buffer; tileRgb: Buffer };

/** `scaled` gives the frame at the detector's size; the buffer is used again by the next call. */
export function analysisScaler({ pixelsMost, multiplePx, stridePx, need = null }: { pixelsMost: number; multiplePx: number; stridePx: number; need?: AnalysisNeed | null }) {
  const scaler = keptScaler();
  let kept: { key: string; picture: AnalysisPicture } | null = null;
  return {
    sizeOf,
    scaled(frame: Frame): AnalysisPicture | null {
      const key = `${frame.width}x${frame.height}:${pixelAspectOf(frame)}`;
      if (kept?.key !== key) {
        const size = sizeOf(frame);
        // Grey that the net's first step makes into zero: padding that looks like nothing.
        kept = { key, picture: { size, rgb: Buffer.alloc(size.paddedWidthPx * size.paddedHeightPx * 3 + SCALER_SLACK_BYTES, PADDING_GREY).subarray(0, size.paddedWidthPx * size.paddedHeightPx * 3), tileRgb: Buffer.alloc(copiedPx(size) * 3) } };
      }
      const { size, rgb } = kept.picture;
      return scaler.into(frame, size.scaledWidthPx, size.scaledHeightPx, C.AV_PIX_FMT_RGB24, [rgb], [size.paddedWidthPx * 3]) ? kept.picture : null;
    },
    close() { scaler.close(); kept = null; },
  };
  function sizeOf(frame: Frame): AnalysisSize {
    return analysisSize({ widthPx: frame.width, heightPx: frame.height, pixelAspect: pixelAspectOf(frame), pixelsMost, multiplePx, stridePx, need });
  }
}
const copiedPx = ({ tiles, paddedWidthPx }: AnalysisSize): number => Math.max(0, ...tiles.map(({ widthPx, heightPx }) => (widthPx === paddedWidthPx ? 0 : widthPx * heightPx)));
const PADDING_GREY = 118;
/** The scaler writes whole blocks of pixels: past the end of the last row, where a model takes widths that are no multiple of its block (a heap was seen corrupted at a multiple of 8 px). */
const SCALER_SLACK_BYTES = 256;

/** A JPEG of the frame, as wide as it is but at most `widthMostPx`; null when it cannot be made. */
export function previewJpeg(frame: Frame, widthMostPx: number): Buffer | null {
  const seenWidthPx = frame.width * pixelAspectOf(frame);
  const scale = Math.min(1, widthMostPx / seenWidthPx);
  const widthPx = Math.max(2, Math.round(seenWidthPx * scale / 2) * 2), heightPx = Math.max(2, Math.round(frame.height * scale / 2) * 2);
  const codec = Codec.findEncoder(C.AV_CODEC_ID_MJPEG);
  if (codec === null) return null;
  const scaler = keptScaler(), coder = new CodecContext(), small = new Frame(), packet = new Packet();
  try {
    small.alloc(); packet.alloc();
    small.width = widthPx; small.height = heightPx; small.format = C.AV_PIX_FMT_YUVJ420P; small.pts = 0n;
    if (small.getBuffer() < 0) return null;
    small.colorRange = C.AVCOL_RANGE_JPEG;
    if (!scaler.intoFrame(frame, small)) return null;
    coder.allocContext3(codec);
    coder.width = widthPx; coder.height = heightPx; coder.pixelFormat = C.AV_PIX_FMT_YUVJ420P; coder.colorRange = C.AVCOL_RANGE_JPEG;
    coder.timeBase = new Rational(1, 1); coder.threadCount = 1;
    coder.setFlags(C.AV_CODEC_FLAG_QSCALE); coder.globalQuality = PREVIEW_QSCALE * C.FF_QP2LAMBDA;
    small.quality = PREVIEW_QSCALE * C.FF_QP2LAMBDA;
    if (coder.open2Sync(codec, null) < 0 || coder.sendFrameSync(small) < 0 || coder.receivePacketSync(packet) < 0) return null;
    return packet.data === null ? null : Buffer.from(packet.data);
  } finally { scaler.close(); coder.freeContext(); small.free(); packet.free(); }
}
// 2 is best, 31 worst; at 5 a 960 px street is about 90 kB.
const PREVIEW_QSCALE = 5;

/** Width of a stored pixel over its height; what a stream does not say is square. */
export function pixelAspectOf(frame: Frame): number {
  const { num, den } = frame.sampleAspectRatio;
  const aspect = num > 0 && den > 0 ? num / den : 1;
  return aspect > 0.2 && aspect < 5 ? aspect : 1;
}

/** One scaler, made anew when anything of its shape changes. */
export function keptScaler() {
  let key = '', scaler: SoftwareScaleContext | null = null;
  const shaped = (frame: Frame, widthPx: number, heightPx: number, format: C.AVPixelFormat) => {
    const wanted = `${frame.width}x${frame.height}:${frame.format}:${frame.colorRange}>${widthPx}x${heightPx}`;
    if (wanted !== key) {
      scaler?.freeContext();
      scaler = new SoftwareScaleContext();
      // Halving and more needs every pixel to count (area); near its own size bilinear is as good and cheaper.
      const flags = frame.width > widthPx * 1.5 ? C.SWS_AREA : C.SWS_BILINEAR;
      scaler.getContext(frame.width, frame.height, frame.format as C.AVPixelFormat, widthPx, heightPx, format, flags);
      key = wanted;
    }
    return scaler!;
  };
  return {
    into(frame: Frame, widthPx: number, heightPx: number, format: C.AVPixelFormat, to: Buffer[], stridesBytes: number[]): boolean {
      const planes = frame.data;
      return planes !== null && shaped(frame, widthPx, heightPx, format).scaleSync(planes, frame.linesize, 0, frame.height, to, stridesBytes) >= 0;
    },
    intoFrame: (frame: Frame, to: Frame): boolean => shaped(frame, to.width, to.height, to.format as C.AVPixelFormat).scaleFrameSync(to, frame) >= 0,
    close() { scaler?.freeContext(); scaler = null; key = ''; },
  };
}
