// Lines every so many metres, as close as can be told apart, with their metres written at the edge; and the outline of the site's grid.
import { graticuleLines, graticuleSteps, labelEvery, type Box } from './graticuleLines.ts';
import type { MapView } from './SiteMap.tsx';

export function Graticule({ view, site, seen, metresWord }: { view: MapView; site: Box; seen: Box; metresWord: string }) {
  const { minorM, majorM } = graticuleSteps(view.pxPerM);
  const lines = graticuleLines(seen, minorM, majorM);
  const everyX = labelEvery(majorM * view.pxPerM, 64), everyY = labelEvery(majorM * view.pxPerM, 26);
  const across = (xM: number) => view.px({ xM, yM: seen.yLeastM }).x, up = (yM: number) => view.px({ xM: seen.xLeastM, yM }).y;
  const corner = view.px({ xM: site.xLeastM, yM: site.yMostM }), opposite = view.px({ xM: site.xMostM, yM: site.yLeastM });
  return (
    <g aria-hidden="true">
      <rect className="setup-site-fill" x={corner.x} y={corner.y} width={Math.max(0, opposite.x - corner.x)} height={Math.max(0, opposite.y - corner.y)} />
      <path className="setup-graticule minor" d={pathFor(lines.x.filter((line) => !line.isMajor).map((line) => across(line.atM)), lines.y.filter((line) => !line.isMajor).map((line) => up(line.atM)), view)} />
      <path className="setup-graticule major" d={pathFor(lines.x.filter((line) => line.isMajor).map((line) => across(line.atM)), lines.y.filter((line) => line.isMajor).map((line) => up(line.atM)), view)} />
      <rect className="setup-site-outline" x={corner.x} y={corner.y} width={Math.max(0, opposite.x - corner.x)} height={Math.max(0, opposite.y - corner.y)} />
      {lines.x.filter((line) => line.atM % (majorM * everyX) === 0 && across(line.atM) > 24 && across(line.atM) < view.widthPx - 70).map((line) => <text key={`x${line.atM}`} className="setup-graticule-text" x={across(line.atM) + 3} y={12}>{line.atM} {metresWord}</text>)}
      {lines.y.filter((line) => line.atM % (majorM * everyY) === 0 && up(line.atM) > 24 && up(line.atM) < view.heightPx - 30).map((line) => <text key={`y${line.atM}`} className="setup-graticule-text" x={3} y={up(line.atM) - 3}>{line.atM} {metresWord}</text>)}
    </g>
  );
}

const pathFor = (xs: number[], ys: number[], view: MapView) => xs.map((x) => `M${x.toFixed(1)} 0V${view.heightPx}`).join('') + ys.map((y) => `M0 ${y.toFixed(1)}H${view.widthPx}`).join('');
