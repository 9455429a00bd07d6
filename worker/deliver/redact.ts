// What is secret of a channel's settings is cut out of everything that is said about it: another machine's answer may repeat what it was sent.
import { secretKeys } from '../../config/kinds.ts';
import { withoutSecrets } from '../../contract/problem.ts';

const SHORTEST = 4;

export function redacted(detail: string, schema: unknown, settings: Record<string, unknown>): string {
  let said = withoutSecrets(detail);
  const pieces = secretKeys(schema).flatMap((key) => piecesOf(settings[key])).sort((a, b) => b.length - a.length);
  for (const piece of pieces) said = said.replaceAll(piece, '•••');
  return withoutCutPiece(said, pieces).slice(0, 500);
}

/** An answer is cut before it comes here, perhaps in the middle of a secret: its beginning is cut out, too. */
function withoutCutPiece(said: string, pieces: string[]): string {
  for (const piece of pieces) for (let length = Math.min(piece.length - 1, said.length); length >= SHORTEST; length--) if (said.endsWith(piece.slice(0, length))) return `${said.slice(0, -length)}•••`;
  return said;
}

/** As it is, as it stands in an address, in base 64, and the parts of an address that hold keys. */
function piecesOf(secret: unknown): string[] {
  if (typeof secret !== 'string' || secret.length < SHORTEST) return [];
  const words = secret.split(/\s+/).filter((word) => word.length >= 2 * SHORTEST);
  const pieces = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex'), ...words];
  if (URL.canParse(secret)) {
    const { pathname, searchParams, search } = new URL(secret);
    pieces.push(search, ...[...searchParams.values()].filter((value) => value.length >= SHORTEST), ...pathname.split('/').filter((part) => part.length >= 2 * SHORTEST));
  }
  return [...new Set(pieces)].filter((piece) => piece.length >= SHORTEST);
}
