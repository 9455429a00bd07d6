// npm run bench -- NAME: runs one bench, prints one JSON line per figure and adds a dated line with the machine to bench/RESULTS.md.
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

export type Emit = (figure: string, value: number, unit: string) => void;

const folder = import.meta.dirname;
const names = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'run.ts').map((file) => file.slice(0, -3)).toSorted();
const name = process.argv[2];
if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench -- NAME\nNAME is one of: ${names.join(', ')}`);
  process.exit(2);
}

const figures: string[] = [];
const emit: Emit = (figure, value, unit) => {
  const rounded = Number(value.toPrecision(4));
  figures.push(`${figure} ${rounded} ${unit}`);
  console.log(JSON.stringify({ figure, value: rounded, unit }));
};
const bench = (await import(join(folder, `${name}.ts`))) as { default: (emit: Emit) => Promise<void> };
await bench.default(emit);
const file = join(folder, 'RESULTS.md');
if (!existsSync(file)) appendFileSync(file, '# Results\nOne line a run: day, bench, figures, machine. The machines are shared and noisy: compare ratios, and figures of one run.\n\n');
appendFileSync(file, `- ${new Date().toISOString().slice(0, 10)} \`${name}\`: ${figures.join(', ')} (${cpus().length} x ${cpus()[0]?.model.trim() ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version})\n`);
process.exit(0);
