// A camera's picture to click in exactly: zoom with the wheel or the buttons, move by dragging, and a drawing above it in shares of the picture.
import { ActionIcon } from '@mantine/core';
import { useEffect, useRef, useState, type CSSProperties, type PointerEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PicturePoint } from '../../../contract/geometry.ts';
import { LookWhy } from '../../audit/LookWhy.tsx';
import type { Picture } from './usePicture.ts';

/** How the picture lies on the screen now: what is drawn over it is drawn in pixels of the screen, so that marks keep their size while the picture grows. */
export type PictureFrame = { widthPx: number; heightPx: number; at: (point: PicturePoint) => { x: number; y: number }; shareOfClient: (client: { x: number; y: number }) => PicturePoint };

const WIDTH_UNITS = 1000;
const ZOOM_MOST = 12;

export function PictureView({ picture, pictureAspect, label, isCrosshair, onPress, onPointer, children, caption }: {
  picture: Picture;
  pictureAspect: number;
  label: string;
  isCrosshair?: boolean;
  onPress?: (point: PicturePoint) => void;
  onPointer?: (point: PicturePoint | null) => void;
  children?: (frame: PictureFrame) => ReactNode;
  caption?: ReactNode;
}) {
  const { t } = useTranslation('setup');
  const src = picture.state === 'there' ? picture.url : null;
  const [svg, setSvg] = useState<SVGSVGElement | null>(null);
  const [window_, setWindow] = useState({ zoom: 1, x: 0.5, y: 0.5 });
  const [widthPx, setWidthPx] = useState(600);
  const pressed = useRef<{ x: number; y: number; moved: boolean; from: { x: number; y: number } } | null>(null);
  const heightUnits = WIDTH_UNITS / pictureAspect;
  const size = 1 / window_.zoom;
  const box = { x: (window_.x - size / 2) * WIDTH_UNITS, y: (window_.y - size / 2) * heightUnits, width: size * WIDTH_UNITS, height: size * heightUnits };

  const shareOfClient = (client: { x: number; y: number }): PicturePoint => {
    if (svg === null) return { xShare: 0.5, yShare: 0.5 };
    const at = svg.getBoundingClientRect();
    return { xShare: (box.x + (client.x - at.left) / at.width * box.width) / WIDTH_UNITS, yShare: (box.y + (client.y - at.top) / at.height * box.height) / heightUnits };
  };
  const unitsPerPx = box.width / Math.max(1, widthPx);
  const frame: PictureFrame = {
    widthPx: WIDTH_UNITS / unitsPerPx, heightPx: heightUnits / unitsPerPx,
    at: (point) => ({ x: point.xShare * WIDTH_UNITS / unitsPerPx, y: point.yShare * heightUnits / unitsPerPx }), shareOfClient,
  };
  const zoomAt = (by: number, share: PicturePoint | null) => setWindow((now) => {
    const zoom = Math.min(ZOOM_MOST, Math.max(1, now.zoom * by));
    const around = share ?? { xShare: now.x, yShare: now.y };
    return held({ zoom, x: around.xShare + (now.x - around.xShare) * now.zoom / zoom, y: around.yShare + (now.y - around.yShare) * now.zoom / zoom });
  });

  // React's own wheel listener is passive: the page would scroll under the picture.
  useEffect(() => {
    if (svg === null) return;
    const onWheel = (event: WheelEvent) => { event.preventDefault(); zoomAt(event.deltaY < 0 ? 1.25 : 0.8, shareOfClient({ x: event.clientX, y: event.clientY })); };
    svg.addEventListener('wheel', onWheel, { passive: false });
    return () => svg.removeEventListener('wheel', onWheel);
  });
  useEffect(() => {
    if (svg === null) return;
    const watch = new ResizeObserver(([entry]) => { if (entry !== undefined) setWidthPx(entry.contentRect.width); });
    watch.observe(svg);
    return () => watch.disconnect();
  }, [svg]);

  const onPointerDown = (event: PointerEvent<SVGSVGElement>) => {
    if (event.button !== 0) return;
    pressed.current = { x: event.clientX, y: event.clientY, moved: false, from: { x: window_.x, y: window_.y } };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent<SVGSVGElement>) => {
    onPointer?.(shareOfClient({ x: event.clientX, y: event.clientY }));
    const press = pressed.current;
    if (press === null) return;
    const dx = event.clientX - press.x, dy = event.clientY - press.y;
    if (!press.moved && Math.hypot(dx, dy) < 5) return;
    press.moved = true;
    const at = event.currentTarget.getBoundingClientRect();
    setWindow((now) => held({ ...now, x: press.from.x - dx / at.width / now.zoom, y: press.from.y - dy / at.height / now.zoom }));
  };
  const onPointerUp = (event: PointerEvent<SVGSVGElement>) => {
    const press = pressed.current;
    pressed.current = null;
    if (press !== null && !press.moved) onPress?.(shareOfClient({ x: event.clientX, y: event.clientY }));
  };

  return (
    <figure className="setup-picture">
      <div className="setup-picture-frame" style={{ '--picture-aspect': pictureAspect } as CSSProperties}>
        {picture.state === 'none' && picture.asksWhy !== undefined ? <LookWhy sensorId={picture.asksWhy.sensorId} onSaid={picture.asksWhy.again} /> : src === null ? <p className="setup-picture-none" role="status">{t(picture.state === 'loading' ? 'picture.loading' : 'picture.none')}</p> : (
          <svg ref={setSvg} viewBox={`${box.x} ${box.y} ${box.width} ${box.height}`} preserveAspectRatio="none" role="group" aria-label={label} style={{ cursor: isCrosshair === true ? 'crosshair' : window_.zoom > 1 ? 'grab' : 'default' }}
            onPointerDown={onPointerDown} onPointerMove={onPointerMove} onPointerUp={onPointerUp} onPointerLeave={() => onPointer?.(null)} onPointerCancel={() => { pressed.current = null; }}>
            <image href={src} x={0} y={0} width={WIDTH_UNITS} height={heightUnits} preserveAspectRatio="none" />
            <g transform={`scale(${unitsPerPx})`}>{children?.(frame)}</g>
          </svg>
        )}
        {src !== null && (
          <div className="setup-map-tools">
            <ActionIcon variant="default" size={28} aria-label={t('picture.zoomIn')} title={t('picture.zoomIn')} onClick={() => zoomAt(1.5, null)}>+</ActionIcon>
            <ActionIcon variant="default" size={28} aria-label={t('picture.zoomOut')} title={t('picture.zoomOut')} onClick={() => zoomAt(1 / 1.5, null)}>−</ActionIcon>
            <ActionIcon variant="default" size={28} aria-label={t('picture.whole')} title={t('picture.whole')} onClick={() => setWindow({ zoom: 1, x: 0.5, y: 0.5 })}>⤢</ActionIcon>
          </div>
        )}
      </div>
      {caption !== undefined && <figcaption>{caption}</figcaption>}
    </figure>
  );
}

/** Never beyond the picture's edges. */
function held({ zoom, x, y }: { zoom: number; x: number; y: number }) {
  const half = 0.5 / zoom;
  return { zoom, x: Math.min(1 - half, Math.max(half, x)), y: Math.min(1 - half, Math.max(half, y)) };
}
