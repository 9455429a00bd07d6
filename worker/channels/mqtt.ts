// MQTT: a message as JSON on a topic, quality of service 1 (the broker says that it has it). A connection for each message: a broker that hangs holds up that message alone.
import { isIP } from 'node:net';
import Type from 'typebox';
import { strictObject } from '../../contract/schema.ts';
import type { OutgoingMessage } from '../../contract/notice.ts';
import { Problem } from '../../contract/problem.ts';
import { failureWords, networkResult, withPath } from '../deliver/post.ts';
import type { ChannelKind, SendResult } from './channelKind.ts';

type MqttSettings = { url: string; user?: string; password?: string; topic?: string; retained?: boolean; ownCertificate?: boolean };

const WITHIN_MS = 5000;
const TOPIC_DEFAULT = 'crowdlight/{kind}/{unit}/{incident}';
const PLACES = /\{(kind|unit|incident|site|address|exercise)\}/g;

const kind: ChannelKind<MqttSettings> = {
  kind: 'mqtt',
  title: { en: 'MQTT', zh: 'MQTT' },
  settings: strictObject({
    url: Type.String({ title: 'broker', zh: '代理地址', description: 'mqtt://host:1883 or mqtts://host:8883', descriptionZh: 'mqtt://主机:1883 或 mqtts://主机:8883', maxLength: 500, pattern: '^mqtts?://[^\\s@/?#\\\\]+/?$' }),
    user: Type.Optional(Type.String({ title: 'user', zh: '用户名', maxLength: 200 })),
    password: Type.Optional(Type.String({ title: 'password', zh: '密码', secret: true, maxLength: 200 })),
    topic: Type.Optional(Type.String({ title: 'topic', zh: '主题', description: '{kind}, {unit}, {incident}, {site}, {address} and {exercise} are filled in', descriptionZh: '{kind}、{unit}、{incident}、{site}、{address}、{exercise} 会被替换', pattern: '^[^+#\\u0000-\\u001f]{1,300}$', default: TOPIC_DEFAULT })),
    retained: Type.Optional(Type.Boolean({ title: 'the broker keeps the newest of each topic', zh: '代理保留每个主题的最新消息', default: false })),
    ownCertificate: Type.Optional(Type.Boolean({ title: 'the broker signs its own certificate', zh: '代理使用自签名证书', description: 'the line is encrypted, but who answers is not proven', descriptionZh: '连接仍加密,但不验证对方身份', default: false })),
  }),
  address: { title: { en: 'part of the topic for this person', zh: '主题中代表此人的部分' }, pattern: '^[^+#/\\u0000-\\u001f]{0,200}$', optional: true },
  examples: {
    fits: [{ url: 'mqtt://broker.example.org:1883' }, { url: 'mqtts://10.0.0.9', user: 'crowd', password: 'light', topic: 'city/alarms/{unit}', retained: true }],
    refused: [{}, { url: 'broker' }, { url: 'mqtt://user:password@broker' }, { url: 'mqtt://broker', topic: 'a/#' }, { url: 'mqtt://broker', topic: '+/b' }, { url: 'http://broker.example' }, { url: 'mqtt://broker', password: 'without a user' }],
    addresses: { fits: ['', 'li'], refused: ['a/b', '#'] },
  },
  fault: ({ user, password }) => (user === undefined && password !== undefined ? 'a password needs a user' : null),
  async send(message, { settings, signal, publicAddress, network }) {
    const { connect } = await import('mqtt');
    const { path, ...rest } = message;
    const payload = JSON.stringify({ ...rest, link: withPath(publicAddress, path) });
    const topic = topicOf(settings.topic ?? TOPIC_DEFAULT, message);
    const url = new URL(settings.url), name = url.hostname.replace(/^\[|\]$/g, ''), secure = url.protocol === 'mqtts:', port = url.port === '' ? (secure ? 8883 : 1883) : Number(url.port);
    let address: string;
    try { ({ address } = await network.addressOf(name, port)); } catch (error) { return error instanceof Problem ? networkResult(error) : { outcome: 'retry', detail: failureWords(error) }; }
    const client = connect({
      protocol: secure ? 'mqtts' : 'mqtt', host: address, port, ...(secure && isIP(name) === 0 ? { servername: name } : {}),
      ...(settings.user === undefined ? {} : { username: settings.user }), ...(settings.password === undefined ? {} : { password: settings.password }),
      clientId: `crowdlight-${Math.random().toString(36).slice(2, 12)}`, reconnectPeriod: 0, connectTimeout: WITHIN_MS, clean: true, keepalive: 30, rejectUnauthorized: settings.ownCertificate !== true,
    });
    try {
      return await new Promise<SendResult>((resolve) => {
        const inTime = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
        inTime.addEventListener('abort', () => resolve({ outcome: 'retry', detail: signal.aborted ? 'stopped' : `the broker did not take it within ${WITHIN_MS / 1000} s` }), { once: true });
        client.on('error', (error) => resolve(mqttFailure(error)));
        client.on('close', () => resolve({ outcome: 'retry', detail: 'the broker closed the line' }));
        client.on('connect', () => { client.publish(topic, payload, { qos: 1, retain: settings.retained === true }, (error) => resolve(error ? mqttFailure(error) : { outcome: 'sent', detail: 'taken by the broker' })); });
      });
    } finally {
      client.removeAllListeners('close');
      client.on('error', () => {});
      // Gracefully where it can be, so that the broker does not log a lost client; a broker that hangs is not waited for.
      client.end(!client.connected);
    }
  },
};
export default kind;

/** What is filled in can make no level and no wildcard of its own. */
function topicOf(template: string, message: OutgoingMessage): string {
  const line = message.incident?.line;
  const values: Record<string, string> = {
    kind: message.kind, unit: message.incident?.unitCode ?? line?.placeUnitId ?? 'none', incident: message.incidentId ?? 'none', site: line?.siteId ?? 'none', address: message.address || 'all', exercise: message.exercise ? 'exercise' : 'actual',
  };
  // eslint-disable-next-line no-control-regex
  return template.replace(PLACES, (_, place: string) => values[place]!.replace(/[+#/\u0000-\u001f]/g, '_'));
}

function mqttFailure(error: Error): SendResult {
  const code = (error as { code?: unknown }).code;
  // CONNACK 4 and 5 (MQTT 3.1.1): bad user or password, not authorised; 0x80 and above in MQTT 5.
  if (code === 4 || code === 5 || code === 134 || code === 135) return { outcome: 'refused', detail: 'the broker refuses the user or password' };
  if (typeof code === 'number') return { outcome: code === 3 || code === 136 || code === 137 ? 'retry' : 'refused', detail: `the broker refuses the connection (${code})` };
  return { outcome: 'retry', detail: failureWords(error) };
}
