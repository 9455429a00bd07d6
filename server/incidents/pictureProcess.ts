// The child of cleanPicture.ts: decodes one picture and writes it anew. sharp (libvips) keeps no metadata unless it is told to; colours become sRGB, what the camera said of its rotation is applied.
import sharp from 'sharp';

export type PictureWish = { bytes: Uint8Array; type: 'image/jpeg' | 'image/png' | 'image/webp' };
export type PictureAnswer = { bytes: Uint8Array } | { refused: string };

/** A phone's picture has 12 to 50 million pixels; one of 16 MB could claim many thousand million. */
const PIXELS_MOST = 64_000_000, LONG_SIDE_MOST_PX = 4096, WITHIN_S = 15;

sharp.concurrency(1);
sharp.cache(false);
process.on('message', (wish: PictureWish) => { void cleaned(wish).then((answer) => process.send!(answer)); });
process.on('disconnect', () => process.exit(0));

async function cleaned({ bytes, type }: PictureWish): Promise<PictureAnswer> {
  const options = { limitInputPixels: PIXELS_MOST, failOn: 'error', sequentialRead: true, pages: 1 } as const;
  try {
    const facts = await sharp(bytes, options).metadata();
    // What its first bytes promise and what it is must be the same.
    if (`image/${facts.format}` !== type) return { refused: 'it is not the kind of picture that it says' };
    if (facts.width * facts.height > PIXELS_MOST) return { refused: TOO_LARGE };
    const picture = sharp(bytes, options).timeout({ seconds: WITHIN_S }).autoOrient().resize({ width: LONG_SIDE_MOST_PX, height: LONG_SIDE_MOST_PX, fit: 'inside', withoutEnlargement: true });
    switch (type) {
      case 'image/jpeg': return { bytes: await picture.jpeg({ quality: 88 }).toBuffer() };
      case 'image/png': return { bytes: await picture.png({ compressionLevel: 7 }).toBuffer() };
      case 'image/webp': return { bytes: await picture.webp({ quality: 88 }).toBuffer() };
    }
  } catch (error) { return { refused: /pixel limit/i.test((error as Error).message) ? TOO_LARGE : 'it is damaged' }; }
}
const TOO_LARGE = `it has more than ${PIXELS_MOST / 1_000_000} million pixels`;
