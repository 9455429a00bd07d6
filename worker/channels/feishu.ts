// Feishu (飞书, Lark): a group robot, signed: the instant and the key together are the key of an empty message's HMAC. Bodies of at most 20 kB, 100 a minute and 5 a second.
import { createHmac } from 'node:crypto';
import { strictObject } from '../../contract/schema.ts';
import { postToRobot, robotAddress, robotLanguage, robotSecret, robotText, type RobotSettings } from '../deliver/robot.ts';
import type { ChannelKind } from './channelKind.ts';

const TEXT_MOST_BYTES = 18_000;
/** 9499 and 11232: too often. */
const WAIT_CODES = [9499, 11232];

const kind: ChannelKind<RobotSettings> = {
  kind: 'feishu',
  title: { en: 'Feishu group robot', zh: '飞书群机器人' },
  settings: strictObject({ url: robotAddress, secret: robotSecret, language: robotLanguage }),
  address: null,
  examples: {
    fits: [{ url: 'https://open.feishu.example/open-apis/bot/v2/hook/0f1e2d3c', secret: 'GbaAB4SiqbrTgsOvCI', language: 'zh' }, { url: 'https://relay.example.org/feishu' }],
    refused: [{}, { url: 'https://relay.example.org/feishu', secret: 7 }, { url: 'https://relay.example.org/a b' }], addresses: { fits: [], refused: [] },
  },
  send(message, { settings, signal, publicAddress, network }) {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signed = settings.secret === undefined ? {} : { timestamp, sign: createHmac('sha256', `${timestamp}\n${settings.secret}`).update('').digest('base64') };
    return postToRobot({ url: settings.url, body: { ...signed, msg_type: 'text', content: { text: robotText(message, settings, publicAddress, TEXT_MOST_BYTES) } }, signal, network, codeFields: ['code', 'StatusCode'], waitCodes: WAIT_CODES });
  },
};
export default kind;
