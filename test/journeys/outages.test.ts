// What a bad night looks like, all-in-one: the database killed, the media host killed, the whole product killed. Nothing is lost, nothing is doubled.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandOf, descendants, overviewOf, Screen, sleep, startProduct, until, type Product } from '../support/product.ts';
import { VIDEOS } from '../support/rtspServer.ts';
import { streetCalibration, streetSite, streetZone } from '../support/street.ts';
import { sharedData } from '../support/tools.ts';

const whyNot = sharedData('video') === null ? 'the videos of ../shared/data/video are not here' : null;
const LIMITS = { noticePeoplePerM2: 0.001, warningPeoplePerM2: 0.002, dangerPeoplePerM2: 3, criticalPeoplePerM2: 4 };

describe.skipIf(whyNot !== null)(`outages${whyNot === null ? '' : ` (not run: ${whyNot})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'crowdlight-outage-'));
  let product: Product, screen: Screen, sensorId: string, zoneId: string;

  beforeAll(async () => {
    product = await startProduct({ folder });
    const siteId = (await product.send('POST', '/api/sites', streetSite)).body.site.siteId;
    sensorId = (await product.send('POST', `/api/sites/${siteId}/sensors`, { name: 'Street', kind: 'file', settings: { path: VIDEOS.vtest } })).body.sensorId;
    await product.send('PUT', `/api/sensors/${sensorId}/calibration`, streetCalibration);
    zoneId = (await product.send('POST', `/api/sites/${siteId}/zones`, streetZone(LIMITS))).body.zoneId;
    screen = new Screen(product.address);
    await screen.connect();
    await until('an alarm', () => screen.alarmStates().includes('raised') || overviewOf(product).then(({ alarms }) => alarms.length > 0), 40_000);
  }, 180_000);
  afterAll(async () => { await product?.stop(); rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }); });

  test('JO10 PostgreSQL killed: nobody judges meanwhile, then it goes on; the alarm is still there, once', async () => {
    const postmaster = descendants(product.pid).find((pid) => /postgres.* -D/.test(commandOf(pid)));
    expect(postmaster).toBeDefined();
    process.kill(postmaster!, 'SIGKILL');
    const killedAtMs = Date.now();
    await until('it is judged again', () => screen.judgedAtMs > killedAtMs + 1000, 40_000);
    await until('readings go on', () => (screen.readings.get(sensorId)?.heardAtMs ?? 0) > killedAtMs, 20_000);
    const { alarms } = await until('the overview answers', () => overviewOf(product), 20_000);
    expect(alarms.filter((alarm) => alarm.rule === 'densityHigh' && alarm.state !== 'closed')).toHaveLength(1);
    expect(screen.health).toEqual([]);
  }, 120_000);

  test('JO11 a media host killed: its camera is back within seconds, nothing else notices', async () => {
    const host = descendants(product.pid).find((pid) => /mediaHost/.test(commandOf(pid)));
    expect(host).toBeDefined();
    const before = screen.readings.get(sensorId)!;
    process.kill(host!, 'SIGKILL');
    const killedAtMs = Date.now();
    await until('readings go on', () => (screen.readings.get(sensorId)?.heardAtMs ?? 0) > killedAtMs + 200, 10_000, 20);
    console.log(`camera back ${Date.now() - killedAtMs} ms after its media host was killed`);
    expect(screen.readings.get(sensorId)!.seq === before.seq).toBe(false);
    expect(screen.judgedAtMs).toBeGreaterThan(killedAtMs - 2500);
  }, 60_000);

  test('JO12 the whole product killed -9 and started again: its children are gone, its data are there, a screen resumes without a gap', async () => {
    const open = (await overviewOf(product)).alarms.find((alarm) => alarm.rule === 'densityHigh' && alarm.state !== 'closed')!;
    const lastSeq = screen.events.at(-1)?.seq ?? (await overviewOf(product)).lastSeq;
    screen.disconnect();
    const below = descendants(product.pid);
    process.kill(product.pid, 'SIGKILL');
    await sleep(1500);
    product = await startProduct({ folder });
    const left = below.filter((pid) => commandOf(pid) !== '' && !/postgres/.test(commandOf(pid)));
    expect(left.map(commandOf)).toEqual([]);
    const overview = await overviewOf(product);
    expect(overview.sites.map(({ site }) => site.name)).toContain('Campus street');
    expect(overview.alarms.map((alarm) => alarm.alarmId)).toContain(open.alarmId);
    expect(overview.lastSeq).toBeGreaterThanOrEqual(lastSeq);
    const again = new Screen(product.address);
    await again.connect();
    await until('the camera counts again', () => again.readings.has(sensorId), 30_000);
    await until('the zone is judged again', () => again.zones.get(zoneId)?.sight === 'seen', 20_000);
    again.disconnect();
    const open2 = (await overviewOf(product)).alarms.filter((alarm) => alarm.rule === 'densityHigh' && alarm.state !== 'closed');
    expect(open2.map((alarm) => alarm.alarmId)).toEqual([open.alarmId]);
  }, 180_000);

  test('JO13 stopped, it leaves no child within five seconds', async () => {
    const below = descendants(product.pid);
    const { code, tookMs } = await product.stop();
    console.log(`stopped in ${tookMs} ms`);
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(5000);
    expect(below.filter((pid) => commandOf(pid) !== '').map(commandOf)).toEqual([]);
  }, 30_000);
});
