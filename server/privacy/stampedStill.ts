// A still with a line below it that says when and where it was taken and that heads and plates are blurred: it cannot be mistaken for a picture of today, nor passed on as one that hides nothing.

export type StampWords = { capturedAtMs: number; place: string; blurred: boolean; language: 'en' | 'zh'; timeZone: string };

const BLURRED = { en: 'heads and number plates blurred, masks filled', zh: '人头与车牌已模糊,隐私遮挡已应用' }, NOT_BLURRED = { en: 'NOT blurred, by approval of a second person; masks filled', zh: '未模糊(经第二人批准),隐私遮挡已应用' };
const PIXELS_MOST = 8_000_000, LINE_SHARE = 0.045, LINE_LEAST_PX = 22;

/** A JPEG below which the line is added, so that it covers nothing; the same words are in its description. Metadata of the camera does not go along. */
export async function stampedStill(jpeg: Buffer, words: StampWords): Promise<Buffer> {
  // Loaded with the first still: 22 MB.
  const { default: sharp } = await import('sharp');
  const picture = sharp(jpeg, { limitInputPixels: PIXELS_MOST }), { width = 0, height = 0 } = await picture.metadata();
  const lineHeightPx = Math.max(LINE_LEAST_PX, Math.round(height * LINE_SHARE)), text = stampText(words);
  // As large as fits: a Chinese letter is about as wide as high, a Latin one half of it.
  const letters = [...text].reduce((sum, letter) => sum + (letter.codePointAt(0)! > 0x2e7f ? 1 : 0.56), 0), sizePx = Math.max(7, Math.min(lineHeightPx * 0.55, (width - 16) / letters));
  const line = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${lineHeightPx}"><rect width="100%" height="100%" fill="#14171a"/><text x="8" y="${lineHeightPx * 0.68}" font-family="Noto Sans SC, Noto Sans CJK SC, DejaVu Sans, sans-serif" font-size="${sizePx.toFixed(1)}" fill="#d7dce1">${escaped(text)}</text></svg>`);
  return picture.extend({ bottom: lineHeightPx, background: '#14171a' }).composite([{ input: line, left: 0, top: height }]).withExif({ IFD0: { ImageDescription: text } }).jpeg({ quality: 88 }).toBuffer();
}

export function stampText({ capturedAtMs, place, blurred, language, timeZone }: StampWords): string {
  const at = new Date(capturedAtMs), zone = timeZone === '' ? undefined : timeZone;
  const local = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: zone }).format(at);
  return `${local} (${at.toISOString().slice(0, 19)}Z) · ${place} · ${(blurred ? BLURRED : NOT_BLURRED)[language]}`;
}
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(/[^\P{C}]/gu, ' ');
