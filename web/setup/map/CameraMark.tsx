// A camera on a map: where it stands and which way it looks.
export function CameraMark({ at, bearingDeg, name, isMine }: { at: { x: number; y: number }; bearingDeg: number; name: string; isMine?: boolean }) {
  return (
    <g transform={`translate(${at.x} ${at.y})`} className={isMine === true ? 'setup-camera mine' : 'setup-camera'}>
      <g transform={`rotate(${bearingDeg})`}><path d="M-7 7V-3H7V7Z M-4 -3L-7 -11H7L4 -3Z" /></g>
      <text y={22} textAnchor="middle">{name}</text>
    </g>
  );
}
