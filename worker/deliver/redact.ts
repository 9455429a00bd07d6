// What is secret of a channel's settings is cut out of everything that is said about it: another machine's answer may repeat what it was sent.
import { secretKeys } from '../../config/kinds.ts';
import { withoutSecrets } from '../../contract/problem.ts';

const SHORTEST = 4;

export function redacted(detail: string, schema: unknown, settings: Record<string, unknown>): string {
  let said = withoutSecrets(detail);
  for (const piece of secretKeys(schema).flatMap((key) => piecesOf(settings[key])).sort((a, b) => b.length - a.length)) said = said.replaceAll(piece, '•••');
  return said.slice(0, 500);
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
