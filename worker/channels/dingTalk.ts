// DingTalk (钉钉): a group robot, signed: the instant and the key make the signature, which stands in the address. 20 messages a minute.
import { createHmac } from 'node:crypto';
import { strictObject } from '../../contract/schema.ts';
import { postToRobot, robotAddress, robotLanguage, robotSecret, robotText, type RobotSettings } from '../deliver/robot.ts';
import type { ChannelKind } from './channelKind.ts';

const TEXT_MOST_BYTES = 16_000;
/** -1 busy, 130101 and 660026 too often. */
const WAIT_CODES = [-1, 130101, 660026];

const kind: ChannelKind<RobotSettings> = {
  kind: 'dingTalk',
  title: { en: 'DingTalk group robot', zh: '钉钉群机器人' },
  settings: strictObject({ url: robotAddress, secret: robotSecret, language: robotLanguage }),
  address: null,
  examples: {
    fits: [{ url: 'https://oapi.dingtalk.example/robot/send?access_token=c0ffee', secret: 'SEC0123456789abcdef' }, { url: 'http://robots.example/ding', language: 'en' }],
    refused: [{}, { url: 'https://relay.example/', secret: 'short' }, { url: 'mailto:someone@example.org' }], addresses: { fits: [], refused: [] },
  },
  send(message, { settings, signal, publicAddress, network }) {
    const url = new URL(settings.url);
    if (settings.secret !== undefined) {
      const timestamp = String(Date.now());
      url.searchParams.set('timestamp', timestamp);
      url.searchParams.set('sign', createHmac('sha256', settings.secret).update(`${timestamp}\n${settings.secret}`).digest('base64'));
    }
    return postToRobot({ url: url.href, body: { msgtype: 'text', text: { content: robotText(message, settings, publicAddress, TEXT_MOST_BYTES) }, at: { isAtAll: message.kind === 'asked' } }, signal, network, codeFields: ['errcode'], waitCodes: WAIT_CODES });
  },
};
export default kind;
