// What a test of a camera found, in words. Pure.
export type ClockWords = { key: 'none' | 'agrees' | 'ahead' | 'behind'; span: string };

/** Above this the pictures are dated by our clock instead, and the camera's clock should be set. */
const CLOCK_AGREES_WITHIN_MS = 2000;

export function clockWords(clockSkewMs: number | null): ClockWords {
  if (clockSkewMs === null) return { key: 'none', span: '' };
  return { key: Math.abs(clockSkewMs) <= CLOCK_AGREES_WITHIN_MS ? 'agrees' : clockSkewMs > 0 ? 'ahead' : 'behind', span: spanOf(Math.abs(clockSkewMs)) };
}

/** Two units at most: "3 d 4 h", "1 h 0 min", "2 min 5 s", "0.2 s". */
export function spanOf(ms: number): string {
  const s = ms / 1000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.round(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor(s % 86_400 / 3600)} h`;
}

const CODEC_NAMES: Record<string, string> = { h264: 'H.264', hevc: 'H.265', h265: 'H.265', mjpeg: 'MJPEG', mpeg4: 'MPEG-4', av1: 'AV1', vp9: 'VP9', vp8: 'VP8' };
export const codecName = (codec: string): string => CODEC_NAMES[codec.toLowerCase()] ?? codec;
