// What a still that leaves the product shows: of labelled heads the share whose middle and surroundings are blurred, of made-up number plates the share that is, and how much of the picture stays as it was.
// Heads on pictures that nothing was trained on; plates drawn into the same pictures, as wide as a car shows them at 10 to 40 m. `node bench/blur.ts [PICTURES OF EACH SET]`
import { AV_PIX_FMT_RGB24 } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import sharp from 'sharp';
import { busPlatforms, noData, shanghai } from '../models/evaluation/pictures.ts';
import { DEFAULT_MODEL_CARD } from '../config/modelCard.ts';
import { openDensityNet } from '../worker/detectors/densityNet.ts';
import { blurHeadsAndPlates, type Rgb } from '../worker/mediaHost/blurStill.ts';
import { keptScaler } from '../worker/mediaHost/pictures.ts';
import { seeded } from '../worker/demo/plazaCrowd.ts';

const PLATE_WIDTHS_PX = [36, 50, 72, 110, 180], PLATE_LETTERS = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ', PLATES_EACH = 3;
/** Within this of a labelled head all must be blurred: the point lies somewhere on the head. */
const HEAD_RADIUS_PX = 4;

export default async function blurBench(emit: (figure: string, value: number, unit: string) => void, picturesEach = 20): Promise<void> {
  const net = await openDensityNet(DEFAULT_MODEL_CARD), random = seeded(941_001);
  let allHeads = 0, allBlurred = 0, plates = 0, platesBlurred = 0, tookMs = 0, pictures = 0;
  if (noData() !== null) { console.error(noData()); return; }
  for (const set of [shanghai('B'), shanghai('A'), busPlatforms]) {
    let heads = 0, blurred = 0, kept = 0, looked = 0;
    for await (const { frame, points } of set.pictures()) {
      if (looked >= picturesEach) break;
      if (points === null) continue;
      const picture = rgbOf(frame), drawn = await withPlates(picture, random), fromMs = performance.now(), { blurredShare, squareOf } = await blurHeadsAndPlates(net, picture);
      tookMs += performance.now() - fromMs; pictures++; looked++;
      kept += 1 - blurredShare;
      for (const { xShare, yShare } of points) {
        heads++;
        let all = true;
        for (const [dx, dy] of [[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]]) {
          const x = Math.min(picture.widthPx - 1, Math.max(0, Math.round(xShare * picture.widthPx + dx! * HEAD_RADIUS_PX))), y = Math.min(picture.heightPx - 1, Math.max(0, Math.round(yShare * picture.heightPx + dy! * HEAD_RADIUS_PX)));
          if (squareOf[y * picture.widthPx + x] === 0) all = false;
        }
        if (all) blurred++;
      }
      for (const { left, top, width, height } of drawn) {
        let covered = 0;
        for (let y = top; y < top + height; y++) for (let x = left; x < left + width; x++) if (squareOf[y * picture.widthPx + x]! > 0) covered++;
        plates++;
        if (covered >= 0.95 * width * height) platesBlurred++;
      }
    }
    emit(`${set.key}HeadsBlurredShare`, blurred / heads, '1');
    emit(`${set.key}PictureKeptShare`, kept / looked, '1');
    allHeads += heads; allBlurred += blurred;
  }
  emit('headsBlurredShare', allBlurred / allHeads, '1');
  emit('platesBlurredShare', platesBlurred / plates, '1');
  emit('blurMs', tookMs / pictures, 'ms');
  await net.close();
}

function rgbOf(frame: Frame): Rgb {
  const widthPx = frame.width & ~1, heightPx = frame.height & ~1, room = Buffer.alloc(widthPx * heightPx * 3 + 256), scaler = keptScaler();
  try { if (!scaler.into(frame, widthPx, heightPx, AV_PIX_FMT_RGB24, [room], [widthPx * 3])) throw new Error('the picture could not be read'); } finally { scaler.close(); }
  return { widthPx, heightPx, rgb: room.subarray(0, widthPx * heightPx * 3) };
}

/** Drawn into the picture in place, slightly soft as a lens and a coder make them. */
async function withPlates({ widthPx, heightPx, rgb }: Rgb, random: () => number): Promise<{ left: number; top: number; width: number; height: number }[]> {
  const drawn = [];
  for (let n = 0; n < PLATES_EACH; n++) {
    const width = PLATE_WIDTHS_PX[Math.floor(random() * PLATE_WIDTHS_PX.length)]!, height = Math.round(width / (random() < 0.5 ? 4.7 : 3.1)), left = Math.floor(random() * (widthPx - width - 8)) + 4, top = Math.floor(random() * (heightPx - height - 8)) + 4;
    const letters = Array.from({ length: 7 }, () => PLATE_LETTERS[Math.floor(random() * PLATE_LETTERS.length)]).join(''), dark = random() < 0.4;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${dark ? '#1d3f8a' : '#e8e8e0'}"/><text x="50%" y="${height * 0.78}" text-anchor="middle" font-family="DejaVu Sans" font-weight="bold" textLength="${width * 0.9}" lengthAdjust="spacingAndGlyphs" font-size="${height * 0.82}" fill="${dark ? '#fff' : '#111'}">${letters}</text></svg>`;
    const plate = await sharp(Buffer.from(svg)).blur(0.4).removeAlpha().raw().toBuffer();
    for (let y = 0; y < height; y++) plate.copy(rgb, ((top + y) * widthPx + left) * 3, y * width * 3, (y + 1) * width * 3);
    drawn.push({ left, top, width, height });
  }
  return drawn;
}

if (import.meta.main) {
  await blurBench((figure, value, unit) => console.log(JSON.stringify({ figure, value: Number(value.toPrecision(4)), unit })), Number(process.argv[2] ?? 20));
  process.exit(0);
}
