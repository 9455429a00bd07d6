// npm run check: types layer by layer, lint, and (as an ordinary test) the house rules. Each check answers null or what is wrong.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const run = (program: string, args: string[]) => (): string | null => {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], { cwd: root, encoding: 'utf8', timeout: 300_000 });
  return status === 0 ? null : `${stdout}${stderr}${error?.message ?? ''}`.slice(0, 8000);
};

const types = (project: string) => ({ name: `types of ${project}`, run: run('typescript/bin/tsc', ['-p', project]) });

export const CHECKS: { name: string; run(): string | null }[] = [
  types('contract'), // no Node, no DOM in sight: the compiler refuses both
  types('crowd'),
  types('web'),
  types('.'),
  { name: 'lint', run: run('oxlint/bin/oxlint', ['-c', 'test/oxlint.json', '--deny-warnings', 'contract', 'crowd', 'config', 'store', 'worker', 'server', 'web', 'test', 'bench']) },
];

if (import.meta.main) {
  let failed = 0;
  for (const check of CHECKS) {
    const faults = check.run();
    console.log(`${faults === null ? 'ok  ' : 'FAIL'} ${check.name}`);
    if (faults !== null) { failed++; console.log(faults); }
  }
  const house = run('vitest/vitest.mjs', ['run', '--config', 'test/vitest.config.ts', 'test/house.test.ts'])();
  console.log(`${house === null ? 'ok  ' : 'FAIL'} house rules`);
  if (house !== null) { failed++; console.log(house); }
  process.exit(failed === 0 ? 0 : 1);
}
