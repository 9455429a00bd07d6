// A panel that can be folded and made wider, by pointer or by keyboard; both are remembered for this person and screen.
import { useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useKept } from '../parts/kept.ts';
import { useScreen } from '../live/LiveProvider.tsx';

const WIDTH_LEAST_PX = 220, WIDTH_MOST_PX = 720, STEP_PX = 16;

export function SidePanel({ side, label, title, folded, onFold, widthFirst, children }: { side: 'left' | 'right'; label: string; title: string; folded: boolean; onFold: (folded: boolean) => void; widthFirst: number; children: ReactNode }) {
  const { t } = useTranslation();
  const [widthPx, setWidthPx] = useKept(`${side}WidthPx`, widthFirst);
  const openCount = useScreen((screen) => screen.alarmsOpenCount);
  const dragged = useRef<{ x: number; widthPx: number } | null>(null);
  const wider = (px: number) => setWidthPx(Math.round(Math.max(WIDTH_LEAST_PX, Math.min(WIDTH_MOST_PX, px))));
  const sign = side === 'left' ? 1 : -1;
  const count = side === 'right' ? ` ${openCount}` : '';
  if (folded) {
    return (
      <aside className={`side side-${side} folded`} aria-label={label}>
        <button type="button" className="fold" aria-expanded={false} onClick={() => onFold(false)} aria-label={`${t('panel.unfold')}: ${title}${count}`}><span aria-hidden="true">{side === 'left' ? '»' : '«'}</span><span className="fold-title" aria-hidden="true">{title}{count}</span></button>
      </aside>
    );
  }
  return (
    <aside className={`side side-${side}`} aria-label={label} style={{ '--side-width': `${widthPx}px` } as React.CSSProperties}>
      <button type="button" className="fold" aria-expanded aria-label={`${t('panel.fold')}: ${title}`} onClick={() => onFold(true)}><span aria-hidden="true">{side === 'left' ? '«' : '»'}</span></button>
      {children}
      <div className="side-handle" role="separator" tabIndex={0} aria-orientation="vertical" aria-label={t('panel.resize')} aria-valuenow={widthPx} aria-valuemin={WIDTH_LEAST_PX} aria-valuemax={WIDTH_MOST_PX}
        onPointerDown={(event) => { dragged.current = { x: event.clientX, widthPx }; event.currentTarget.setPointerCapture(event.pointerId); }}
        onPointerMove={(event) => { if (dragged.current !== null) wider(dragged.current.widthPx + sign * (event.clientX - dragged.current.x)); }}
        onPointerUp={() => { dragged.current = null; }} onPointerCancel={() => { dragged.current = null; }}
        onKeyDown={(event) => { const by = event.key === 'ArrowRight' ? sign : event.key === 'ArrowLeft' ? -sign : 0; if (by !== 0) { event.preventDefault(); wider(widthPx + by * STEP_PX); } }} />
    </aside>
  );
}
