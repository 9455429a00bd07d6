// The checklist of docs/SECURITY.md is whole, and what it names is there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const words = readFileSync(join(root, 'docs/SECURITY.md'), 'utf8');
const lines = words.split('\n').flatMap((line) => { const cells = /^\| (\d+\.\d+\.\d+) \| (.*) \| (.*) \|$/.exec(line); return cells === null ? [] : [{ number: cells[1]!, keptBy: cells[3]! }]; });
/** How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has. */
const OF_CHAPTER = { 1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16, 17: 7 };

test('AS1 each requirement of levels 1 and 2 of ASVS 5.0.0 has its line, once', () => {
  expect(new Set(lines.map(({ number }) => number)).size).toBe(lines.length);
  const counts = Object.fromEntries(Object.keys(OF_CHAPTER).map((chapter) => [chapter, lines.filter(({ number }) => number.startsWith(`${chapter}.`)).length]));
  expect(counts).toEqual(OF_CHAPTER);
  expect(Object.values(OF_CHAPTER).reduce((sum, count) => sum + count, 0)).toBe(253);
});

test('AS2 each line says that it is met, does not apply, is for whoever installs it, or is open, and why; a test that it names is there and has the rule that it names', () => {
  for (const { number, keptBy } of lines) {
    expect([number, keptBy]).toEqual([number, expect.stringMatching(/^(Met|N\/A|Open|Deployment|As \d)/)]);
    if (keptBy.startsWith('Open')) expect([number, keptBy.length > 20]).toEqual([number, true]);
    for (const [, path, , rule] of keptBy.matchAll(/`((?:test|docs|config|contract)\/[^`]+)`( ([A-Z]{2}\d+))?/g)) {
      expect([number, path, existsSync(join(root, path!))]).toEqual([number, path, true]);
      if (rule !== undefined) expect([number, rule, readFileSync(join(root, path!), 'utf8').includes(rule)]).toEqual([number, rule, true]);
    }
  }
});
