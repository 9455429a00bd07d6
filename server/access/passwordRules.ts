// Which passwords may be chosen: long enough, not the name, and in no list of stolen ones.
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { PASSWORD_LEAST, PASSWORD_MOST } from '../../contract/account.ts';
import { Problem } from '../../contract/problem.ts';
import { fromHome } from '../../config/settings.ts';
import { foldedPassword } from './passwords.ts';

/** Rejects with Problem passwordWeak or passwordKnown. Lengths are characters after NFKC, not bytes. */
export async function passwordMustDo(password: string, { names, breachedPasswordsFile }: { names: readonly string[]; breachedPasswordsFile: string }): Promise<void> {
  const folded = foldedPassword(password), length = [...folded].length, plain = folded.toLowerCase();
  if (length > PASSWORD_MOST) throw new Problem('inputWrong', { reason: `password: at most ${PASSWORD_MOST} characters` });
  const own = names.map((name) => foldedPassword(name).toLowerCase()).filter((name) => name.length >= 3);
  // The name written twice or with a year behind it is the name.
  const rest = own.reduce((left, name) => left.replaceAll(name, ''), plain).replace(/[^\p{L}]/gu, '');
  const isName = own.some((name) => plain.includes(name)) && [...rest].length < 4;
  if (length < PASSWORD_LEAST || isName || new Set(plain).size < 4) throw new Problem('passwordWeak', { least: PASSWORD_LEAST });
  if (await isCommon(plain) || await inFile(breachedPasswordsFile, folded)) throw new Problem('passwordKnown');
}

/** One of the most common, alone, written twice or three times, or with figures and signs before or behind it ("password2024!!"). */
async function isCommon(plain: string): Promise<boolean> {
  const known = await builtIn(), has = (word: string) => word.length >= 4 && known.has(createHash('sha1').update(word).digest('hex').slice(0, 12));
  const core = plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const onceOf = (word: string) => [2, 3, 4].flatMap((times) => (word.length % times === 0 && word.slice(0, word.length / times).repeat(times) === word ? [word.slice(0, word.length / times)] : []));
  return [plain, core, ...onceOf(plain), ...onceOf(core)].some(has);
}

let common: Promise<Set<string>> | null = null;
const builtIn = (): Promise<Set<string>> => (common ??= readFile(fromHome('config/commonPasswords.txt'), 'utf8').then((text) => new Set(text.split('\n').filter((line) => /^[0-9a-f]{12}$/.test(line)))));

/** Some lines of the list, by halving: SHA-1 in order as they are shipped ("HASH:count"), or plain words in the order of their bytes. A file that is not there stops nobody, but is told at the start (passwordListProblem). */
const LINE_MOST_BYTES = 1024;
async function inFile(path: string, password: string): Promise<boolean> {
  if (path === '') return false;
  const file = await open(fromHome(path), 'r');
  try {
    const { size } = await file.stat();
    const read = async (at: number) => { const { buffer, bytesRead } = await file.read(Buffer.alloc(2 * LINE_MOST_BYTES), 0, 2 * LINE_MOST_BYTES, at); return buffer.subarray(0, bytesRead); };
    const first = await read(0);
    const isHashes = /^[0-9A-Fa-f]{40}(:|\r?\n|$)/.test(first.toString('latin1'));
    const wanted = isHashes ? Buffer.from(createHash('sha1').update(password).digest('hex').toUpperCase()) : Buffer.from(password);
    const keyOf = (line: Buffer) => (isHashes ? Buffer.from(line.toString('latin1').slice(0, 40).toUpperCase()) : line.at(-1) === 13 ? line.subarray(0, -1) : line);
    /** The first line that begins at `at` or later. */
    const lineFrom = async (at: number): Promise<{ at: number; key: Buffer; next: number } | null> => {
      let begin = at;
      if (at > 0) {
        const before = await read(at - 1), end = before.indexOf(10);
        if (end < 0) return null;
        begin = at + end;
      }
      if (begin >= size) return null;
      const bytes = await read(begin), end = bytes.indexOf(10);
      const line = bytes.subarray(0, end < 0 ? bytes.length : end);
      return { at: begin, key: keyOf(line), next: begin + line.length + 1 };
    };
    let low = 0, high = size;
    while (low < high) {
      const middle = Math.floor((low + high) / 2), line = await lineFrom(middle);
      if (line === null) { high = middle; continue; }
      const order = Buffer.compare(line.key, wanted);
      if (order === 0) return true;
      if (order < 0) low = line.next; else high = middle;
    }
    return false;
  } finally { await file.close(); }
}

/** Null when the list can be read. */
export async function passwordListProblem(path: string): Promise<Problem | null> {
  if (path === '') return null;
  try { await inFile(path, 'a'); return null; } catch (error) { return new Problem('settingWrong', { name: 'breachedPasswordsFile', reason: (error as Error).message }); }
}
