// npm run audit:check: reads every line of the audit and says whether the chain holds. Of the database of this installation, or with --file of an export, anywhere and without a database.
//   npm run audit:check                                  the database, against audit-anchors.jsonl in the data folder
//   npm run audit:check -- --file audit.jsonl            an export; --part when it begins later or ends earlier by intent
//   npm run audit:check -- --anchors other.jsonl         anchors that were kept elsewhere
// Ends with 0 when nothing is wrong, 1 when something is, 2 when it could not be looked at.
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fromHome } from '../../config/settings.ts';
import { chainChecker, droppedWords, type ChainReport } from '../../store/auditChain.ts';
import { anchorFileOf, anchorsIn, dropVerifier } from '../audit.ts';
import { runCommand } from './command.ts';

const AT_ONCE = 5000;
const say = (line: string) => { process.stdout.write(`${line}\n`); };

function told(report: ChainReport): number {
  const { lines, firstSeq, lastSeq, lastHash, anchorsHeld, faults } = report;
  say(`${lines} lines${lines === 0 ? '' : `, ${firstSeq} to ${lastSeq}, newest hash ${lastHash ?? '?'}`}; ${anchorsHeld} anchors hold`);
  for (const { fault, says } of faults) say(`  ${fault}: ${says}`);
  if (faults.length === 0) { say('Nothing was altered, taken out or put elsewhere.'); say('没有任何改动、缺失或错位。'); return 0; }
  say(`The audit was tampered with or damaged; the first place is line ${faults[0]!.seq}.`);
  say(`审计记录被改动或损坏,最早出现在第 ${faults[0]!.seq} 行。`);
  return 1;
}

const argv = process.argv.slice(2);
const valueOf = (name: string): string | null => { const at = argv.indexOf(name); if (at < 0) return null; const [, value] = argv.splice(at, 2); return value ?? null; };
const isPart = argv.includes('--part');
if (isPart) argv.splice(argv.indexOf('--part'), 1);
const file = valueOf('--file'), anchorFile = valueOf('--anchors');
for (const named of [file, anchorFile]) if (named !== null && !existsSync(named)) { process.stderr.write(`there is no file ${named}\n`); process.exit(2); }

if (file !== null) {
  const checker = chainChecker({ anchors: anchorFile === null ? [] : anchorsIn(anchorFile) });
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    let read: unknown = null;
    try { read = JSON.parse(line); } catch { /* told as a line that is none */ }
    checker.take(read);
  }
  process.exit(told(checker.end({ isPart })));
}
process.argv.splice(2, process.argv.length, ...argv);
await runCommand([], async ({ store, settings }) => {
  const dataFolder = fromHome(settings.dataFolder), verify = dropVerifier(dataFolder);
  const checker = chainChecker({ anchors: anchorsIn(anchorFile ?? anchorFileOf(dataFolder)), verifyDrop: verify === null ? null : ({ signature, ...dropped }) => verify(droppedWords(dropped), signature) });
  // What is written meanwhile belongs to the next check.
  const head = await store.auditHead();
  for (let seq = 0; ;) {
    const lines = (await store.auditAfter(seq, AT_ONCE)).filter((line) => line.seq <= head.seq);
    for (const line of lines) checker.take(line);
    if (lines.length === 0) break;
    seq = lines.at(-1)!.seq;
  }
  return told(checker.end({ head }));
});
