// The metre grid of the ground over the picture: whoever sees it lie flat on the pavement knows that the points are right.
import { useMemo } from 'react';
import type { SitePoint } from '../../../contract/geometry.ts';
import { groundLines, seenArea, type GroundView, type PictureLine, type PictureView } from './groundLines.ts';
import type { PictureFrame } from './PictureView.tsx';

/** Farther ground is a few pixels of haze. */
const RANGE_M = 150;

export function PictureGrid({ frame, views, around }: { frame: PictureFrame; views: { view: GroundView; back: PictureView }; around: SitePoint }) {
  const { widthPx, heightPx } = frame;
  const grids = useMemo(() => {
    const area = seenArea({ back: views.back, around, rangeM: RANGE_M });
    return area === null ? [] : groundLines({ view: views.view, area, widthPx, heightPx });
  }, [views, around, widthPx, heightPx]);
  return <g aria-hidden="true">{grids.map(({ everyM, lines }) => <path key={everyM} className={`setup-ground-grid every-${everyM}`} data-lines={lines.length} d={pathOfLines(lines, frame)} />)}</g>;
}

export const pathOfLines = (lines: readonly PictureLine[], frame: PictureFrame): string => lines.map((line) => line.map((point, index) => { const { x, y } = frame.at(point); return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`; }).join('')).join('');
