// A JPEG of an RGB picture in memory.
import { Codec, CodecContext, Frame, Log, Packet, Rational, SoftwareScaleContext } from 'node-av/lib';
import * as C from 'node-av/constants';

/** rgb: 3 bytes a pixel, row by row. quality: 2 is best, 31 worst. */
export function jpegOf({ rgb, widthPx, heightPx }: { rgb: Uint8Array; widthPx: number; heightPx: number }, quality: number): Buffer {
  Log.setLevel(C.AV_LOG_ERROR);
  const codec = Codec.findEncoder(C.AV_CODEC_ID_MJPEG);
  if (codec === null) throw new Error('this build of FFmpeg has no JPEG encoder');
  const from = new Frame(), to = new Frame(), packet = new Packet(), coder = new CodecContext(), scaler = new SoftwareScaleContext();
  const check = (answer: number, doing: string) => { if (answer < 0) throw new Error(`${doing} failed (FFmpeg ${answer})`); };
  try {
    for (const [frame, format] of [[from, C.AV_PIX_FMT_RGB24], [to, C.AV_PIX_FMT_YUVJ420P]] as const) { frame.alloc(); frame.width = widthPx; frame.height = heightPx; frame.format = format; check(frame.getBuffer(0), 'making room for a picture'); }
    packet.alloc();
    check(from.fromBuffer(Buffer.from(rgb.buffer, rgb.byteOffset, rgb.byteLength)), 'copying the picture');
    to.colorRange = C.AVCOL_RANGE_JPEG; to.pts = 0n; to.quality = quality * C.FF_QP2LAMBDA;
    scaler.getContext(widthPx, heightPx, C.AV_PIX_FMT_RGB24, widthPx, heightPx, C.AV_PIX_FMT_YUVJ420P, C.SWS_BILINEAR);
    check(scaler.scaleFrameSync(to, from), 'converting colours');
    coder.allocContext3(codec);
    coder.width = widthPx; coder.height = heightPx; coder.pixelFormat = C.AV_PIX_FMT_YUVJ420P; coder.colorRange = C.AVCOL_RANGE_JPEG; coder.timeBase = new Rational(1, 1); coder.threadCount = 1;
    coder.setFlags(C.AV_CODEC_FLAG_QSCALE); coder.globalQuality = quality * C.FF_QP2LAMBDA;
    check(coder.open2Sync(codec, null), 'opening the encoder'); check(coder.sendFrameSync(to), 'encoding'); check(coder.receivePacketSync(packet), 'encoding');
    return Buffer.from(packet.data!);
  } finally { scaler.freeContext(); coder.freeContext(); from.free(); to.free(); packet.free(); }
}
