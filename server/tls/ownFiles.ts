// A certificate of one's own: read from two files, held against its key, and read again when they change on disk (certbot renews them behind our back).
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Problem } from '../../contract/problem.ts';
import { bracketed } from './machineNames.ts';

export type OwnFiles = { cert: string; key: string; endsAtMs: number; beginsAtMs: number; names: string[] };

/** Throws Problem certificateUnusable or certificateKeyWrong. One that is over or not yet valid is given all the same: a page with a warning is better than none. */
export function readOwnFiles({ certificateFile, keyFile }: { certificateFile: string; keyFile: string }): OwnFiles {
  const cert = read(certificateFile), keyText = read(keyFile);
  let leaf: X509Certificate;
  try { leaf = new X509Certificate(cert); } catch { throw new Problem('certificateUnusable', { name: certificateFile, reason: 'it is not a certificate in PEM' }); }
  let key;
  try { key = createPrivateKey(keyText); } catch (error) {
    const locked = (error as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE' || /ENCRYPTED/.test(keyText);
    throw new Problem('certificateUnusable', { name: keyFile, reason: locked ? 'the key is locked with a password; save it without one, readable to this program alone' : 'it is not a private key in PEM' });
  }
  if (!leaf.checkPrivateKey(key)) throw new Problem('certificateKeyWrong', { name: keyFile, certificate: certificateFile });
  if (leaf.ca) throw new Problem('certificateUnusable', { name: certificateFile, reason: 'the first certificate in it is that of an authority; the server\'s own comes first, then those above it' });
  return { cert, key: keyText, endsAtMs: leaf.validToDate.getTime(), beginsAtMs: leaf.validFromDate.getTime(), names: namesOf(leaf) };
}

function read(path: string): string {
  if (path === '') throw new Problem('certificateUnusable', { name: 'tlsCertificateFile, tlsKeyFile', reason: 'with tls "own" both files must be named' });
  try { return readFileSync(path, 'utf8'); } catch (error) { throw new Problem('certificateUnusable', { name: path, reason: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? ''})` }); }
}

/** Those that a browser may ask for; a wildcard stands for no name of its own. */
const namesOf = (leaf: X509Certificate): string[] => [...(leaf.subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map((match) => bracketed(match[1]!.toLowerCase())).filter((name) => !name.includes('*'));
