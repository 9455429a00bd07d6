// Bytes as text within JSON; written out because crowd/ has neither Node nor a browser around it.
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Uint8Array(128).fill(255);
for (let i = 0; i < 64; i++) VALUES[LETTERS.charCodeAt(i)] = i;

export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let from = 0; from < bytes.length; from += 3) {
    const a = bytes[from]!, b = bytes[from + 1], c = bytes[from + 2];
    parts.push(LETTERS[a >> 2]! + LETTERS[((a & 3) << 4) | ((b ?? 0) >> 4)]! + (b === undefined ? '=' : LETTERS[((b & 15) << 2) | ((c ?? 0) >> 6)]!) + (c === undefined ? '=' : LETTERS[c & 63]!));
  }
  return parts.join('');
}

/** Null for anything that toBase64 does not write. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let from = 0, at = 0; from < text.length; from += 4) {
    let bits = 0;
    for (let i = 0; i < 4; i++) {
      const code = text.charCodeAt(from + i), isPadding = code === 61 && from + i >= text.length - padding;
      const value = isPadding ? 0 : code < 128 ? VALUES[code]! : 255;
      if (value === 255) return null;
      bits = (bits << 6) | value;
    }
    for (let shift = 16; shift >= 0 && at < bytes.length; shift -= 8) bytes[at++] = (bits >> shift) & 255;
  }
  // Bits that the padding hides must be zero: one text for one run of bytes.
  return padding === 0 || toBase64(bytes.subarray(bytes.length - (3 - padding))) === text.slice(-4) ? bytes : null;
}
