// A level as a shape, so that it reads without colour: ring, dot, triangle, diamond, octagon; blind is a crossed eye.
import type { Level } from '../../contract/level.ts';

export type Look = Level | 'blind';

export function LevelShape({ look, size = 14, title }: { look: Look; size?: number; title?: string }) {
  return (
    <svg className={`shape shape-${look}`} width={size} height={size} viewBox="0 0 16 16" role={title === undefined ? undefined : 'img'} aria-label={title} aria-hidden={title === undefined ? true : undefined}>
      {drawing(look)}
    </svg>
  );
}

function drawing(look: Look) {
  switch (look) {
    case 'calm': return <circle cx="8" cy="8" r="4" fill="none" strokeWidth="1.6" stroke="currentColor" />;
    case 'notice': return <circle cx="8" cy="8" r="5.2" fill="currentColor" />;
    case 'warning': return <path d="M8 1.8 15 14.2H1Z" fill="currentColor" />;
    case 'danger': return <path d="M8 .8 15.2 8 8 15.2.8 8Z" fill="currentColor" />;
    case 'critical': return <><path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5Z" fill="currentColor" /><path d="M8 4v5M8 10.8v1.6" stroke="#fff" strokeWidth="2" /></>;
    case 'blind': return <><path d="M1.5 8C3.2 5 5.4 3.6 8 3.6S12.8 5 14.5 8C12.8 11 10.6 12.4 8 12.4S3.2 11 1.5 8Z" fill="none" stroke="currentColor" strokeWidth="1.5" /><circle cx="8" cy="8" r="2" fill="currentColor" /><path d="M2 14 14 2" stroke="currentColor" strokeWidth="1.8" /></>;
  }
}
