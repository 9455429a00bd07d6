// SMS by whatever gateway a place has: an address and a body with places to fill in. What is filled in is written the way the body's form needs it, so that no text can change the request.
import Type from 'typebox';
import { strictObject } from '../../contract/schema.ts';
import type { OutgoingMessage } from '../../contract/notice.ts';
import { WEB_ADDRESS, isAnswer, post, resultOf, shownOf, withPath } from '../deliver/post.ts';
import type { ChannelKind } from './channelKind.ts';

type SmsSettings = { url: string; method?: 'POST' | 'GET'; bodyForm?: 'json' | 'form' | 'text'; body?: string; headerName?: string; headerValue?: string; answerHolds?: string; to?: string; charactersMost?: number };

const NUMBER = '^\\+?[0-9][0-9 ()-]{2,24}$';
const PLACES = /\{(to|text|id|exercise)\}/g;
const encoded = { url: encodeURIComponent, form: encodeURIComponent, json: (text: string) => JSON.stringify(text).slice(1, -1), text: (text: string) => text };

const kind: ChannelKind<SmsSettings> = {
  kind: 'smsHttp',
  title: { en: 'SMS by an HTTP gateway', zh: '短信(HTTP 网关)' },
  settings: strictObject({
    url: Type.String({ title: 'address of the gateway', zh: '网关地址', description: '{to}, {text}, {id} and {exercise} are filled in', descriptionZh: '{to}、{text}、{id}、{exercise} 会被替换', maxLength: 2000, pattern: WEB_ADDRESS }),
    method: Type.Optional(Type.Union([Type.Literal('POST'), Type.Literal('GET')], { title: 'method', zh: '方法', default: 'POST' })),
    bodyForm: Type.Optional(Type.Union([Type.Literal('json', { title: 'JSON' }), Type.Literal('form', { title: 'form fields', titleZh: '表单' }), Type.Literal('text', { title: 'plain text', titleZh: '纯文本' })], { title: 'form of the body', zh: '正文格式', default: 'json' })),
    body: Type.Optional(Type.String({ title: 'body', zh: '正文', description: 'for JSON like {"to":"{to}","text":"{text}","id":"{id}"}', descriptionZh: 'JSON 例如 {"to":"{to}","text":"{text}","id":"{id}"}', maxLength: 4000, default: '{"to":"{to}","text":"{text}","id":"{id}"}' })),
    headerName: Type.Optional(Type.String({ title: 'header for the key', zh: '密钥所在请求头', pattern: '^[A-Za-z][A-Za-z0-9-]{0,60}$' })),
    headerValue: Type.Optional(Type.String({ title: 'key', zh: '密钥', description: 'sent in that header, as in "Bearer ..."', descriptionZh: '在该请求头中发送,如 "Bearer ..."', secret: true, maxLength: 1000, pattern: '^[\\x20-\\x7e]+$' })),
    answerHolds: Type.Optional(Type.String({ title: 'the answer holds', zh: '成功应答包含', description: 'what stands in the answer when the message was taken; empty: the status alone decides', descriptionZh: '应答中表示成功的文字;留空则只看状态码', maxLength: 200 })),
    to: Type.Optional(Type.String({ title: 'number for the channel itself', zh: '渠道自身的号码', description: 'for tests, events and actions that go to nobody in particular', descriptionZh: '用于测试、事件订阅和预案动作', pattern: NUMBER })),
    charactersMost: Type.Optional(Type.Integer({ title: 'characters of a message', zh: '单条字数上限', minimum: 40, maximum: 2000, default: 300 })),
  }),
  address: { title: { en: 'telephone number', zh: '手机号码' }, pattern: NUMBER, optional: false },
  examples: {
    fits: [
      { url: 'https://sms.example.org/send', headerName: 'Authorization', headerValue: 'Bearer 0123', answerHolds: '"ok":true' },
      { url: 'http://modem.example:8080/cgi?to={to}&msg={text}', method: 'GET' }, { url: 'https://sms.example.org/send', bodyForm: 'form', body: 'mobile={to}&content={text}&ref={id}' },
    ],
    refused: [
      {}, { url: 'sms.example.org' }, { url: 'https://sms.example.org/send', method: 'DELETE' }, { url: 'https://sms.example.org/send', headerName: 'X: y', headerValue: 'z' }, { url: 'https://sms.example.org/send', headerName: 'Authorization', headerValue: 'a\r\nX: b' },
      { url: 'https://sms.example.org/send', headerName: 'Host', headerValue: 'x' }, { url: 'https://sms.example.org/send', body: '{"to":"{to}"' }, { url: 'https://sms.example.org/send', body: '{"text":"{text}"}' }, { url: 'https://{to}.example.org/' },
    ],
    addresses: { fits: ['+8613800138000', '138 0013 8000', '+49 (30) 123-456'], refused: ['', 'abc', '+', '13800138000;rm', '1'.repeat(40)] },
  },
  fault(settings) {
    const { method = 'POST', bodyForm = 'json', body = DEFAULT_BODY } = settings;
    if (settings.url.split('/')[2]!.includes('{')) return 'the machine itself cannot be filled in';
    if (settings.headerName !== undefined && ['host', 'content-length', 'connection', 'transfer-encoding', 'content-type', 'cookie'].includes(settings.headerName.toLowerCase())) return 'this header is set by the request itself';
    const whole = settings.url + (method === 'GET' ? '' : body);
    for (const place of ['{to}', '{text}']) if (!whole.includes(place)) return `${place} stands nowhere: who or what is sent would be missing`;
    if (method === 'POST' && bodyForm === 'json') try { JSON.parse(filled(body, { to: '1', text: 'a', id: 'b', exercise: 'no' }, 'json')); } catch { return 'the body is not JSON when it is filled in'; }
    return null;
  },
  async send(message, { settings, signal, publicAddress, network }) {
    const to = message.address ?? settings.to ?? null;
    if (to === null) return { outcome: 'refused', detail: 'there is no number to send it to' };
    const { method = 'POST', bodyForm = 'json', body = DEFAULT_BODY } = settings;
    const values = { to: to.replace(/[^+0-9]/g, ''), text: smsText(message, publicAddress, settings.charactersMost ?? 300), id: message.messageId, exercise: message.exercise ? 'yes' : 'no' };
    const posted = await post({
      url: filled(settings.url, values, 'url'), method, body: method === 'GET' ? null : filled(body, values, bodyForm), signal, network,
      headers: {
        'idempotency-key': encodeURIComponent(message.messageId), ...(method === 'GET' ? {} : { 'content-type': { json: 'application/json', form: 'application/x-www-form-urlencoded', text: 'text/plain; charset=utf-8' }[bodyForm] }),
        ...(settings.headerName === undefined || settings.headerValue === undefined ? {} : { [settings.headerName]: settings.headerValue }),
      },
    });
    const byStatus = resultOf(posted);
    if (byStatus.outcome !== 'sent' || !isAnswer(posted) || settings.answerHolds === undefined || settings.answerHolds === '' || posted.body.includes(settings.answerHolds)) return byStatus;
    return { outcome: 'refused', detail: `the gateway did not take it: ${shownOf(posted.body)}` };
  },
};
export default kind;

const DEFAULT_BODY = '{"to":"{to}","text":"{text}","id":"{id}"}';

const filled = (template: string, values: Record<string, string>, form: keyof typeof encoded): string => template.replace(PLACES, (_, place: string) => encoded[form](values[place]!));

/** In the reader's language; the link whole or not at all. */
function smsText(message: OutgoingMessage, publicAddress: string, most: number): string {
  const link = withPath(publicAddress, message.path), rest = link === null ? '' : ` ${link}`;
  const text = `${message.title} ${message.body}`.replace(/\s+/g, ' ').trim();
  if (text.length + rest.length <= most) return text + rest;
  const room = rest.length < most / 2 ? most - rest.length : most;
  return `${text.slice(0, room - 1).toWellFormed()}…${room === most ? '' : rest}`;
}
