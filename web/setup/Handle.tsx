// A point that can be dragged with the pointer and moved with the arrow keys, in any SVG. Says its name and place to a screen reader.
import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';

export type Shift = { dx: number; dy: number };

export function Handle({ at, label, isChosen, onDrag, onStep, onChoose, onRemove, onEnd, onPress, children, name, hitPx = 14 }: {
  at: { x: number; y: number };
  label: string;
  /** For tests and styles. */
  name: string;
  isChosen?: boolean;
  /** Where the pointer is, in client pixels, less the distance by which it first missed the middle of the handle. */
  onDrag?: (client: { x: number; y: number }) => void;
  /** Arrow keys: one small step, ten with Shift. Right and down are positive. */
  onStep?: (shift: Shift) => void;
  onChoose?: () => void;
  onRemove?: () => void;
  /** A click without a move, Enter or Space. */
  onPress?: () => void;
  /** A move is over: what came of it is one step of undo. */
  onEnd?: () => void;
  hitPx?: number;
  children: ReactNode;
}) {
  const missed = useRef<{ x: number; y: number; from: { x: number; y: number }; hasMoved: boolean } | null>(null);
  const onPointerDown = (event: PointerEvent<SVGGElement>) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    const box = event.currentTarget.querySelector('[data-middle]')!.getBoundingClientRect();
    missed.current = { x: event.clientX - (box.left + box.width / 2), y: event.clientY - (box.top + box.height / 2), from: { x: event.clientX, y: event.clientY }, hasMoved: false };
    onChoose?.();
  };
  const onPointerMove = (event: PointerEvent) => {
    const press = missed.current;
    if (press === null) return;
    // A trembling hand only wants to choose it.
    if (!press.hasMoved && Math.hypot(event.clientX - press.from.x, event.clientY - press.from.y) < 3) return;
    press.hasMoved = true;
    onDrag?.({ x: event.clientX - press.x, y: event.clientY - press.y });
  };
  const onPointerUp = () => { const press = missed.current; missed.current = null; if (press === null) return; if (press.hasMoved) onEnd?.(); else onPress?.(); };
  const onKeyDown = (event: KeyboardEvent) => {
    const far = event.shiftKey ? 10 : 1;
    const shift: Shift | null = event.key === 'ArrowRight' ? { dx: far, dy: 0 } : event.key === 'ArrowLeft' ? { dx: -far, dy: 0 } : event.key === 'ArrowDown' ? { dx: 0, dy: far } : event.key === 'ArrowUp' ? { dx: 0, dy: -far } : null;
    if (shift !== null && onStep !== undefined) { event.preventDefault(); event.stopPropagation(); onStep(shift); onEnd?.(); return; }
    if ((event.key === 'Delete' || event.key === 'Backspace') && onRemove !== undefined) { event.preventDefault(); event.stopPropagation(); onRemove(); return; }
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); event.stopPropagation(); onChoose?.(); onPress?.(); }
  };
  return (
    <g className="setup-handle" data-handle={name} data-chosen={isChosen === true || undefined} transform={`translate(${at.x} ${at.y})`} role="button" tabIndex={0} aria-label={label}
      onPointerDown={onPointerDown} onPointerMove={onPointerMove} onPointerUp={onPointerUp} onPointerCancel={onPointerUp} onKeyDown={onKeyDown} onFocus={onChoose} onClick={(event) => event.stopPropagation()}>
      <circle r={hitPx} fill="transparent" />
      <circle data-middle r={0.5} fill="none" />
      {children}
    </g>
  );
}

/** A numbered point: the same mark in the picture and on the map, so that a pair is seen as one. */
export function NumberedMark({ number, isChosen, isWorst }: { number: number; isChosen: boolean; isWorst: boolean }) {
  return (
    <>
      {isWorst && <circle r={13} className="setup-mark-worst" />}
      <line x1={-9} x2={9} className="setup-mark-cross" /><line y1={-9} y2={9} className="setup-mark-cross" />
      <circle r={3.2} className="setup-mark-dot" />
      <g transform="translate(11 -11)"><circle r={9} className={isChosen ? 'setup-mark-badge chosen' : 'setup-mark-badge'} /><text className={isChosen ? 'setup-mark-number chosen' : 'setup-mark-number'} textAnchor="middle" dy="4">{number}</text></g>
    </>
  );
}
