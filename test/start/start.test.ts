// The start and the stop as their user sees them: real processes, real signals, nothing left behind.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { siteBody } from '../server/serverForTest.ts';
import { descendants, overviewOf, root, startProduct, until, type Product } from '../support/product.ts';

const folders: string[] = [];
const products: Product[] = [];
const folder = () => { const made = mkdtempSync(join(tmpdir(), 'crowdlight-start-')); folders.push(made); return made; };
async function started(options: Parameters<typeof startProduct>[0] = {}): Promise<Product> { const product = await startProduct(options); products.push(product); return product; }
afterEach(async () => {
  for (const product of products.splice(0)) await product.stop('SIGKILL');
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** Runs it to its end; for starts that must not succeed. */
function ended(args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; said: string }> {
  const { REDIS_URL: _redis, DATABASE_URL: _database, ...rest } = process.env;
  const child = spawn(process.execPath, ['worker/main.ts', ...args], { cwd: root, env: { ...rest, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => { said += data.toString(); });
  const limit = setTimeout(() => child.kill('SIGKILL'), 45_000);
  return new Promise((resolve) => child.on('exit', (code) => { clearTimeout(limit); resolve({ code, said }); }));
}
const isAlive = (pid: number) => { try { process.kill(pid, 0); return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '); } catch { return false; } };
/** Pages that several processes share (PostgreSQL's buffers, Node's code) are counted once. */
const memoryMB = (pids: number[]) => pids.reduce((sum, pid) => { try { return sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1000; } catch { return sum; } }, 0);

describe('start', () => {
  test('ST1 says each step, is ready, keeps its data, stops in order under 5 s and leaves no child; the second start finds the data', async () => {
    const data = folder();
    const first = await started({ folder: data });
    for (const step of ['database', 'store', 'decider', 'ingest', 'server', 'ready after']) expect(first.output()).toContain(step);
    const made = await first.send('POST', '/api/sites', siteBody({ name: 'Kept' }));
    expect(made.status).toBe(201);
    const children = first.children();
    expect(children.length).toBeGreaterThan(0);
    expect(memoryMB([first.pid, ...children])).toBeLessThan(350);
    const { code, tookMs } = await first.stop('SIGINT');
    expect([code, tookMs < 5000]).toEqual([0, true]);
    expect(children.filter(isAlive)).toEqual([]);

    const second = await started({ folder: data });
    expect((await overviewOf(second)).sites.map(({ site }) => site.name)).toEqual(['Kept']);
    const grandchildren = second.children();
    expect((await second.stop('SIGTERM')).code).toBe(0);
    expect(grandchildren.filter(isAlive)).toEqual([]);
  }, 120_000);

  test('ST2 serves the page, on this machine only', async () => {
    const product = await started();
    const page = await fetch(product.address);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toMatch(/<script type="module"[^>]* src="\/assets\/[^"]+\.js"/);
    const port = new URL(product.address).port;
    const listening = readFileSync('/proc/net/tcp', 'utf8').split('\n').map((line) => line.trim().split(/\s+/)).filter((fields) => fields[3] === '0A' && Number.parseInt(fields[1]?.split(':')[1] ?? '', 16) === Number(port));
    expect(listening.map((fields) => fields[1]!.split(':')[0])).toEqual(['0100007F']);
    const health = await ended(['--health', '--port', port]);
    expect([health.code, health.said]).toEqual([0, expect.stringContaining('"well":true')]);
    await product.stop();
    expect((await ended(['--health', '--port', port])).code).toBe(1);
  }, 90_000);

  test('ST3 a second start on the same folder is refused in words; after a kill -9 the folder is free again and no database is left', async () => {
    const data = folder();
    const first = await started({ folder: data });
    const refused = await ended(['--port', '0', '--data', data, '--no-demo']);
    expect([refused.code, refused.said]).toEqual([1, expect.stringContaining(`Another Crowdlight runs on this data folder (process ${first.pid})`)]);
    expect(refused.said).toContain('另一个 Crowdlight');
    const orphans = first.children();
    process.kill(first.pid, 'SIGKILL');
    await until('killed', () => !isAlive(first.pid));
    const second = await started({ folder: data });
    await second.stop();
    await until('nothing is left of the first', () => orphans.filter(isAlive).length === 0);
  }, 120_000);

  test('ST4 a port in use is named, and everything that was started is stopped again', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const data = folder();
    const { code, said } = await ended(['--port', String(port), '--data', data, '--no-demo']);
    expect([code, said]).toEqual([1, expect.stringContaining(`already listens on 127.0.0.1:${port}`)]);
    expect(said).not.toMatch(/\.ts:\d+/);
    taken.close();
    await until('no database is left', () => !existsSync(join(data, 'postgres', 'cluster', 'postmaster.pid')));
  }, 60_000);

  test.each([
    [['--prot', '80'], {}, 'Did you mean --port?'], [[], { CROWDLIGHT_COUNTS_PER_SEC: '2' }, 'Did you mean CROWDLIGHT_COUNTS_PER_S?'], [['--port', 'x'], {}, 'is not a number'],
    [['--role', 'decide'], {}, 'REDIS_URL'], [['--video', 'nowhere.mp4', '--no-demo', '--port', '0'], {}, 'There is no such file'], [['--camera', 'http://cam/1', '--no-demo', '--port', '0'], {}, 'does not begin with rtsp'],
  ])('ST5 %j %j is refused in one sentence, in both languages', async (args, env, words) => {
    const { code, said } = await ended(['--data', folder(), ...args], env as Record<string, string>);
    expect([code, said]).toEqual([1, expect.stringContaining(words)]);
    expect(said).toMatch(/[一-鿿]/);
    expect(said).not.toMatch(/\.ts:\d+/);
  }, 60_000);

  test('ST5 a data folder that cannot be one is named', async () => {
    const file = join(folder(), 'a file');
    writeFileSync(file, '');
    expect(await ended(['--data', join(file, 'data'), '--no-demo'])).toEqual({ code: 1, said: expect.stringContaining(`${file}/data cannot be used (ENOTDIR)`) });
  });

  test('ST6 --settings prints what is in force without secrets, --help what there is; neither starts anything', async () => {
    const data = join(folder(), 'untouched');
    const settings = await ended(['--settings', '--data', data, '--camera', 'rtsp://u:marker@cam/1'], { DATABASE_URL: 'postgres://u:marker@db/x' });
    expect(settings.code).toBe(0);
    expect(JSON.parse(settings.said)).toMatchObject({ dataFolder: data, cameras: ['rtsp://cam/1'] });
    expect(settings.said).not.toContain('marker');
    expect((await ended(['--help'])).said).toContain('--camera');
    expect(existsSync(data)).toBe(false);
  }, 30_000);

  test('ST7 a video on the command line becomes a sensor of "My site", once, and there is no demo', async () => {
    const data = folder(), video = join(folder(), 'north gate.mp4');
    writeFileSync(video, 'no video at all');
    for (let round = 0; round < 2; round++) {
      const product = await started({ folder: data, args: ['--video', video] });
      const { sites } = await overviewOf(product);
      expect(sites.map(({ site, sensors }) => [site.siteId, sensors.map(({ name, kind }) => [name, kind])])).toEqual([['my-site', [['north gate.mp4', 'file']]]]);
      await until('its problem is told', async () => (await overviewOf(product)).sensors[0]?.problem?.code === 'notAVideo', 20_000);
      expect((await product.stop()).code).toBe(0);
    }
  }, 120_000);

  test('ST8 the demo is there when nothing is configured, says that its video is being made, and goes when --no-demo says so', async () => {
    const data = folder();
    const first = await started({ folder: data, args: [] });
    const { sites } = await overviewOf(first);
    expect(sites.map(({ site }) => [site.siteId, site.demo])).toEqual([['demo-plaza', true]]);
    await until('the camera says that it waits, or shows already', async () => ['waiting', 'counting', 'connecting', 'starting'].includes((await overviewOf(first)).sensors[0]?.phase ?? ''), 60_000);
    const children = first.children();
    const { code, tookMs } = await first.stop();
    expect([code, tookMs < 5000]).toEqual([0, true]);
    await until('no renderer is left', () => children.filter(isAlive).length === 0);
    const second = await started({ folder: data, args: ['--no-demo'] });
    expect((await overviewOf(second)).sites).toEqual([]);
    await second.stop();
  }, 150_000);

  test('ST9 a fault inside ends it in order with code 1', async () => {
    const product = await started({ env: { NODE_OPTIONS: `--import=data:text/javascript,process.on('SIGUSR2',()=>{setTimeout(()=>{throw(new(Error)('planted'))})})` } });
    const children = product.children();
    process.kill(product.pid, 'SIGUSR2');
    expect((await product.stop('SIGCONT')).code).toBe(1);
    expect(product.output()).toContain('planted');
    expect(children.filter(isAlive)).toEqual([]);
    expect(descendants(product.pid)).toEqual([]);
  }, 60_000);
});
