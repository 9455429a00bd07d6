// Secrets at rest: what the database keeps of passwords and keys is sealed with a key that is not in the database. Whoever has only one of the two has nothing.
// AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits for each value; where the value belongs is authenticated with it, so that none can be moved to another row.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { dirname } from 'node:path';
import { Problem } from '../contract/problem.ts';

export type Secrets = {
  /** False: no key was given, and nothing can be sealed or opened. */
  given: boolean;
  /** The key that seals now. */
  writerId(): string;
  /** Whether what was sealed with this key can be opened. */
  has(keyId: string): boolean;
  /** `place`: what it belongs to, as in "sensor_settings/c12"; the same must be said to open it. */
  seal(plain: string, place: string): string;
  /** Throws Problem secretKeyMissing or secretDamaged. */
  open(sealed: string, place: string): string;
  /** A key that was made just now is kept, before anything is sealed with it. Where another process was faster, its key is taken. */
  persist(): void;
};

export const SECRET_KEY_BYTES = 32;
const MARK = 'sealed1', NONCE_BYTES = 12, TAG_BYTES = 16;
/** A key that a command has added to the file is known to every process after this. */
export const KEYS_REREAD_MS = 1000;

/** From the environment or a setting: one key or several, parted by commas; the first one seals. */
export function secretsOf(keys: string, name = 'secretKey'): Secrets {
  const ring = keys.split(/[,\s]+/).filter((one) => one !== '').map((one) => keyOf(one, name));
  if (ring.length === 0) throw new Problem('settingWrong', { name, reason: 'it is empty' });
  return ringSecrets(() => ring, () => {});
}

/** From a file: one key a line, the first one seals. A file that is not there is made with a new key once the database says that it knows none. */
export function secretsInFile(path: string): Secrets {
  let fresh: Key | null = null, ring: Key[] = [], looked = '', lookedAtMs = -Infinity;
  const look = (now: boolean): Key[] => {
    if (fresh !== null || (!now && performance.now() - lookedAtMs < KEYS_REREAD_MS)) return fresh === null ? ring : [fresh];
    lookedAtMs = performance.now();
    try {
      const words = readKeyFile(path);
      if (words === null || words === looked) return ring;
      ring = keysIn(words, path);
      looked = words;
    } catch (error) { if (ring.length === 0) throw error; /* A file that is gone or spoilt while we run takes no key away from us. */ }
    return ring;
  };
  if (readKeyFile(path) === null) fresh = keyOf(newKeyWords(), path); else look(true);
  return ringSecrets(look, () => {
    if (fresh === null) return;
    const made = writeKeyFile(path, [fresh.words], true);
    fresh = null;
    if (!made || ring.length === 0) look(true);
  });
}

/** Until a key is given: whatever needs one says so. */
export const noSecrets = (): Secrets => {
  const missing = (): never => { throw new Problem('secretKeyMissing', { keys: '-' }, 'no key was given to this process'); };
  return { given: false, writerId: missing, has: () => false, seal: missing, open: missing, persist: missing };
};

/** For openStore where nothing else is said. */
export const secretsOfEnvironment = (): Secrets => { const keys = process.env['CROWDLIGHT_SECRET_KEY']; return keys ? secretsOf(keys, 'CROWDLIGHT_SECRET_KEY') : noSecrets(); };

export const newKeyWords = (): string => randomBytes(SECRET_KEY_BYTES).toString('base64url');
export const keyIdOf = (words: string): string => keyOf(words, 'key').keyId;
export const isSealed = (value: unknown): value is string => typeof value === 'string' && value.startsWith(`${MARK}.`);
/** With which key it was sealed; null when it is not sealed at all. */
export const keyIdOfSealed = (sealed: string): string | null => (isSealed(sealed) ? sealed.split('.')[1] ?? null : null);

/** The keys of the file as they stand there, the one that seals first; null where there is no file. */
export function keyWordsInFile(path: string): string[] | null {
  const words = readKeyFile(path);
  return words === null ? null : keysIn(words, path).map((key) => key.words);
}

/** Whole or not at all, readable by its owner alone. False: `onlyNew`, and there was one already. */
export function writeKeyFile(path: string, keys: string[], onlyNew: boolean): boolean {
  const partial = `${path}.${process.pid}.new`;
  try {
    fs.mkdirSync(dirname(path), { recursive: true });
    const file = fs.openSync(partial, 'w', 0o600);
    try {
      fs.fchmodSync(file, 0o600);
      fs.writeSync(file, [...FILE_HEAD, ...keys, ''].join('\n'));
      fs.fsyncSync(file);
    } finally { fs.closeSync(file); }
    // A link is refused where there is a file already; a rename would take its place.
    if (onlyNew) fs.linkSync(partial, path); else fs.renameSync(partial, path);
    return true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (onlyNew && code === 'EEXIST') return false;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new Problem('diskFull', {}, message);
    throw new Problem('settingWrong', { name: 'secretKeyFile', reason: `${path} cannot be written (${code ?? message})` });
  } finally { fs.rmSync(partial, { force: true }); }
}
const FILE_HEAD = [
  '# Crowdlight: keys that seal the passwords and keys in the database. The first one seals, the others only open.',
  '# Keep a copy apart from the copies of the database: without it those passwords and keys are lost.',
];

type Key = { words: string; keyId: string; sealing: Buffer };

function ringSecrets(ringNow: (now: boolean) => Key[], persist: () => void): Secrets {
  const find = (keyId: string) => ringNow(false).find((key) => key.keyId === keyId) ?? ringNow(true).find((key) => key.keyId === keyId);
  return {
    given: true, persist,
    writerId: () => ringNow(false)[0]!.keyId,
    has: (keyId) => find(keyId) !== undefined,
    seal(plain, place) {
      const { keyId, sealing } = ringNow(false)[0]!, nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo(keyId, place));
      const bytes = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${MARK}.${keyId}.${bytes.toString('base64url')}`;
    },
    open(sealed, place) {
      const [mark, keyId = '', words = '', ...rest] = sealed.split('.'), bytes = Buffer.from(words, 'base64url');
      if (mark !== MARK || rest.length > 0 || bytes.length < NONCE_BYTES + TAG_BYTES) throw new Problem('secretDamaged', { place });
      const key = find(keyId);
      if (key === undefined) throw new Problem('secretKeyMissing', { keys: keyId }, place);
      try {
        const decipher = createDecipheriv('aes-256-gcm', key.sealing, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(boundTo(keyId, place)).setAuthTag(bytes.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch { throw new Problem('secretDamaged', { place }); }
    },
  };
}

const boundTo = (keyId: string, place: string) => Buffer.from(`crowdlight ${MARK} ${keyId} ${place}`);

/** The words of a key are 32 bytes as base64, base64url or hexadecimal. Its id is made of it, so that nobody has to name it and two keys never share one. */
function keyOf(words: string, name: string): Key {
  const bytes = /^[0-9a-fA-F]{64}$/.test(words) ? Buffer.from(words, 'hex') : /^[A-Za-z0-9+/_-]{43}=?$/.test(words) ? Buffer.from(words, 'base64') : Buffer.alloc(0);
  if (bytes.length !== SECRET_KEY_BYTES) throw new Problem('settingWrong', { name, reason: `a key is ${SECRET_KEY_BYTES} random bytes, written as base64 or hexadecimal; "openssl rand -base64 32" makes one` });
  if (new Set(bytes).size < 8) throw new Problem('settingWrong', { name, reason: 'this key is not random' });
  const derived = (info: string, size: number) => Buffer.from(hkdfSync('sha256', bytes, Buffer.alloc(0), `crowdlight ${info}`, size));
  return { words, keyId: createHash('sha256').update(derived('key id', 32)).digest('hex').slice(0, 12), sealing: derived('sealing', 32) };
}

function keysIn(words: string, path: string): Key[] {
  const keys = words.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')).map((line) => keyOf(line, path));
  if (keys.length === 0) throw new Problem('settingWrong', { name: 'secretKeyFile', reason: `${path} holds no key` });
  return keys;
}

function readKeyFile(path: string): string | null {
  try { return fs.readFileSync(path, 'utf8'); } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new Problem('settingWrong', { name: 'secretKeyFile', reason: `${path} cannot be read (${code ?? message})` });
  }
}
