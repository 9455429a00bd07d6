// Mail by SMTP, with TLS from the beginning or begun in the line. One connection for each message: a mail server that hangs holds up that message alone.
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import Type from 'typebox';
import { strictObject } from '../../contract/schema.ts';
import { Problem } from '../../contract/problem.ts';
import { failureWords, networkResult, withPath } from '../deliver/post.ts';
import type { ChannelKind, SendResult } from './channelKind.ts';

type MailSettings = { host: string; port?: number; security?: 'tls' | 'startTls' | 'none'; ownCertificate?: boolean; user?: string; password?: string; from: string; to?: string };

const WITHIN_MS = 5000;
const ADDRESS = '^[^\\s@<>,;"\\\\]{1,64}@[^\\s@<>,;"\\\\]{1,190}$';

const kind: ChannelKind<MailSettings> = {
  kind: 'mail',
  title: { en: 'Mail', zh: '电子邮件' },
  settings: strictObject({
    host: Type.String({ title: 'mail server', zh: '邮件服务器', pattern: '^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$' }),
    port: Type.Optional(Type.Integer({ title: 'port', zh: '端口', minimum: 1, maximum: 65535, default: 587 })),
    security: Type.Optional(Type.Union([Type.Literal('startTls', { title: 'TLS begun in the line (587)', titleZh: 'STARTTLS(587)' }), Type.Literal('tls', { title: 'TLS from the beginning (465)', titleZh: 'TLS(465)' }), Type.Literal('none', { title: 'none: only inside a network of your own', titleZh: '不加密:仅限内部网络' })], { title: 'encryption', zh: '加密', default: 'startTls' })),
    ownCertificate: Type.Optional(Type.Boolean({ title: 'the server signs its own certificate', zh: '服务器使用自签名证书', description: 'the line is encrypted, but who answers is not proven', descriptionZh: '连接仍加密,但不验证对方身份', default: false })),
    user: Type.Optional(Type.String({ title: 'user', zh: '用户名', maxLength: 200 })),
    password: Type.Optional(Type.String({ title: 'password', zh: '密码', secret: true, maxLength: 200 })),
    from: Type.String({ title: 'sender', zh: '发件人', description: 'as in crowdlight@example.org', descriptionZh: '例如 crowdlight@example.org', pattern: ADDRESS }),
    to: Type.Optional(Type.String({ title: 'receiver for the channel itself', zh: '渠道自身的收件人', description: 'for tests, events and actions that go to nobody in particular', descriptionZh: '用于测试、事件订阅和预案动作', pattern: ADDRESS })),
  }),
  address: { title: { en: 'mail address', zh: '邮箱地址' }, pattern: ADDRESS, optional: false },
  examples: {
    fits: [{ host: 'mail.example.org', user: 'crowdlight', password: 'secret', from: 'crowdlight@example.org' }, { host: '10.0.0.3', port: 25, security: 'none', from: 'crowd@city.example', to: 'duty@city.example' }],
    refused: [{}, { host: 'mail.example.org' }, { host: 'mail.example.org/x', from: 'a@b.c' }, { host: 'mail.example.org', from: 'a@b.c\r\nBcc: d@e.f' }, { host: 'mail.example.org', from: 'a@b.c', port: 0 }, { host: 'mail.example.org', from: 'a@b.c', user: 'u' }],
    addresses: { fits: ['li@example.org', 'wang.w+duty@city.example'], refused: ['', 'li', 'a@b, c@d', 'a@b\nBcc: c@d', '"x" <a@b>'] },
  },
  fault: ({ user, password }) => ((user === undefined) !== (password === undefined) ? 'user and password belong together' : null),
  async send(message, { settings, signal, publicAddress, network }) {
    const to = message.address ?? settings.to ?? null;
    if (to === null) return { outcome: 'refused', detail: 'there is no mail address to send it to' };
    const { createTransport } = await import('nodemailer');
    const { host, security = 'startTls', user, password } = settings, port = settings.port ?? 587;
    let address: string;
    try { ({ address } = await network.addressOf(host, port)); } catch (error) { return error instanceof Problem ? networkResult(error) : { outcome: 'retry', detail: failureWords(error) }; }
    const transport = createTransport({
      host: address, port, secure: security === 'tls', requireTLS: security === 'startTls', ignoreTLS: security === 'none', ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
      tls: { rejectUnauthorized: settings.ownCertificate !== true, ...(isIP(host) === 0 ? { servername: host } : {}) }, connectionTimeout: WITHIN_MS, greetingTimeout: WITHIN_MS, socketTimeout: WITHIN_MS, dnsTimeout: WITHIN_MS, disableFileAccess: true, disableUrlAccess: true,
    });
    const link = withPath(publicAddress, message.path);
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
    const late = new Promise<SendResult>((resolve) => { inTime.addEventListener('abort', () => resolve({ outcome: 'retry', detail: signal.aborted ? 'stopped' : `the mail server did not take it within ${WITHIN_MS / 1000} s` }), { once: true }); });
    const sending = transport.sendMail({
      from: { name: 'Crowdlight', address: settings.from }, to: { name: '', address: to }, subject: message.title, text: `${message.body}${link === null ? '' : `\n\n${link}`}\n`,
      // The same for every try: mail programs show it once.
      messageId: `<${createHash('sha256').update(message.messageId).digest('hex').slice(0, 40)}@crowdlight>`, date: new Date(message.atMs),
      headers: { 'X-Crowdlight-Exercise': message.exercise ? 'yes' : 'no', 'X-Crowdlight-Message': encodeURIComponent(message.messageId), 'Auto-Submitted': 'auto-generated', ...(message.kind === 'asked' || message.kind === 'helpNeeded' ? { Importance: 'high', 'X-Priority': '1' } : {}) },
    }).then((): SendResult => ({ outcome: 'sent', detail: 'taken by the mail server' }), (error: unknown): SendResult => mailFailure(error));
    try { return await Promise.race([sending, late]); } finally { transport.close(); }
  },
};
export default kind;

/** By code and number alone: a server's words may repeat what it was sent. */
function mailFailure(error: unknown): SendResult {
  const { code = '', responseCode = 0 } = error as { code?: string; responseCode?: number };
  const said = responseCode > 0 ? ` (${responseCode})` : '';
  if (responseCode >= 400 && responseCode < 500) return { outcome: 'retry', detail: `the mail server asks to try later${said}` };
  switch (code) {
    case 'EAUTH': return { outcome: 'refused', detail: `the mail server refuses the user or password${said}` };
    case 'EENVELOPE': case 'EMESSAGE': case 'ESTREAM': return { outcome: 'refused', detail: `the mail server refuses sender, receiver or message${said}` };
    case 'ETLS': return { outcome: 'refused', detail: 'the mail server offers no encryption that can be used, or its certificate is not trusted' };
    case 'EDNS': return { outcome: 'retry', detail: 'no machine of this name is found' };
    case 'ECONNECTION': case 'ESOCKET': case 'ECONNREFUSED': case 'ECONNRESET': case 'ETIMEDOUT': return { outcome: 'retry', detail: /certificate/i.test(String((error as Error).message)) ? 'its certificate is not trusted' : 'the mail server cannot be reached or closed the line' };
    default: return responseCode >= 500 ? { outcome: 'refused', detail: `the mail server refuses it${said}` } : { outcome: 'retry', detail: `it failed${/^[A-Z]{2,20}$/.test(code) ? ` (${code})` : ''}` };
  }
}
