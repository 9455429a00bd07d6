// The chain of the audit: the bytes that are hashed, and the check that finds whatever was altered, taken out or put elsewhere. Needs no database, so that an export can be checked anywhere.
import { createHash } from 'node:crypto';
import { AuditLine, type AuditFact } from '../contract/audit.ts';
import { checker } from '../contract/schema.ts';

/** What stands before line 1. */
export const FIRST_PREVIOUS_HASH = '0'.repeat(64);

/** JSON with its keys in the order of their UTF-16 code units and without spaces: the same value gives the same bytes, whoever writes it. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) return `{${Object.keys(value).toSorted().map((key) => `${JSON.stringify(key)}:${canonicalJson((value as Record<string, unknown>)[key])}`).join(',')}}`;
  return JSON.stringify(value);
}

/** SHA-256 over the 32 bytes of the hash before, then "seq atMs fact" as UTF-8, the fact as canonical JSON. The database makes the same (function audit_append). */
export function lineHash(previousHash: string, seq: number, atMs: number, factText: string): string {
  return createHash('sha256').update(Buffer.from(previousHash, 'hex')).update(`${seq} ${atMs} ${factText}`, 'utf8').digest('hex');
}

/** What is signed when a beginning is dropped. */
export const droppedWords = ({ droppedToSeq, droppedToHash }: { droppedToSeq: number; droppedToHash: string }): string => `crowdlight audit dropped to ${droppedToSeq} ${droppedToHash}`;

const MOST = { name: 80, address: 100, route: 200, sessionId: 64, placeKind: 30, placeId: 300, placeName: 200, reason: 500 } as const;
/** What cannot be kept is cut, never refused: a line with a shortened name is better than none. Control characters go, halves of letters are mended. */
export function keptFact(fact: AuditFact): AuditFact {
  const clean = (words: string, most: number) => words.toWellFormed().replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, most).toWellFormed();
  const kept: Record<string, unknown> = { ...fact };
  for (const [key, most] of Object.entries(MOST)) if (typeof kept[key] === 'string') kept[key] = clean(kept[key], most);
  kept['detail'] = Object.fromEntries(Object.entries(fact.detail).slice(0, 30).map(([key, value]) => [clean(key, 40), typeof value === 'string' ? clean(value, 500) : typeof value === 'number' && !Number.isFinite(value) ? String(value) : value]));
  return kept as AuditFact;
}

/** Where the newest line stood at some time, written down outside of the database: what comes short of it was cut off. */
export type AuditAnchor = { atMs: number; seq: number; hash: string };

export type ChainFault = {
  /** Of the first line that does not fit; the number that is missing where a line is missing. */
  seq: number;
  fault: 'altered' | 'missing' | 'outOfOrder' | 'cutOff' | 'beginningMissing' | 'notALine' | 'anchorDiffers' | 'dropNotSigned';
  says: string;
};
export type ChainReport = { lines: number; firstSeq: number | null; lastSeq: number | null; lastHash: string | null; anchorsHeld: number; faults: ChainFault[] };

const FAULTS_MOST = 50;
const checkLine = checker(AuditLine);
/** What fits its schema: a list leaves the others out, the check tells of them. */
export const isWholeLine = (line: unknown): boolean => checkLine(line).ok;

/**
 * Takes lines in the order in which they are stored and says what is wrong. After a fault it goes on from the line as it stands, so that one altered line is one fault and not a million.
 * `verifyDrop`: whether the line that says which beginning was dropped is signed by this installation; left out where its key is not at hand.
 */
export function chainChecker({ anchors = [], verifyDrop = null }: { anchors?: readonly AuditAnchor[]; verifyDrop?: ((dropped: { droppedToSeq: number; droppedToHash: string; signature: string }) => boolean) | null } = {}) {
  const report: ChainReport = { lines: 0, firstSeq: null, lastSeq: null, lastHash: null, anchorsHeld: 0, faults: [] };
  const anchorsAt = new Map<number, AuditAnchor[]>();
  for (const anchor of anchors) anchorsAt.set(anchor.seq, [...(anchorsAt.get(anchor.seq) ?? []), anchor]);
  let firstPrevious = FIRST_PREVIOUS_HASH, beginningSaid = false;
  const add = (seq: number, fault: ChainFault['fault'], says: string) => { if (report.faults.length < FAULTS_MOST) report.faults.push({ seq, fault, says }); };

  return {
    /** `line`: as read, of any shape. */
    take(line: unknown): void {
      const expected = (report.lastSeq ?? 0) + 1;
      const checked = checkLine(line);
      report.lines++;
      if (!checked.ok) { add(expected, 'notALine', `where line ${expected} is expected stands something that is no line: ${checked.faults.slice(0, 2).map(({ path, says }) => `${path} ${says}`).join('; ')}`); if (report.lastSeq !== null) { report.lastSeq = expected; report.lastHash = null; } return; }
      const { seq, atMs, fact, previousHash, hash } = checked.value;
      if (report.firstSeq === null) { report.firstSeq = seq; firstPrevious = previousHash; if (seq === 1 && previousHash !== FIRST_PREVIOUS_HASH) add(1, 'altered', 'line 1 does not begin the chain'); } else if (seq < expected) add(seq, 'outOfOrder', `line ${seq} stands after line ${report.lastSeq}`);
      else if (seq > expected) add(expected, 'missing', seq - expected === 1 ? `line ${expected} is missing` : `lines ${expected} to ${seq - 1} are missing`);
      else if (report.lastHash !== null && previousHash !== report.lastHash) add(seq, 'altered', `line ${seq} does not continue the one before it`);
      if (lineHash(previousHash, seq, atMs, canonicalJson(fact)) !== hash) add(seq, 'altered', `line ${seq} was altered: its hash does not fit`);
      for (const anchor of anchorsAt.get(seq) ?? []) { if (anchor.hash === hash) report.anchorsHeld++; else add(seq, 'anchorDiffers', `line ${seq} is another one than was noted on ${new Date(anchor.atMs).toISOString()}`); }
      if (fact.what === 'purged' && fact.detail['droppedToSeq'] === report.firstSeq - 1 && fact.detail['droppedToHash'] === firstPrevious) {
        const { droppedToSeq, droppedToHash, signature } = fact.detail;
        if (verifyDrop !== null && !verifyDrop({ droppedToSeq: Number(droppedToSeq), droppedToHash: String(droppedToHash), signature: String(signature) })) add(seq, 'dropNotSigned', `line ${seq} says that the beginning was dropped, and is not signed by this installation`);
        else beginningSaid = true;
      }
      report.lastSeq = seq; report.lastHash = hash;
    },
    /** `head`: the newest line by the record's own account, where there is one. `isPart`: an export that begins later, or ends earlier, by intent. */
    end({ head = null, isPart = false }: { head?: { seq: number; hash: string } | null; isPart?: boolean } = {}): ChainReport {
      const { firstSeq, lastSeq } = report;
      if (firstSeq !== null && firstSeq > 1 && !beginningSaid && !isPart) add(1, 'beginningMissing', `lines 1 to ${firstSeq - 1} are missing, and no line says that they were dropped`);
      const last = lastSeq ?? 0;
      const newestAnchor = anchors.reduce<AuditAnchor | null>((newest, one) => (newest === null || one.seq > newest.seq ? one : newest), null);
      if (head !== null && (head.seq !== last || (report.lastHash !== null && head.hash !== report.lastHash))) add(Math.min(head.seq, last) + 1, 'cutOff', head.seq > last ? `lines ${last + 1} to ${head.seq} were cut off` : head.seq < last ? `lines after ${head.seq} were put there by another way` : `line ${last} is not the newest that was written`);
      else if (newestAnchor !== null && newestAnchor.seq > last && !isPart) add(last + 1, 'cutOff', `lines ${last + 1} to ${newestAnchor.seq} were cut off: they were there on ${new Date(newestAnchor.atMs).toISOString()}`);
      // The first one first, however it was found.
      report.faults.sort((a, b) => a.seq - b.seq);
      return report;
    },
  };
}
