// CAP 1.2, the Common Alerting Protocol of OASIS (ITU-T X.1303): incidents as alerts, updates and cancels that refer to each other, for the warning systems of a city. Sent by POST, held ready as a feed, or both.
// The order of elements is that of the standard's schema; test/channels/cap-1.2.xsd holds it.
import Type from 'typebox';
import type { CATEGORIES, Severity } from '../../contract/incident.ts';
import { strictObject } from '../../contract/schema.ts';
import type { LngLat } from '../../contract/geometry.ts';
import type { IncidentFacts, OutgoingMessage } from '../../contract/notice.ts';
import { WEB_ADDRESS, post, resultOf, withPath } from '../deliver/post.ts';
import type { ChannelKind } from './channelKind.ts';

type CapSettings = { sender: string; senderName?: string; url?: string; headerName?: string; headerValue?: string; feed?: boolean; scope?: 'Public' | 'Restricted'; restriction?: string };

/** Where neither a zone nor a unit is drawn, km. */
const CIRCLE_KM = 0.1;
const EXPIRES_AFTER_MS = 24 * 3600_000;
/** CAP 1.2, section 3.2.2: categories are a closed list. */
const CAP_CATEGORY: Record<(typeof CATEGORIES)[number], string> = { crowding: 'Safety', fire: 'Fire', gas: 'CBRNE', water: 'Met', structure: 'Infra', traffic: 'Transport', medicalHelp: 'Health', equipment: 'Infra' };
const CAP_SEVERITY: Record<Severity, string> = { minor: 'Minor', moderate: 'Moderate', serious: 'Severe', critical: 'Extreme' };

const kind: ChannelKind<CapSettings> = {
  kind: 'cap',
  title: { en: 'CAP 1.2 (public warning)', zh: 'CAP 1.2(公共预警)' },
  settings: strictObject({
    sender: Type.String({ title: 'sender', zh: '发送方标识', description: 'unique in the world, as in crowd@city.example; without blanks and commas', descriptionZh: '全球唯一,例如 crowd@city.example;不含空格和逗号', pattern: '^[^\\s,<>&]{3,200}$' }),
    senderName: Type.Optional(Type.String({ title: 'name of the sender', zh: '发送方名称', maxLength: 200 })),
    url: Type.Optional(Type.String({ title: 'address', zh: '地址', description: 'alerts are sent there by POST; empty: they are only held ready', descriptionZh: '预警 POST 到此地址;留空则只供读取', maxLength: 1000, pattern: WEB_ADDRESS })),
    headerName: Type.Optional(Type.String({ title: 'header for the key', zh: '密钥所在请求头', pattern: '^[A-Za-z][A-Za-z0-9-]{0,60}$' })),
    headerValue: Type.Optional(Type.String({ title: 'key', zh: '密钥', secret: true, maxLength: 1000, pattern: '^[\\x20-\\x7e]+$' })),
    feed: Type.Optional(Type.Boolean({ title: 'hold ready as a feed', zh: '提供订阅源', description: 'under /api/cap/ and the id of the channel', descriptionZh: '位于 /api/cap/ 加渠道编号', default: false })),
    scope: Type.Optional(Type.Union([Type.Literal('Restricted', { title: 'for named systems only', titleZh: '仅限指定系统' }), Type.Literal('Public', { title: 'for everybody', titleZh: '公开' })], { title: 'meant for', zh: '受众范围', default: 'Restricted' })),
    restriction: Type.Optional(Type.String({ title: 'for whom', zh: '限定对象', description: 'who may pass it on, where it is not for everybody', descriptionZh: '非公开时,谁可以转发', maxLength: 200 })),
  }),
  address: null,
  examples: {
    fits: [{ sender: 'crowd@city.example', url: 'https://ipaws.example.org/cap', headerName: 'X-Key', headerValue: 'geheim' }, { sender: 'crowd@city.example', feed: true, scope: 'Public' }],
    refused: [{}, { sender: 'crowd@city.example' }, { sender: 'a, b', feed: true }, { sender: 'crowd@city.example', url: 'ftp://a' }, { sender: 'crowd@city.example', feed: true, scope: 'Private' }, { sender: 'a<b', feed: true }, { sender: 'crowd@city.example', url: 'https://relay.example/', headerName: 'Host', headerValue: 'b' }],
    addresses: { fits: [], refused: [] },
  },
  fault({ url, feed, headerName }) {
    if (url === undefined && feed !== true) return 'an address, a feed or both are needed';
    return headerName !== undefined && ['host', 'content-length', 'connection', 'transfer-encoding', 'content-type', 'cookie'].includes(headerName.toLowerCase()) ? 'this header is set by the request itself' : null;
  },
  async send(message, { settings, signal, publicAddress, toFeed, network }) {
    if (message.incident === null && message.kind !== 'test') return { outcome: 'refused', detail: 'CAP tells of incidents, not of single people' };
    const xml = capAlert(message, settings, publicAddress);
    if (settings.feed === true && message.kind !== 'test') {
      try { await toFeed({ entryId: message.messageId, atMs: message.atMs, body: xml }); } catch { return { outcome: 'retry', detail: 'it cannot be kept for the feed now' }; }
    }
    if (settings.url === undefined) return { outcome: 'sent', detail: message.kind === 'test' ? 'the feed is held ready; a test is not put into it' : 'held ready in the feed' };
    return resultOf(await post({
      url: settings.url, body: xml, signal, network,
      headers: { 'content-type': 'application/cap+xml; charset=utf-8', 'idempotency-key': encodeURIComponent(message.messageId), ...(settings.headerName === undefined || settings.headerValue === undefined ? {} : { [settings.headerName]: settings.headerValue }) },
    }));
  },
};
export default kind;

/** The first of an incident is an Alert, the later ones Updates of all before, the last one a Cancel. */
function capAlert(message: OutgoingMessage, settings: CapSettings, publicAddress: string): string {
  const { incident } = message, earlier = incident?.earlier ?? [];
  const msgType = incident === null || earlier.length === 0 ? 'Alert' : incident.over ? 'Cancel' : 'Update';
  const scope = settings.scope ?? 'Restricted';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${[
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">',
    one('identifier', identifierOf(message.messageId)), one('sender', settings.sender), one('sent', instant(message.atMs)), one('status', message.exercise ? 'Exercise' : message.kind === 'test' ? 'Test' : 'Actual'), one('msgType', msgType), one('source', 'Crowdlight'), one('scope', scope),
    ...(scope === 'Restricted' ? [one('restriction', settings.restriction || 'Named systems only')] : []),
    ...(message.exercise ? [one('note', 'EXERCISE. This is a drill. 演练。')] : []),
    ...(earlier.length === 0 ? [] : [one('references', earlier.map((before) => `${settings.sender},${identifierOf(before.messageId)},${instant(before.atMs)}`).join(' '))]),
    ...(message.incidentId === null ? [] : [one('incidents', message.incidentId)]),
    ...(['en', 'zh'] as const).map((language) => infoOf(message, incident, language, settings, publicAddress, msgType)),
    '</alert>',
  ].join('\n')}\n`;
}

function infoOf(message: OutgoingMessage, incident: IncidentFacts | null, language: 'en' | 'zh', settings: CapSettings, publicAddress: string, msgType: string): string {
  const { title, body } = message.words[language], line = incident?.line ?? null, link = withPath(publicAddress, message.path);
  const isSerious = line !== null && (line.severity === 'serious' || line.severity === 'critical');
  const over = msgType === 'Cancel' || incident?.over === true;
  return [
    '<info>', one('language', language === 'zh' ? 'zh-CN' : 'en-US'), one('category', line === null ? 'Other' : CAP_CATEGORY[line.category as keyof typeof CAP_CATEGORY] ?? 'Other'), one('event', title.slice(0, 160).toWellFormed()),
    one('responseType', over ? 'AllClear' : line === null ? 'None' : 'Monitor'), one('urgency', over ? 'Past' : line === null ? 'Unknown' : isSerious ? 'Immediate' : 'Expected'), one('severity', line === null ? 'Unknown' : CAP_SEVERITY[line.severity]), one('certainty', line === null ? 'Unknown' : 'Observed'),
    one('effective', instant(message.atMs)), ...(line === null ? [] : [one('onset', instant(line.reportedAtMs))]), one('expires', instant(message.atMs + EXPIRES_AFTER_MS)),
    ...(settings.senderName === undefined ? [] : [one('senderName', settings.senderName)]), one('headline', title.slice(0, 160).toWellFormed()), one('description', body), ...(link === null ? [] : [one('web', link)]),
    ...(incident === null ? [] : [parameter('what', incident.what), parameter('category', incident.line.category), parameter('severity', incident.line.severity), parameter('step', incident.line.step), ...(message.action === null ? [] : [parameter('action', message.action.kind), parameter('payload', message.action.payload)])]),
    ...(incident === null ? [] : [areaOf(incident, language)]), '</info>',
  ].join('\n');
}

function areaOf({ polygon, areaNames, unitCode, line }: IncidentFacts, language: 'en' | 'zh'): string {
  // CAP writes latitude first, and a polygon ends where it begins.
  const pair = ({ lng, lat }: LngLat) => `${lat.toFixed(6)},${lng.toFixed(6)}`;
  return [
    '<area>', one('areaDesc', areaNames[language]), polygon === null ? one('circle', `${pair(line.point)} ${CIRCLE_KM}`) : one('polygon', [...polygon, polygon[0]!].map(pair).join(' ')),
    ...(unitCode === null ? [] : ['<geocode>', one('valueName', 'unit'), one('value', unitCode), '</geocode>']), '</area>',
  ].join('\n');
}

const parameter = (name: string, value: string) => `<parameter>${one('valueName', name)}${one('value', value)}</parameter>`;
/** No blank, comma, < or & may stand in it (section 3.2.1). */
const identifierOf = (messageId: string) => messageId.replace(/[\s,<&]/g, '_');
/** Without fractions, and never "Z" (section 3.3.2). */
const instant = (atMs: number) => `${new Date(atMs).toISOString().slice(0, 19)}-00:00`;
/** What XML 1.0 cannot hold is left out. */
// eslint-disable-next-line no-control-regex
const text = (words: string) => words.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const one = (name: string, value: string) => `<${name}>${text(value)}</${name}>`;
