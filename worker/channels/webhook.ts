// Webhook: everything about a message as JSON, signed, so that the receiver knows who sent it and that nobody sends it again later. docs/CHANNELS.md shows how to verify.
import { createHmac } from 'node:crypto';
import Type from 'typebox';
import { strictObject } from '../../contract/schema.ts';
import { WEB_ADDRESS, post, resultOf, withPath } from '../deliver/post.ts';
import type { ChannelKind } from './channelKind.ts';

type WebhookSettings = { url: string; secret: string };

const kind: ChannelKind<WebhookSettings> = {
  kind: 'webhook',
  title: { en: 'Webhook, signed', zh: 'Webhook(带签名)' },
  settings: strictObject({
    url: Type.String({ title: 'address', zh: '地址', description: 'messages are sent there by POST, as JSON', descriptionZh: '消息以 JSON 形式 POST 到此地址', maxLength: 1000, pattern: WEB_ADDRESS }),
    secret: Type.String({ title: 'key of the signature', zh: '签名密钥', description: 'at least 16 characters, the same at the receiver', descriptionZh: '至少 16 个字符,与接收方一致', secret: true, minLength: 16, maxLength: 200 }),
  }),
  address: { title: { en: 'who, as the receiver knows them', zh: '接收方所知的人员标识' }, pattern: '^[^\\u0000-\\u001f]{0,200}$', optional: true },
  examples: {
    fits: [{ url: 'https://dispatch.example.org/crowdlight?area=7', secret: 'at least sixteen characters' }, { url: 'http://dispatch.example:8080/', secret: '0123456789abcdef' }],
    refused: [{}, { url: 'https://dispatch.example.org/' }, { url: 'ftp://dispatch.example.org/', secret: '0123456789abcdef' }, { url: 'https://user:password@dispatch.example.org/', secret: '0123456789abcdef' }, { url: 'file:///etc/passwd', secret: '0123456789abcdef' }, { url: 'https://relay.example/', secret: 'short' }],
    addresses: { fits: ['', 'grid worker 7', '王'], refused: ['a\nb'] },
  },
  async send(message, { settings, signal, publicAddress, network }) {
    const { path, ...rest } = message;
    const body = JSON.stringify({ ...rest, link: withPath(publicAddress, path) });
    const timestamp = String(Math.floor(Date.now() / 1000));
    return resultOf(await post({
      url: settings.url, body, signal, network,
      headers: {
        'content-type': 'application/json', 'idempotency-key': encodeURIComponent(message.messageId), 'x-crowdlight-timestamp': timestamp, 'x-crowdlight-exercise': message.exercise ? 'yes' : 'no',
        'x-crowdlight-signature': `v1=${createHmac('sha256', settings.secret).update(`${timestamp}.${body}`).digest('hex')}`,
      },
    }));
  },
};
export default kind;
