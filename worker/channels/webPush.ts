// Web push: to browsers that were allowed to show notices, also while the page is closed. The keys are made once for the installation; each browser's subscription is its address.
// Browsers name the push service themselves (it is on the internet): in a closed network nothing comes of it, and other contacts are taken.
import { createECDH, createHash } from 'node:crypto';
import Type from 'typebox';
import { checker, strictObject } from '../../contract/schema.ts';
import { isAnswer, post, resultOf, withPath } from '../deliver/post.ts';
import type { ChannelKind } from './channelKind.ts';

type PushSettings = { contact: string; keepS?: number; plainHttp?: boolean };
/** As kept by the store; the public one is what browsers subscribe with. */
export type VapidKeys = { publicKey: string; privateKey: string };

const Subscription = strictObject({ endpoint: Type.String({ pattern: '^https?://[^\\s@/?#\\\\]+/[^\\s]*$', maxLength: 800 }), keys: strictObject({ p256dh: Type.String({ pattern: '^[A-Za-z0-9_-]{86,88}=?$' }), auth: Type.String({ pattern: '^[A-Za-z0-9_-]{21,24}={0,2}$' }) }) });
const checkSubscription = checker(Subscription);
const PAYLOAD_MOST = 3000;

const kind: ChannelKind<PushSettings> = {
  kind: 'webPush',
  title: { en: 'Web push', zh: '浏览器推送' },
  settings: strictObject({
    contact: Type.String({ title: 'contact of the sender', zh: '发送方联系方式', description: 'a mail address or a web address that push services may write to', descriptionZh: '推送服务可以联系的邮箱或网址', pattern: '^(mailto:[^\\s@<>]+@[^\\s@<>]+|https:/{2}[^\\s@/?#\\\\]+([/?#][^\\s]*)?)$', maxLength: 300 }),
    keepS: Type.Optional(Type.Integer({ title: 'keep for a browser that is away', zh: '浏览器离线时保留', unit: 's', minimum: 0, maximum: 86_400, default: 600 })),
    plainHttp: Type.Optional(Type.Boolean({ title: 'allow a push service without TLS', zh: '允许不加密的推送服务', description: 'only for a push service of your own inside a closed network', descriptionZh: '仅用于内部网络中自建的推送服务', default: false })),
  }),
  address: { title: { en: 'subscription of a browser (made by its page)', zh: '浏览器订阅(由页面生成)' }, pattern: '^\\{"endpoint":"https?://.{1,900}\\}$', optional: false },
  examples: {
    fits: [{ contact: 'mailto:crowd@city.example' }, { contact: 'https://city.example/crowd', keepS: 60 }],
    refused: [{}, { contact: 'crowd@city.example' }, { contact: 'mailto:a@b.c', keepS: -1 }, { contact: 'http://city.example' }],
    addresses: { fits: [`{"endpoint":"https://push.example.net/send/abc","keys":{"p256dh":"${'B'.repeat(87)}","auth":"${'a'.repeat(22)}"}}`], refused: ['', 'https://push.example.net/', '{"endpoint":"javascript:1"}'] },
  },
  async makeKey(): Promise<VapidKeys> {
    const pair = createECDH('prime256v1');
    pair.generateKeys();
    // A private key that begins with zeros comes out shorter; it is always 32 bytes for those who read it.
    const privateKey = Buffer.alloc(32);
    pair.getPrivateKey().copy(privateKey, 32 - pair.getPrivateKey().length);
    return { publicKey: pair.getPublicKey('base64url'), privateKey: privateKey.toString('base64url') };
  },
  async send(message, { settings, signal, publicAddress, key, network }) {
    if (message.address === null) return { outcome: 'refused', detail: 'web push goes to the browsers of people, not to the channel itself' };
    const subscription = subscriptionOf(message.address);
    if (subscription === null) return { outcome: 'refused', detail: 'this is not the subscription of a browser' };
    if (subscription.endpoint.startsWith('http:') && settings.plainHttp !== true) return { outcome: 'refused', detail: 'the push service of this browser is not encrypted' };
    const { default: webPush } = await import('web-push');
    const { publicKey, privateKey } = key as VapidKeys;
    let wish: { endpoint: string; headers: Record<string, unknown>; body: Buffer | null };
    try {
      wish = webPush.generateRequestDetails(subscription, payloadOf(message, publicAddress), {
        vapidDetails: { subject: settings.contact, publicKey, privateKey }, TTL: settings.keepS ?? 600, urgency: message.kind === 'asked' || message.kind === 'helpNeeded' ? 'high' : 'normal', contentEncoding: 'aes128gcm',
        // A push service replaces what waits under the same topic: twice is once.
        topic: createHash('sha256').update(message.messageId).digest('base64url').slice(0, 32),
      }) as never;
    } catch { return { outcome: 'refused', detail: 'nothing can be encrypted for this browser: its subscription is damaged' }; }
    const posted = await post({ url: wish.endpoint, headers: Object.fromEntries(Object.entries(wish.headers).filter(([name]) => !/^content-length$/i.test(name)).map(([name, value]) => [name, String(value)])), body: wish.body === null ? null : new Uint8Array(wish.body), signal, network });
    if (isAnswer(posted) && (posted.status === 404 || posted.status === 410)) return { outcome: 'refused', detail: 'the browser has given up this subscription' };
    return resultOf(posted);
  },
};
export default kind;

function subscriptionOf(address: string): Type.Static<typeof Subscription> | null {
  try {
    const { endpoint, keys } = JSON.parse(address) as { endpoint: unknown; keys: unknown };
    const checked = checkSubscription({ endpoint, keys });
    return checked.ok ? checked.value : null;
  } catch { return null; }
}

/** Push services take 4 kB, encrypted; a body that is longer is cut. */
function payloadOf({ messageId, kind: messageKind, exercise, language, title, body, path, incidentId, atMs }: Parameters<typeof kind.send>[0], publicAddress: string): string {
  for (let most = body.length; ; most = Math.floor(most / 2)) {
    const payload = JSON.stringify({ messageId, kind: messageKind, exercise, language, title, body: body.length > most ? `${body.slice(0, most).toWellFormed()}…` : body, path, link: withPath(publicAddress, path), incidentId, atMs });
    if (Buffer.byteLength(payload) <= PAYLOAD_MOST || most === 0) return payload;
  }
}
