// Channels over HTTP: set up without a key ever coming back, tried out by whoever delivers, dead letters, web push of a browser, CAP as a feed. Rules CS of docs/SPEC.md.
import { afterEach, describe, expect, test } from 'vitest';
import { Channels, DeadNotices } from '../../contract/apiIncidents.ts';
import { checker } from '../../contract/schema.ts';
import { runDeliver } from '../../worker/deliver.ts';
import { httpReceiver } from '../channels/counterparts.ts';
import { quietLog, serverForTest, until, type ServerForTest } from './serverForTest.ts';

let server: ServerForTest | null = null;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); await server?.close(); server = null; });
const SECRET = 'mark-of-a-secret-0123456789';
async function started({ delivers = true } = {}) {
  server = await serverForTest();
  if (delivers) {
    const deliver = await runDeliver({ store: server.store, bus: server.bus, log: quietLog, holder: 'test', settings: { publicAddress: 'https://crowd.example', channelNetworks: ['loopback'] } });
    closers.push(() => deliver.close());
  }
  return server;
}
async function receiverOf() {
  const receiver = await httpReceiver();
  closers.push(receiver.close);
  return receiver;
}
const checkChannels = checker(Channels), checkDead = checker(DeadNotices);
const admin = { memberId: null, name: 'Admin', duty: 'dutyOfficer' as const, unitId: null };
const gridOf = async ({ store }: ServerForTest) => (await store.addUnit({ level: 'grid', code: 'G-7', names: { en: 'G', zh: '格' }, parentId: null, shape: [{ outer: [{ lng: 121, lat: 31 }, { lng: 122, lat: 31 }, { lng: 122, lat: 32 }], holes: [] }], by: admin })).unit;

describe('channels over HTTP', () => {
  test('CS1 is made, changed and removed; keys come in and never go out, and are asked for again when the address changes', async () => {
    const { send } = await started({ delivers: false });
    const first = await send('GET', '/api/channels');
    expect(checkChannels(first.body)).toMatchObject({ ok: true });
    expect(first.body.channels).toMatchObject([{ channelId: 'inApp', enabled: true }]);
    expect(first.body.kinds.length).toBe(10);
    const made = await send('POST', '/api/channels', { kind: 'webhook', name: 'Gateway', settings: { url: 'https://gateway.example/in', secret: SECRET } });
    expect([made.status, made.body]).toMatchObject([201, { kind: 'webhook', name: 'Gateway', enabled: true, perMinuteMost: 60, subscriptions: [], settingsShown: { url: 'https://gateway.example/in' } }]);
    const { channelId } = made.body;
    expect((await send('PUT', `/api/channels/${channelId}`, { name: 'Other', perMinuteMost: 5, settings: {} })).body).toMatchObject({ name: 'Other', perMinuteMost: 5, settingsShown: { url: 'https://gateway.example/in' } });
    expect((await server!.store.channelSettings(channelId))!.settings).toEqual({ url: 'https://gateway.example/in', secret: SECRET });
    // Or the key of the old place could be had by pointing the channel at one's own.
    const moved = await send('PUT', `/api/channels/${channelId}`, { settings: { url: 'https://thief.example/' } });
    expect([moved.status, moved.body.code, moved.body.values.reason]).toEqual([400, 'inputWrong', 'the address changes, so the keys must be entered again: secret']);
    expect((await send('PUT', `/api/channels/${channelId}`, { settings: { url: 'https://new.example/', secret: 'another-secret-of-16' } })).status).toBe(200);
    const everything = JSON.stringify([(await send('GET', '/api/channels')).body, made.body, moved.body]);
    expect(everything).not.toContain('mark-of-a-secret');
    expect(everything).not.toContain('another-secret');
    expect((await send('DELETE', `/api/channels/${channelId}`)).status).toBe(204);
    expect((await send('DELETE', `/api/channels/${channelId}`)).body).toMatchObject({ code: 'notFound' });
    expect((await send('GET', '/api/channels')).body.channels.length).toBe(1);
  });

  test('CS2 what does not fit is refused by name, without repeating what was sent', async () => {
    const { send } = await started({ delivers: false });
    const wrongs: [unknown, string][] = [
      [{ kind: 'pigeon', name: 'x', settings: {} }, 'channelKindUnknown'], [{ kind: 'inApp', name: 'x', settings: {} }, 'inputWrong'], [{ kind: 'webhook', name: '', settings: { url: 'https://a.example/', secret: SECRET } }, 'inputWrong'],
      [{ kind: 'webhook', name: 'x', settings: { url: 'file:///etc/passwd', secret: SECRET } }, 'inputWrong'], [{ kind: 'webhook', name: 'x', settings: { url: 'https://a.example/', secret: SECRET, more: 1 } }, 'inputWrong'],
      [{ kind: 'smsHttp', name: 'x', settings: { url: 'https://a.example/', headerName: 'Host', headerValue: SECRET } }, 'inputWrong'], [{ kind: 'mail', name: 'x', settings: { host: 'mail.example', from: 'a@b.example', password: SECRET } }, 'inputWrong'],
      [{ kind: 'webhook', name: 'x', settings: { url: 'https://a.example/', secret: SECRET }, perMinuteMost: 0 }, 'inputWrong'], [{ kind: 'webhook', name: 'x', settings: { url: 'https://a.example/', secret: SECRET }, subscriptions: [{ unitId: null, severityLeast: 'huge', categories: [] }] }, 'inputWrong'],
    ];
    for (const [body, code] of wrongs) {
      const answer = await send('POST', '/api/channels', body);
      expect([body, answer.body.code]).toEqual([body, code]);
      expect(JSON.stringify(answer.body)).not.toContain('mark-of-a-secret');
    }
    expect((await send('PUT', '/api/channels/inApp', { enabled: false })).body).toMatchObject({ code: 'inputWrong' });
    expect((await send('DELETE', '/api/channels/inApp')).body).toMatchObject({ code: 'inputWrong' });
    expect((await send('PUT', '/api/channels/none', { name: 'x' })).body).toMatchObject({ code: 'notFound' });
    expect((await send('POST', '/api/channels/none/test', { address: null, language: 'en' })).body).toMatchObject({ code: 'notFound' });
    expect((await send('POST', '/api/notices/none/again')).body).toMatchObject({ code: 'notFound' });
  });

  test('CS3 the test button goes by whoever delivers and says what came of it; without one it says that, too', { timeout: 30_000 }, async () => {
    const { send, store } = await started();
    const receiver = await receiverOf();
    const { channelId } = (await send('POST', '/api/channels', { kind: 'webhook', name: 'Gateway', settings: { url: receiver.url, secret: SECRET } })).body;
    const sent = await send('POST', `/api/channels/${channelId}/test`, { address: 'Li', language: 'zh' });
    expect([sent.status, sent.body]).toMatchObject([200, { channelId, outcome: 'sent', detail: 'answered 200' }]);
    expect(JSON.parse(receiver.heard[0]!.body)).toMatchObject({ kind: 'test', title: '渠道测试', address: 'Li', exercise: false });
    receiver.become('refuses');
    const refused = await send('POST', `/api/channels/${channelId}/test`, { address: null, language: 'en' });
    expect(refused.body).toMatchObject({ outcome: 'refused' });
    expect(JSON.stringify(refused.body)).not.toContain('mark-of-a-secret');
    receiver.become('takes');
    const grid = await gridOf(server!), li = await store.addMember(grid.unitId, { name: 'Li', duty: 'fieldWorker', language: 'zh', contacts: [{ channelId, address: 'Li' }, { channelId: 'inApp', address: '' }, { channelId: 'gone', address: '' }] });
    const each = await send('POST', `/api/members/${li.memberId}/test`);
    expect(each.body).toMatchObject([{ channelId, outcome: 'sent' }, { channelId: 'inApp', outcome: 'sent' }, { channelId: 'gone', outcome: 'refused' }]);
    for (const close of closers.splice(1)) await close();
    await closers.pop()!();
    expect((await send('POST', `/api/channels/${channelId}/test`, { address: null, language: 'en' })).body).toMatchObject({ code: 'nobodyDelivers' });
  });

  test('CS4 an in-app notice reaches every screen once, in both languages, and a screen that comes within a minute', async () => {
    const { store, screen } = await started();
    const here = await screen();
    await store.addNotices([{ noticeId: 'i1.2.info.all', kind: 'info', incidentId: null, memberId: null, channelId: 'inApp', actionId: null, exercise: true, atMs: Date.now(), state: 'waiting' }]);
    const heard = await until('the notice', () => here.of('notice')[0]);
    expect(heard.notice).toMatchObject({ noticeId: 'i1.2.info.all', kind: 'info', exercise: true });
    expect([heard.notice.words.en.title.slice(0, 8), heard.notice.words.zh.title.slice(0, 4)]).toEqual(['EXERCISE', '【演练】']);
    const later = await screen();
    await until('the late one', () => later.of('notice')[0]);
    expect([here.misfits, later.misfits, here.of('notice').length]).toEqual([[], [], 1]);
  });

  test('CS5 dead letters are listed with their tries and sent again', { timeout: 30_000 }, async () => {
    const { send, store } = await started();
    const receiver = await receiverOf();
    receiver.become('refuses');
    const { channelId } = (await send('POST', '/api/channels', { kind: 'webhook', name: 'Gateway', settings: { url: receiver.url, secret: SECRET } })).body;
    await store.addNotices([{ noticeId: 'n.1.info.x', kind: 'info', incidentId: null, memberId: null, channelId, actionId: null, exercise: false, atMs: Date.now(), state: 'waiting' }]);
    const dead = await until('dead', async () => { const { body } = await send('GET', '/api/notices/dead'); return body.dead.length > 0 ? body : null; });
    expect(checkDead(dead)).toMatchObject({ ok: true });
    expect(dead.dead[0]).toMatchObject({ notice: { noticeId: 'n.1.info.x', state: 'dead' }, deliveries: [{ channelId, attempt: 1, outcome: 'refused' }] });
    receiver.become('takes');
    expect((await send('POST', '/api/notices/n.1.info.x/again')).status).toBe(204);
    await until('sent', () => receiver.heard.length === 2);
    await until('not dead', async () => (await send('GET', '/api/notices/dead')).body.dead.length === 0);
  });

  test('CS6 a browser that may show notices becomes the first contact of a person; its key is made once and stays', async () => {
    const { send, store } = await started();
    expect((await send('GET', '/api/push/key')).body).toEqual({ publicKey: null });
    const { channelId } = (await send('POST', '/api/channels', { kind: 'webPush', name: 'Push', settings: { contact: 'mailto:a@b.example' } })).body;
    const { publicKey } = (await send('GET', '/api/push/key')).body;
    expect(publicKey).toMatch(/^B[A-Za-z0-9_-]{86}$/);
    const grid = await gridOf(server!), li = await store.addMember(grid.unitId, { name: 'Li', duty: 'fieldWorker', language: 'zh', contacts: [{ channelId: 'inApp', address: '' }] });
    const subscription = (endpoint: string) => ({ endpoint, keys: { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) } });
    for (const endpoint of ['https://push.example/1', 'https://push.example/1', 'https://push.example/2']) expect((await send('POST', `/api/members/${li.memberId}/push`, subscription(endpoint))).status).toBe(204);
    expect((await store.member(li.memberId))!.contacts.map(({ channelId: of, address }) => [of, address.slice(0, 36)])).toEqual([[channelId, '{"endpoint":"https://push.example/2",'.slice(0, 36)], [channelId, '{"endpoint":"https://push.example/1",'.slice(0, 36)], ['inApp', '']]);
    expect((await send('POST', `/api/members/${li.memberId}/push`, subscription('javascript:alert(1)'))).body).toMatchObject({ code: 'inputWrong' });
    expect((await send('POST', '/api/members/nobody/push', subscription('https://push.example/1'))).body).toMatchObject({ code: 'notFound' });
    const again = await runDeliver({ store, bus: server!.bus, log: quietLog, holder: 'second', settings: { publicAddress: '', channelNetworks: ['loopback'] } });
    closers.push(() => again.close());
    expect((await send('GET', '/api/push/key')).body).toEqual({ publicKey });
    expect(JSON.stringify((await send('GET', '/api/channels')).body)).not.toContain('privateKey');
  });

  test('CS7 alerts of a CAP channel are held ready as a feed, only where that is switched on', async () => {
    const { send, store } = await started({ delivers: false });
    const made = async (settings: Record<string, unknown>) => (await send('POST', '/api/channels', { kind: 'cap', name: 'City & County', settings: { sender: 'crowd@city.example', ...settings } })).body.channelId as string;
    const open = await made({ feed: true }), closed = await made({ url: 'https://cap.example/' });
    for (let at = 1; at <= 205; at++) await store.keepInFeed({ channelId: open, entryId: `i1.${at}.incident.${open}`, atMs: at * 1000, body: `<alert><headline>Fire &#38; smoke ${at}</headline></alert>` }, 200);
    const feed = await send('GET', `/api/cap/${open}`);
    expect([feed.status, feed.headers.get('content-type')]).toEqual([200, 'application/atom+xml; charset=utf-8']);
    expect(feed.body.match(/<entry>/g)!.length).toBe(200);
    expect(feed.body).toContain('<title>City &#38; County</title>');
    expect(feed.body).toContain('<title>Fire &#38; smoke 205</title>');
    const entry = await send('GET', `/api/cap/${open}/i1.205.incident.${open}`);
    expect([entry.headers.get('content-type'), entry.body]).toEqual(['application/cap+xml; charset=utf-8', '<alert><headline>Fire &#38; smoke 205</headline></alert>']);
    for (const path of [`/api/cap/${closed}`, '/api/cap/inApp', '/api/cap/none', `/api/cap/${open}/i1.1.incident.${open}`]) expect([path, (await send('GET', path)).body.code]).toEqual([path, 'notFound']);
  });
});
