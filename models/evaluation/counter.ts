// Counts whole pictures with a model by its card, through the same scaler, detector and cutting of the padding as the product does.
import type { Frame } from 'node-av/lib';
import { openDensityNet } from '../../worker/detectors/densityNet.ts';
import type { ModelCard } from '../../contract/modelCard.ts';
import type { ImageCells } from '../../worker/mediaHost/messages.ts';
import { analysisScaler } from '../../worker/mediaHost/pictures.ts';
import { countPicture } from '../../worker/mediaHost/tiles.ts';

export type PictureCount = { imageCells: ImageCells; widthPx: number; heightPx: number; peoplePerImageCell: Float32Array; spreadPerImageCell: Float32Array | null; peopleInPicture: number };
export type Counter = { card: ModelCard; count(frame: Frame, pixelsMost: number): Promise<PictureCount>; close(): Promise<void> };

/** `pixelsMost` as the setting of that name; `NATIVE` looks at every picture in its own size. */
export const NATIVE = 0;
export const PRODUCT_PIXELS = 640 * 384;

export async function openCounter(cardPath: string): Promise<Counter> {
  const net = await openDensityNet(cardPath), { card } = net;
  return {
    card,
    async count(frame, pixelsMost) {
      const scaler = analysisScaler({ pixelsMost: pixelsMost === NATIVE ? frame.width * frame.height : pixelsMost, multiplePx: card.sizeMultiplePx, stridePx: card.stridePx });
      try {
        const picture = scaler.scaled(frame);
        if (picture === null) throw new Error('the picture could not be scaled');
        const { imageCells, scaledWidthPx, scaledHeightPx } = picture.size;
        return { imageCells, widthPx: scaledWidthPx, heightPx: scaledHeightPx, ...await countPicture(net, picture) };
      } finally { scaler.close(); }
    },
    close: () => net.close(),
  };
}
