// Which cells of a site somebody is supposed to see: where those are unknown, they are hatched strongly; elsewhere nothing is promised, and the hatch is quiet.
import { footprint } from '../../crowd/ground.ts';
import type { GridSpec, SitePoint } from '../../contract/geometry.ts';
import type { SiteConfig } from '../../contract/site.ts';

/** 255 where a placed camera or a zone covers the middle of a cell, else 0. */
export function supposedToBeSeen({ site, sensors, zones }: SiteConfig): Uint8Array {
  const mask = new Uint8Array(site.grid.columns * site.grid.rows);
  for (const sensor of sensors) if (sensor.enabled && sensor.calibration !== null) fillPolygon(mask, site.grid, footprint(sensor.calibration, site.grid));
  for (const zone of zones) fillPolygon(mask, site.grid, zone.polygon);
  return mask;
}

/** Scan lines through the middles of the rows; even-odd. */
export function fillPolygon(mask: Uint8Array, grid: GridSpec, polygon: readonly SitePoint[]): void {
  for (let row = 0; row < grid.rows; row++) {
    const yM = (row + 0.5) * grid.cellM;
    const crossings: number[] = [];
    polygon.forEach((a, index) => {
      const b = polygon[(index + 1) % polygon.length]!;
      if ((a.yM <= yM) !== (b.yM <= yM)) crossings.push(a.xM + ((yM - a.yM) / (b.yM - a.yM)) * (b.xM - a.xM));
    });
    crossings.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const first = Math.max(0, Math.ceil(crossings[pair]! / grid.cellM - 0.5)), last = Math.min(grid.columns - 1, Math.floor(crossings[pair + 1]! / grid.cellM - 0.5));
      for (let column = first; column <= last; column++) mask[row * grid.columns + column] = 255;
    }
  }
}
