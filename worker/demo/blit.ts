// Copies sprites into a picture and colours them on the way.
import { PARTS, SHADE_ONE, type Sprite } from './figureSprites.ts';
import type { Colour } from './plazaScene.ts';

/** Lays a sprite into a picture (RGB, 3 bytes a pixel) with the middle of its head at (xPx, yPx), in these colours by part. `shut`: the share of light that is gone `shutPx` below the head. */
export function blit(picture: Uint8Array, widthPx: number, heightPx: number, sprite: Sprite, xPx: number, yPx: number, colours: readonly Colour[], shut = 0, shutPx = 1): void {
  const left = xPx - sprite.headXPx, top = yPx - sprite.headYPx;
  const y0 = Math.max(0, -top), y1 = Math.min(sprite.heightPx, heightPx - top);
  const { kind, shade } = sprite;
  // Whole numbers all the way (33/1024 is 1/31): this loop is most of the cost of a frame.
  const flat = flatColours;
  for (let index = 0; index < colours.length; index++) { const colour = colours[index]!; flat[index * 3] = colour[0]; flat[index * 3 + 1] = colour[1]; flat[index * 3 + 2] = colour[2]; }
  for (let y = y0; y < y1; y++) {
    const x0 = Math.max(sprite.from[y]!, -left), x1 = Math.min(sprite.to[y]!, widthPx - left);
    // Between other bodies little light comes down to chest and legs.
    const open = Math.round(1024 / SHADE_ONE * (1 - shut * Math.max(0, Math.min(1, (y - sprite.headYPx) / shutPx - 0.2))));
    let from = sprite.at[y]! + x0 - sprite.from[y]!, to = ((top + y) * widthPx + left + x0) * 3;
    for (let x = x0; x < x1; x++, from++, to += 3) {
      const covered = kind[from]! >> 3;
      if (covered === 0) continue;
      const colour = (kind[from]! & 7) * 3, light = shade[from]! * open;
      let red = (flat[colour]! * light) >> 10, green = (flat[colour + 1]! * light) >> 10, blue = (flat[colour + 2]! * light) >> 10;
      if (red > 255) red = 255;
      if (green > 255) green = 255;
      if (blue > 255) blue = 255;
      if (covered < 31) {
        const under = 31 - covered;
        red = ((red * covered + picture[to]! * under) * 33) >> 10; green = ((green * covered + picture[to + 1]! * under) * 33) >> 10; blue = ((blue * covered + picture[to + 2]! * under) * 33) >> 10;
      }
      picture[to] = red; picture[to + 1] = green; picture[to + 2] = blue;
    }
  }
}
const flatColours = new Int32Array(PARTS.length * 3);
