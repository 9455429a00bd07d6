// What every kind of channel keeps, tried against real counterparts: rules CH of docs/SPEC.md. A new kind needs a case here, or the first test fails.
import { createECDH, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { OutgoingMessage, ScreenNotice } from '../../contract/notice.ts';
import { checker } from '../../contract/schema.ts';
import { loadChannelKinds, secretKeys, settingsShown, type ChannelKind } from '../../config/kinds.ts';
import { channelNetwork } from '../../config/network.ts';
import { ANSWER_MOST_BYTES } from '../../worker/deliver/post.ts';
import { SEND_MOST_MS, sendBy, type Sent } from '../../worker/deliver/sendBy.ts';
import { quietLog } from '../server/serverForTest.ts';
import { httpReceiver, mailServer, mqttBroker, silentListener, type Heard, type Manner } from './counterparts.ts';
import { messageForTest } from './messages.ts';

const kinds = await loadChannelKinds();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); });

/** A counterpart that is set up, what it heard as people read it, and by what it tells two of the same apart. */
type Case = {
  settings: Record<string, unknown>; address: string | null;
  /** The same with a wrong key; null where there is none. */
  wrong: Record<string, unknown> | null;
  read(): string[]; ids(): string[]; key?: unknown;
};
type Receiver = Awaited<ReturnType<typeof httpReceiver>>;
const MARKER = 'mark-of-a-secret-0123456789';
const WRONG = 'wrong-mark-of-a-secret-0123';

/** Kinds that speak HTTP, with the settings for a receiver: how it fails is tried on each. */
const OVER_HTTP: Record<string, (url: string) => Promise<{ settings: Record<string, unknown>; wrong: Record<string, unknown> | null; address: string | null; key?: unknown; accepts?: (heard: Heard) => string | null; read: (heard: Heard) => string; id: (heard: Heard) => string }>> = {
  webhook: async (url) => ({
    settings: { url, secret: MARKER }, wrong: { url, secret: WRONG }, address: 'Li',
    accepts: ({ headers, body }) => {
      // As docs/CHANNELS.md tells receivers to verify.
      const timestamp = headers['x-crowdlight-timestamp']!, young = Math.abs(Date.now() / 1000 - Number(timestamp)) < 300;
      return young && headers['x-crowdlight-signature'] === `v1=${createHmac('sha256', MARKER).update(`${timestamp}.${body}`).digest('hex')}` ? null : 'signature';
    },
    read: ({ body }) => { const { title, body: text, link } = JSON.parse(body); return `${title}\n${text}\n${link}`; }, id: ({ body }) => JSON.parse(body).messageId,
  }),
  smsHttp: async (url) => ({
    settings: { url, headerName: 'Authorization', headerValue: `Bearer ${MARKER}`, answerHolds: '"ok":true' }, wrong: { url, headerName: 'Authorization', headerValue: `Bearer ${WRONG}`, answerHolds: '"ok":true' }, address: '+86 138 0013 8000',
    accepts: ({ headers, body }) => (headers['authorization'] === `Bearer ${MARKER}` && JSON.parse(body).to === '+8613800138000' ? null : 'key'), read: ({ body }) => JSON.parse(body).text, id: ({ body }) => JSON.parse(body).id,
  }),
  weCom: async (url) => ({
    settings: { url: `${url}?key=${MARKER}` }, wrong: { url: `${url}?key=${WRONG}` }, address: null,
    accepts: ({ url: path }) => (path.endsWith(`key=${MARKER}`) ? null : '{"errcode":93000,"errmsg":"invalid webhook url"}'), read: ({ body }) => { const { msgtype, text } = JSON.parse(body); expect(msgtype).toBe('text'); expect(Buffer.byteLength(text.content)).toBeLessThanOrEqual(2048); return text.content; }, id: ({ body }) => /#(i1\.\S+)$/.exec(JSON.parse(body).text.content)![1]!,
  }),
  dingTalk: async (url) => ({
    settings: { url: `${url}?access_token=${MARKER}`, secret: `SEC${MARKER}` }, wrong: { url: `${url}?access_token=${MARKER}`, secret: `SEC${WRONG}` }, address: null,
    accepts: ({ url: path }) => {
      const query = new URL(path, 'http://localhost').searchParams, timestamp = query.get('timestamp')!;
      return query.get('access_token') === MARKER && Math.abs(Date.now() - Number(timestamp)) < 3600_000 && query.get('sign') === createHmac('sha256', `SEC${MARKER}`).update(`${timestamp}\nSEC${MARKER}`).digest('base64') ? null : '{"errcode":310000,"errmsg":"sign not match"}';
    },
    read: ({ body }) => JSON.parse(body).text.content, id: ({ body }) => /#(i1\.\S+)$/.exec(JSON.parse(body).text.content)![1]!,
  }),
  feishu: async (url) => ({
    settings: { url: `${url}/${MARKER}`, secret: MARKER }, wrong: { url: `${url}/${MARKER}`, secret: WRONG }, address: null,
    accepts: ({ body }) => { const { timestamp, sign } = JSON.parse(body); return Math.abs(Date.now() / 1000 - Number(timestamp)) < 3600 && sign === createHmac('sha256', `${timestamp}\n${MARKER}`).digest('base64') ? null : '{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}'; },
    read: ({ body }) => { const { msg_type, content } = JSON.parse(body); expect(msg_type).toBe('text'); return content.text; }, id: ({ body }) => /#(i1\.\S+)$/.exec(JSON.parse(body).content.text)![1]!,
  }),
  cap: async (url) => ({
    settings: { sender: 'crowd@city.example', url, headerName: 'X-Key', headerValue: MARKER }, wrong: { sender: 'crowd@city.example', url, headerName: 'X-Key', headerValue: WRONG }, address: null,
    accepts: ({ headers }) => (headers['x-key'] === MARKER && headers['content-type']!.startsWith('application/cap+xml') ? null : 'key'),
    read: ({ body }) => { expect(body).toContain('<status>Exercise</status>'); return [...body.matchAll(/<(headline|description|web)>([^<]*)</g)].map((match) => match[2]).join('\n').replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))); }, id: ({ body }) => /<identifier>([^<]*)</.exec(body)![1]!,
  }),
  webPush: async (url) => {
    const browser = createECDH('prime256v1'), auth = randomBytes(16);
    browser.generateKeys();
    const key = await kinds.get('webPush')!.makeKey!() as { publicKey: string; privateKey: string };
    const ece = createRequire(createRequire(import.meta.url).resolve('web-push'))('http_ece') as { decrypt(bytes: Buffer, options: object): Buffer };
    return {
      settings: { contact: 'mailto:crowd@city.example', plainHttp: true }, wrong: null, key, address: JSON.stringify({ endpoint: url, keys: { p256dh: browser.getPublicKey('base64url'), auth: auth.toString('base64url') } }),
      accepts: ({ headers }) => {
        const [, token, shown] = /^vapid t=([^,]+), ?k=(.+)$/i.exec(headers['authorization'] ?? '') ?? [];
        const [head, claims, signature] = token!.split('.'), point = Buffer.from(shown!, 'base64url');
        const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') }, format: 'jwk' });
        const signed = verify('sha256', Buffer.from(`${head}.${claims}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature!, 'base64url'));
        return shown === key.publicKey && signed && JSON.parse(Buffer.from(claims!, 'base64url').toString()).aud === new URL(url).origin && headers['content-encoding'] === 'aes128gcm' ? null : 'vapid';
      },
      read: ({ bytes }) => { const { title, body, link } = JSON.parse(ece.decrypt(bytes, { version: 'aes128gcm', privateKey: browser, authSecret: auth.toString('base64url') }).toString()); return `${title}\n${body}\n${link}`; },
      // A push service keeps one of each topic.
      id: ({ headers }) => headers['topic']!,
    };
  },
};
const okOf = (kind: string) => ({ weCom: '{"errcode":0}', dingTalk: '{"errcode":0}', feishu: '{"code":0}' })[kind] ?? '{"ok":true}';
const screens: ScreenNotice[] = [];

let broker: Awaited<ReturnType<typeof mqttBroker>>;
beforeAll(async () => { broker = await mqttBroker(); });
afterAll(() => broker.close());

async function caseOf(kind: string): Promise<Case> {
  if (kind in OVER_HTTP) {
    const receiver = await receiverFor();
    const { settings, wrong, address, key, accepts, read, id } = await OVER_HTTP[kind]!(receiver.url);
    receiver.become((heard) => { const says = accepts?.(heard) ?? null; return says === null ? { status: kind === 'webPush' ? 201 : 200, body: okOf(kind) } : says.startsWith('{') ? { status: 200, body: says } : { status: 403, body: `${says} ${heard.url} ${JSON.stringify(heard.headers)} ${heard.body}` }; });
    return { settings, wrong, address, key, read: () => receiver.heard.map(read), ids: () => receiver.heard.map(id) };
  }
  switch (kind) {
    case 'inApp': screens.length = 0; return { settings: {}, wrong: null, address: null, read: () => screens.map(({ words, path }) => `${words.zh.title}\n${words.zh.body}\nhttps://crowd.example${path}`), ids: () => screens.map(({ noticeId }) => noticeId) };
    case 'mail': {
      const server = await mailServer({ password: MARKER });
      closers.push(server.close);
      const settings = { host: '127.0.0.1', port: server.port, security: 'startTls', ownCertificate: true, user: server.user, password: MARKER, from: 'crowd@city.example' };
      return { settings, wrong: { ...settings, password: WRONG }, address: 'li@city.example', read: () => server.mails.map(({ raw, secure }) => { expect(secure).toBe(true); return mailText(raw); }), ids: () => server.mails.map(({ raw }) => /^message-id: *(\S+)/im.exec(raw)![1]!) };
    }
    case 'mqtt': {
      broker.heard.length = 0;
      const settings = { url: broker.url, user: broker.user, password: broker.password };
      return { settings, wrong: { ...settings, password: WRONG }, address: null, read: () => broker.heard.map(({ body }) => { const { title, body: text, link } = JSON.parse(body); return `${title}\n${text}\n${link}`; }), ids: () => broker.heard.map(({ body }) => JSON.parse(body).messageId) };
    }
    default: throw new Error(`the kind of channel ${kind} has no case in the conformance suite`);
  }
}
async function receiverFor(manner: Manner = 'takes'): Promise<Receiver> {
  const receiver = await httpReceiver(manner);
  closers.push(receiver.close);
  return receiver;
}
const mailText = (raw: string): string => {
  const [head, ...rest] = raw.split(/\r?\n\r?\n/), body = rest.join('\n\n');
  const subject = /^subject: *((?:.*)(?:\r?\n[ \t].*)*)/im.exec(head!)![1]!.replace(/\r?\n[ \t]/g, '').replace(/\?= *=\?utf-8\?/gi, '?==?UTF-8?').replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, form: string, text: string) => (form.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : quoted(text.replaceAll('_', ' '))).toString('utf8'));
  const text = /content-transfer-encoding: *base64/i.test(raw) ? Buffer.from(body, 'base64') : quoted(body.replace(/=\r?\n/g, ''));
  return `${subject}\n${text.toString('utf8')}`;
};
const quoted = (text: string): Buffer => Buffer.from(text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))), 'latin1');

const send = (kind: ChannelKind, settings: Record<string, unknown>, message: OutgoingMessage, key: unknown = null): Promise<Sent> => sendBy(kind, message, {
  channelId: 'c1', settings, signal: new AbortController().signal, publicAddress: 'https://crowd.example', key, network: channelNetwork(['loopback', 'public', 'private']),
  toScreens: async (notice) => { screens.push(notice); }, toFeed: async () => {},
}, quietLog);

describe('every kind of channel', () => {
  test('CH1 has settings that say what they are in both languages, refuses those that do not fit, and shows no secret', () => {
    for (const kind of kinds.values()) {
      const check = checker(kind.settings), fits = (settings: unknown) => { const checked = check(settings); return checked.ok && (kind.fault?.(checked.value) ?? null) === null; };
      for (const settings of kind.examples.fits) expect([kind.kind, settings, fits(settings)]).toEqual([kind.kind, settings, true]);
      for (const settings of kind.examples.refused) expect([kind.kind, settings, fits(settings)]).toEqual([kind.kind, settings, false]);
      for (const [name, property] of Object.entries((kind.settings as unknown as { properties: Record<string, { title?: string; zh?: string; description?: string; descriptionZh?: string }> }).properties)) {
        expect([kind.kind, name, typeof property.title, typeof property.zh, typeof property.description, typeof property.descriptionZh]).toEqual([kind.kind, name, 'string', 'string', typeof property.descriptionZh, typeof property.description]);
        if (/password|secret|key|token|value$/i.test(name)) expect([kind.kind, name, secretKeys(kind.settings).includes(name)]).toEqual([kind.kind, name, true]);
      }
      for (const settings of kind.examples.fits) expect(Object.keys(settingsShown(kind.settings, settings)).filter((key) => secretKeys(kind.settings).includes(key))).toEqual([]);
      for (const address of kind.examples.addresses.fits) expect([kind.kind, address, new RegExp(kind.address!.pattern, 'u').test(address)]).toEqual([kind.kind, address, true]);
      for (const address of kind.examples.addresses.refused) expect([kind.kind, address, new RegExp(kind.address!.pattern, 'u').test(address)]).toEqual([kind.kind, address, false]);
    }
    expect(kinds.size).toBe(10);
  });

  for (const [name, kind] of kinds) {
    test(`CH2 ${name}: what is sent arrives with its words, its link and EXERCISE first, and the same twice can be told`, async () => {
      const { settings, address, read, ids, key } = await caseOf(name);
      const message = messageForTest({ address });
      expect(await send(kind, settings, message, key)).toMatchObject({ outcome: 'sent' });
      expect(await send(kind, settings, message, key)).toMatchObject({ outcome: 'sent' });
      await expect.poll(() => read().length).toBe(2);
      const [text, again] = read();
      expect(again).toBe(text);
      expect(text!.startsWith('【演练】') || text!.startsWith('EXERCISE'), text).toBe(true);
      expect(text).toContain('请前往:广场 东门(拥挤,特别严重)');
      expect(text).toContain('"拥挤" <1> & 2 😀');
      expect(text).toContain('https://crowd.example/#/duty/i1');
      expect(new Set(ids()).size).toBe(1);
      expect(await send(kind, settings, messageForTest({ address, messageId: 'i1.4.asked.m1' }), key)).toMatchObject({ outcome: 'sent' });
      await expect.poll(() => new Set(ids()).size).toBe(2);
    });
    test(`CH6 ${name}: a wrong key is refused and neither it nor the right one is ever said`, async () => {
      const { settings, wrong, address, key } = await caseOf(name);
      if (wrong === null) { expect(secretKeys(kind.settings)).toEqual([]); return; }
      const refused = await send(kind, wrong, messageForTest({ address }), key);
      expect(refused).toMatchObject({ outcome: 'refused' });
      expect(refused.detail.length).toBeGreaterThan(5);
      expect(JSON.stringify(refused)).not.toContain('mark-of-a-secret');
      for (const secret of secretKeys(kind.settings).flatMap((one) => (typeof wrong[one] === 'string' ? [wrong[one] as string, settings[one] as string] : []))) expect(JSON.stringify(refused)).not.toContain(secret);
    });
  }

  test('CH1 a person without an address here, or with one that is none, is refused before anything is sent', async () => {
    for (const kind of kinds.values()) {
      if (kind.address === null || kind.address.optional) continue;
      const { settings, key } = await caseOf(kind.kind);
      expect([kind.kind, await send(kind, settings, messageForTest({ memberId: 'm1', address: null }), key)]).toMatchObject([kind.kind, { outcome: 'refused', detail: 'there is no address of this person' }]);
      for (const address of kind.examples.addresses.refused.slice(0, 3)) expect([kind.kind, await send(kind, settings, messageForTest({ memberId: 'm1', address }), key)]).toMatchObject([kind.kind, { outcome: 'refused' }]);
    }
  });
});

describe('a counterpart that fails', () => {
  const FAILS: [Manner, Partial<Sent>][] = [['breaks', { outcome: 'retry' }], ['busy', { outcome: 'retry', retryAfterMs: 7000 }], ['refuses', { outcome: 'refused' }], ['pointsElsewhere', { outcome: 'refused' }], ['closesMidAnswer', { outcome: 'retry' }]];
  for (const name of Object.keys(OVER_HTTP)) {
    test(`CH5 ${name}: an answer that is broken, busy, a refusal, a redirect or cut off is what it is, and no redirect is followed`, async () => {
      const receiver = await receiverFor(), { settings, address, key } = await OVER_HTTP[name]!(receiver.url), kind = kinds.get(name)!;
      for (const [manner, expected] of FAILS) {
        receiver.become(manner);
        const result = await send(kind, settings, messageForTest({ address }), key);
        expect([name, manner, result]).toMatchObject([name, manner, expected]);
        expect(JSON.stringify(result)).not.toContain('mark-of-a-secret');
      }
      expect(receiver.state.followed).toBe(0);
      await receiver.close();
      expect(await send(kind, settings, messageForTest({ address }), key)).toMatchObject({ outcome: 'retry', detail: 'nothing listens there' });
    });
    test(`CH4 ${name}: a counterpart that hangs, drips or floods ends within the bound and fills no memory`, async () => {
      const kind = kinds.get(name)!;
      await Promise.all((['hangs', 'drips'] as const).map(async (manner) => {
        const receiver = await receiverFor(manner), { settings, address, key } = await OVER_HTTP[name]!(receiver.url);
        const result = await send(kind, settings, messageForTest({ address }), key);
        expect([manner, result]).toMatchObject([manner, { outcome: 'retry' }]);
        expect(result.tookMs).toBeLessThan(SEND_MOST_MS + 300);
      }));
      const receiver = await receiverFor('floods'), { settings, address, key } = await OVER_HTTP[name]!(receiver.url);
      const result = await send(kind, settings, messageForTest({ address }), key);
      expect(['sent', 'refused']).toContain(result.outcome);
      // What lies in the buffers of both sockets comes on top.
      expect(receiver.state.bytesSent).toBeLessThan(ANSWER_MOST_BYTES + 16 * 1024 * 1024);
      expect(result.detail.length).toBeLessThanOrEqual(500);
    });
  }

  for (const name of ['mail', 'mqtt']) {
    test(`CH4 ${name}: a counterpart that takes the line and says nothing ends within the bound, one that is gone is tried again`, async () => {
      const silent = await silentListener(), kind = kinds.get(name)!;
      closers.push(silent.close);
      const settingsFor = (port: number) => (name === 'mail' ? { host: '127.0.0.1', port, from: 'a@b.example' } : { url: `mqtt://127.0.0.1:${port}` });
      const result = await send(kind, settingsFor(silent.port), messageForTest({ address: name === 'mail' ? 'li@city.example' : null }));
      expect(result).toMatchObject({ outcome: 'retry' });
      expect(result.tookMs).toBeLessThan(SEND_MOST_MS + 300);
      await silent.close();
      expect(await send(kind, settingsFor(silent.port), messageForTest({ address: name === 'mail' ? 'li@city.example' : null }))).toMatchObject({ outcome: 'retry' });
    });
  }

  test('CH5 mail: try later is tried later, a receiver that is unknown is refused, and nothing goes out without the encryption that was asked for', async () => {
    let refusal: { code: number; words: string } | null = { code: 451, words: `greylisted, was ${MARKER}` };
    const server = await mailServer({ password: MARKER, answer: () => refusal });
    closers.push(server.close);
    const kind = kinds.get('mail')!, settings = { host: '127.0.0.1', port: server.port, ownCertificate: true, user: server.user, password: MARKER, from: 'crowd@city.example' };
    expect(await send(kind, settings, messageForTest({ address: 'li@city.example' }))).toMatchObject({ outcome: 'retry', detail: 'the mail server asks to try later (451)' });
    refusal = { code: 550, words: `no such user ${MARKER}` };
    const refused = await send(kind, settings, messageForTest({ address: 'li@city.example' }));
    expect(refused).toMatchObject({ outcome: 'refused' });
    expect(JSON.stringify(refused)).not.toContain(MARKER);
    refusal = null;
    // Who answers is not proven: its certificate is its own, and that was not allowed.
    expect(await send(kind, { ...settings, ownCertificate: false }, messageForTest({ address: 'li@city.example' }))).not.toMatchObject({ outcome: 'sent' });
    const plain = await mailServer({ tls: false });
    closers.push(plain.close);
    expect(await send(kind, { ...settings, port: plain.port, password: plain.password }, messageForTest({ address: 'li@city.example' }))).toMatchObject({ outcome: 'refused' });
    expect([server.mails.length, plain.mails.length]).toEqual([0, 0]);
    expect(await send(kind, { ...settings, port: plain.port, password: plain.password, security: 'none' }, messageForTest({ address: 'li@city.example' }))).toMatchObject({ outcome: 'sent' });
    expect(plain.mails[0]).toMatchObject({ from: 'crowd@city.example', to: ['li@city.example'], secure: false });
    expect(plain.mails[0]!.raw).toMatch(/^X-Crowdlight-Exercise: yes/im);
  });

  test('CH2 mqtt: quality of service 1, the topic filled in without a level or wildcard of its own, kept by the broker when that is asked for', async () => {
    broker.heard.length = 0;
    const kind = kinds.get('mqtt')!, settings = { url: broker.url, user: broker.user, password: broker.password, topic: 'city/{exercise}/{unit}/{incident}/{address}', retained: true };
    expect(await send(kind, settings, messageForTest({ address: 'li', incident: { ...messageForTest().incident!, unitCode: 'G/7#+' } }))).toMatchObject({ outcome: 'sent' });
    await expect.poll(() => broker.heard.map(({ topic, qos }) => [topic, qos])).toEqual([['city/exercise/G_7__/i1/li', 1]]);
    expect(await broker.kept()).toContain('city/exercise/G_7__/i1/li');
    expect(await send(kind, { ...settings, retained: false, topic: 'plain/{incident}' }, messageForTest())).toMatchObject({ outcome: 'sent' });
    expect(await broker.kept()).not.toContain('plain/i1');
  });

  test('CH2 sms: what is filled in changes neither address nor body, a gateway that says no with 200 is heard, and long texts keep their link', async () => {
    const receiver = await receiverFor(), kind = kinds.get('smsHttp')!;
    const message = messageForTest({ address: '13800138000', title: 'a"b&c=d\n{to}', body: `${'long '.repeat(200)}` });
    expect(await send(kind, { url: `${receiver.url}?to={to}&msg={text}`, method: 'GET', charactersMost: 100 }, message)).toMatchObject({ outcome: 'sent' });
    const query = new URL(receiver.heard[0]!.url, 'http://localhost').searchParams;
    expect([...query.keys()]).toEqual(['to', 'msg']);
    expect(query.get('msg')!.startsWith('a"b&c=d {to} long')).toBe(true);
    expect(query.get('msg')!.endsWith('… https://crowd.example/#/duty/i1')).toBe(true);
    expect(query.get('msg')!.length).toBeLessThanOrEqual(100);
    expect(await send(kind, { url: receiver.url, bodyForm: 'form', body: 'mobile={to}&content={text}' }, message)).toMatchObject({ outcome: 'sent' });
    expect([...new URLSearchParams(receiver.heard[1]!.body).keys()]).toEqual(['mobile', 'content']);
    receiver.become(() => ({ status: 200, body: '{"ok":false,"error":"no credit"}' }));
    expect(await send(kind, { url: receiver.url, answerHolds: '"ok":true' }, message)).toMatchObject({ outcome: 'refused', detail: 'the gateway did not take it: {"ok":false,"error":"no credit"}' });
  });

  test('CH5 web push: a subscription that was given up is refused, and none is sent without TLS unless that is allowed', async () => {
    const receiver = await receiverFor(() => ({ status: 410, body: '' })), kind = kinds.get('webPush')!, { settings, address, key } = await OVER_HTTP['webPush']!(receiver.url);
    expect(await send(kind, settings, messageForTest({ address }), key)).toMatchObject({ outcome: 'refused', detail: 'the browser has given up this subscription' });
    expect(await send(kind, { contact: 'mailto:a@b.example' }, messageForTest({ address }), key)).toMatchObject({ outcome: 'refused', detail: 'the push service of this browser is not encrypted' });
    expect(receiver.heard.length).toBe(1);
    expect(Number(receiver.heard[0]!.headers['ttl'])).toBe(600);
    expect(receiver.heard[0]!.headers['urgency']).toBe('high');
    const long = messageForTest({ address, body: '演'.repeat(4000) });
    receiver.become('takes');
    expect(await send(kind, settings, long, key)).toMatchObject({ outcome: 'sent' });
    expect(receiver.heard.at(-1)!.bytes.length).toBeLessThan(4096);
  });
});
