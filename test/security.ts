// npm run security: the matrix of access, the fuzzers, what every answer carries, the search for secrets, and the dependencies; one line of JSON for each figure, and an exit code that is 0 only when all is well.
// `npm run security -- --for 60 --seed 7`: each fuzzer gets 60 s (usually 40), and the chance of another run.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const option = (name: string): string | undefined => { const at = process.argv.indexOf(name); return at < 0 ? undefined : process.argv[at + 1]; };
const forS = Number(option('--for') ?? 40), seed = Number(option('--seed') ?? Date.now() % 1_000_000);
const WITHIN_MS = 20 * 60_000;

const PARTS = [
  { name: 'matrix of access', files: ['test/server/access.test.ts'] },
  { name: 'hostile input', files: ['test/server/hostile.test.ts', 'test/ingest/hostileCamera.test.ts', 'test/config/network.test.ts', 'test/server/guard.test.ts'] },
  { name: 'secrets', files: ['test/store/secrets.test.ts', 'test/start/secretSearch.test.ts'] },
];

const figures: Record<string, number> = {};
const wrong: string[] = [];
const say = (figure: Record<string, unknown>) => { process.stdout.write(`${JSON.stringify(figure)}\n`); };

say({ securitySeed: seed, fuzzForS: forS });
for (const part of PARTS) {
  const { code, lines } = await vitest(part.files);
  for (const line of lines) for (const [name, value] of Object.entries(line)) if (typeof value === 'number' && /^(matrix|fuzzInputs|fuzzCrashes|secrets|hostDeaths|pictures)/.test(name) && !name.includes('Ms')) figures[name] = (figures[name] ?? 0) + value;
  if (code !== 0) wrong.push(`${part.name}: tests failed (exit ${code})`);
}
for (const name of ['matrixCells', 'matrixHoles', 'fuzzInputs', 'fuzzCrashes', 'secretsPlanted', 'secretsLeaked']) {
  // A figure that nobody gave is no zero.
  if (figures[name] === undefined) wrong.push(`${name} was not measured`);
  say({ [name]: figures[name] ?? null });
}
for (const name of ['matrixHoles', 'fuzzCrashes', 'secretsLeaked']) if ((figures[name] ?? 0) > 0) wrong.push(`${name}: ${figures[name]}`);
if (figures['hostDeaths'] !== undefined) say({ mediaHostDeaths: figures['hostDeaths'] });
dependencies();
say({ wrong });
process.exit(wrong.length === 0 ? 0 : 1);

function vitest(files: string[]): Promise<{ code: number | null; lines: Record<string, unknown>[] }> {
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--maxWorkers=1', ...files], { cwd: root, env: { ...process.env, FUZZ_SEED: String(seed), FUZZ_FOR_S: String(forS), NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const overdue = setTimeout(() => child.kill('SIGKILL'), WITHIN_MS);
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => { output += data.toString('utf8'); process.stderr.write(data); });
  return new Promise((done) => child.on('close', (code) => {
    clearTimeout(overdue);
    done({ code, lines: output.split('\n').flatMap((line) => { if (!line.startsWith('{"')) return []; try { return [JSON.parse(line) as Record<string, unknown>]; } catch { return []; } }) });
  }));
}

/** What the registry knows against the versions of the lock file, where it can be asked; and always that each of them is pinned by its content and may run no script at its installation that is not listed. */
function dependencies(): void {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version?: string; resolved?: string; integrity?: string; hasInstallScript?: boolean; link?: boolean }> };
  const { allowScripts = {}, dependencies: direct, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { allowScripts?: Record<string, boolean>; dependencies: Record<string, string>; devDependencies: Record<string, string> };
  const packages = Object.entries(lock.packages).filter(([path, one]) => path !== '' && one.link !== true);
  const unpinned = packages.filter(([, one]) => !one.integrity?.startsWith('sha512-')).map(([path]) => path), loose = Object.entries({ ...direct, ...devDependencies }).filter(([, version]) => !/^\d/.test(version)).map(([name]) => name);
  const scripted = packages.filter(([, one]) => one.hasInstallScript).map(([path]) => path.replace(/^.*node_modules\//, '')).filter((name) => allowScripts[name] === undefined);
  say({ packages: packages.length, packagesNotPinned: unpinned.length, versionsLoose: loose.length, installScriptsNotListed: [...new Set(scripted)] });
  if (unpinned.length > 0) wrong.push(`not pinned by content: ${unpinned.slice(0, 5).join(', ')}`);
  if (loose.length > 0) wrong.push(`not one version: ${loose.join(', ')}`);
  const asked = spawnSync('npm', ['audit', '--json', '--omit=dev'], { cwd: root, encoding: 'utf8', timeout: 60_000 });
  try {
    const { metadata } = JSON.parse(asked.stdout) as { metadata?: { vulnerabilities?: Record<string, number> } };
    const { high = 0, critical = 0, moderate = 0, low = 0 } = metadata!.vulnerabilities!;
    say({ dependencyAudit: { critical, high, moderate, low } });
    if (high + critical > 0) wrong.push(`dependencies: ${critical} critical and ${high} high`);
  } catch {
    // Said, never taken for "none": the registry that is set here may not answer such questions.
    say({ dependencyAudit: null, why: (/"message": "([^"]{1,200})/.exec(asked.stdout)?.[1] ?? asked.error?.message ?? 'npm audit gave no answer').slice(0, 200) });
  }
}
