// A person who would stand at the pointer, as tall as heads are said to be: compared with the real people beside it, it shows whether the scale is right.
import type { PicturePoint } from '../../../contract/geometry.ts';
import { personInPicture, type GroundView, type PictureView } from './groundLines.ts';
import type { PictureFrame } from './PictureView.tsx';

export function PersonMark({ frame, views, headOver, foot, heightM }: { frame: PictureFrame; views: { view: GroundView; back: PictureView }; headOver: GroundView; foot: PicturePoint; heightM: number }) {
  const person = personInPicture({ ...views, headOver, foot });
  if (person === null) return null;
  const feet = frame.at(person.foot), head = frame.at(person.head);
  const tall = Math.hypot(head.x - feet.x, head.y - feet.y);
  if (!(tall > 2) || tall > 4 * frame.heightPx) return null;
  const wide = Math.max(tall * 0.18, person.halfMetreShare * frame.widthPx * 0.5), headPx = tall * 0.075;
  return (
    <g className="setup-person" aria-hidden="true">
      <ellipse cx={feet.x} cy={feet.y} rx={wide / 2} ry={wide / 5} />
      <line x1={feet.x} y1={feet.y} x2={head.x} y2={head.y} />
      <circle cx={head.x} cy={head.y} r={Math.max(2.5, headPx)} />
      <text x={head.x + Math.max(5, headPx + 3)} y={head.y + 4}>{heightM} m</text>
    </g>
  );
}
