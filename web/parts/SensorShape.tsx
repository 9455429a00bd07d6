// A camera's state as a sign: working, on its way, or not to be relied on.
import type { SensorLook } from './sensorLook.ts';

export function SensorShape({ look, size = 14 }: { look: SensorLook; size?: number }) {
  const bad = look === 'problem' || look === 'unknown';
  return (
    <svg className={`sensor-shape sensor-${look}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d="M1.5 4.5h8.5v7H1.5zM10 7l4.5-2.3v6.6L10 9z" fill={look === 'counting' ? 'currentColor' : 'none'} stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
      {bad && <path d="M1 15 15 1" stroke="currentColor" strokeWidth="2" />}
      {(look === 'waiting' || look === 'connecting' || look === 'starting' || look === 'preparing') && <path d="M4 8h4" stroke="currentColor" strokeWidth="1.6" strokeDasharray="1.4 1" />}
    </svg>
  );
}
