// npm test: gets what the tests need, runs every check and every test, and ends with one line of counts. Nothing is skipped in silence:
// what could not run is named, and with CI=true it is a failure.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { CHECKS } from './check.ts';
import { missingTools, TOOLS, type Tool } from './support/tools.ts';

const root = join(import.meta.dirname, '..');
const ci = process.env.CI === 'true';
const only = process.argv.slice(2);

installMissing();
const counts = { passed: 0, failed: 0 };
const notRun: string[] = [];
for (const tool of missingTools()) notRun.push(`${tool.name} is missing: ${tool.why}`);

if (only.length === 0) {
  for (const check of CHECKS) {
    const startedAtMs = Date.now();
    const faults = check.run();
    console.log(`${faults === null ? 'ok  ' : 'FAIL'} check: ${check.name} (${((Date.now() - startedAtMs) / 1000).toFixed(1)} s)`);
    if (faults === null) counts.passed++;
    else { counts.failed++; console.log(faults); }
  }
}
await runVitest();
report();

/** Installs Debian packages when this is a Debian machine and we may; says what and why. */
function installMissing(): void {
  const wanted = missingTools();
  if (wanted.length === 0) return;
  const packages = [...new Set(wanted.flatMap((tool) => tool.packages))];
  for (const tool of wanted) console.log(`needs ${tool.name}: ${tool.why}`);
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  if (!mayInstall) { console.log(`cannot install here (not root on Debian); install by hand: ${packages.join(' ')}`); return; }
  console.log(`installing from Debian's packages: ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = spawnSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 });
  const install = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 900_000 });
  if (update.status !== 0 || install.status !== 0) console.log('the installation did not succeed; going on with what is there');
}

function runVitest(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-test-'));
  const file = join(folder, 'report.json');
  mkdirSync(join(root, '.scratch'), { recursive: true });
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...only],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => child.on('close', (code) => {
    try { countVitest(JSON.parse(readFileSync(file, 'utf8'))); if (code !== 0 && counts.failed === 0) { counts.failed++; console.log(`vitest ended with ${code} though no test failed`); } }
    catch (error) { counts.failed++; console.log(`vitest (exit ${code}) left no report: ${error instanceof Error ? error.message : error}`); }
    rmSync(folder, { recursive: true, force: true });
    resolve();
  }));
}

type VitestReport = { testResults: { name: string; status: string; message: string; assertionResults: { fullName: string; status: string; failureMessages: string[] | null }[] }[] };
function countVitest(reported: VitestReport): void {
  for (const file of reported.testResults) {
    const name = relative(root, file.name);
    if (file.assertionResults.length === 0) { counts.failed++; console.log(`FAIL ${name} could not be run: ${file.message}`); continue; }
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed++;
      else if (test.status === 'failed') { counts.failed++; console.log(`FAIL ${name}: ${test.fullName}\n     ${(test.failureMessages ?? []).join('\n').split('\n').slice(0, 3).join('\n     ')}`); }
      else notRun.push(`${name}: ${test.fullName}`);
    }
  }
}

function report(): never {
  if (notRun.length > 0) {
    console.log(`\nNOT RUN (${notRun.length})${ci ? ', which is a failure with CI=true' : ''}:`);
    for (const line of notRun) console.log(`  - ${line}`);
    if (ci) counts.failed += notRun.length;
  }
  console.log(`\nmachine: ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, tools: ${TOOLS.filter((tool: Tool) => !missingTools().includes(tool)).map((tool) => tool.name).join(', ')}`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exit(counts.failed === 0 ? 0 : 1);
}
