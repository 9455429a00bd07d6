// WeCom (企业微信): a group robot. Text messages of at most 2,048 bytes, 20 a minute.
import { strictObject } from '../../contract/schema.ts';
import { postToRobot, robotAddress, robotLanguage, robotText, type RobotSettings } from '../deliver/robot.ts';
import type { ChannelKind } from './channelKind.ts';

const TEXT_MOST_BYTES = 2048;
/** -1 busy, 45009 too often, 45033 too many at once. */
const WAIT_CODES = [-1, 45009, 45033];

const kind: ChannelKind<RobotSettings> = {
  kind: 'weCom',
  title: { en: 'WeCom group robot', zh: '企业微信群机器人' },
  settings: strictObject({ url: robotAddress, language: robotLanguage }),
  address: null,
  examples: {
    fits: [{ url: 'https://qyapi.weixin.example/cgi-bin/webhook/send?key=0f1e2d3c-4b5a', language: 'zh' }, { url: 'https://relay.example.org/wecom' }],
    refused: [{}, { url: 'qyapi.weixin.example/cgi-bin' }, { url: 'https://relay.example.org/wecom', language: 'fr' }, { url: 'javascript:alert(1)' }], addresses: { fits: [], refused: [] },
  },
  send: (message, { settings, signal, publicAddress, network }) =>
    postToRobot({ url: settings.url, body: { msgtype: 'text', text: { content: robotText(message, settings, publicAddress, TEXT_MOST_BYTES) } }, signal, network, codeFields: ['errcode'], waitCodes: WAIT_CODES }),
};
export default kind;
