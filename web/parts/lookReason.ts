// Why somebody looks at a camera, where its unit asks: said once for each look, and forgotten soon after the last picture. Never kept in the browser.

/** As long as the server holds a look open (server/access/looks.ts). */
const LOOK_ENDS_AFTER_MS = 15_000;
const said = new Map<string, { reason: string; atMs: number }>();

export function sayWhy(sensorId: string, reason: string): void { said.set(sensorId, { reason: reason.trim(), atMs: Date.now() }); }
/** Headers of a question for a picture. */
export function lookHeaders(sensorId: string): Record<string, string> {
  const why = said.get(sensorId);
  if (why === undefined) return {};
  if (Date.now() - why.atMs > LOOK_ENDS_AFTER_MS) { said.delete(sensorId); return {}; }
  return { 'x-look-reason': encodeURIComponent(why.reason) };
}
/** A picture came: the look goes on. */
export function lookGoesOn(sensorId: string): void { const why = said.get(sensorId); if (why !== undefined) why.atMs = Date.now(); }
