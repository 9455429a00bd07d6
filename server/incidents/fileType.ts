// What a file is, by its bytes: the name and the type that a browser says are not trusted.
import type { Attachment } from '../../contract/incident.ts';

/** Null for what may not be added. */
export function fileTypeOf(bytes: Uint8Array): Attachment['type'] | null {
  const starts = (at: number, ...wanted: number[]) => wanted.every((byte, index) => bytes[at + index] === byte);
  const says = (at: number, text: string) => starts(at, ...Buffer.from(text, 'latin1'));
  if (starts(0, 0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (says(0, 'RIFF') && says(8, 'WEBP')) return 'image/webp';
  if (starts(0, 0x1a, 0x45, 0xdf, 0xa3)) return 'audio/webm';
  if (says(0, 'OggS')) return 'audio/ogg';
  if (says(4, 'ftyp')) return 'audio/mp4';
  if (says(0, '%PDF-')) return 'application/pdf';
  return isPlainText(bytes) ? 'text/plain' : null;
}

/** UTF-8 without control characters but those of lines. */
function isPlainText(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return false;
  try { new TextDecoder('utf-8', { fatal: true }).decode(bytes); return true; } catch { return false; }
}
