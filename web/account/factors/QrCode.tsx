// A code to scan, drawn here: what is in it never leaves the page.
import { encode } from 'uqr';

export function QrCode({ words, label }: { words: string; label: string }) {
  const { data, size } = encode(words, { ecc: 'M', border: 3 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return <svg className="ac-qr" role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges"><rect width={size} height={size} fill="#ffffff" /><path d={path} fill="#000000" /></svg>;
}
