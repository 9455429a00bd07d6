// What the group robots of WeCom, DingTalk and Feishu have in common: an address that holds a key, a text in one or both languages, and an answer whose code says more than its status.
import Type from 'typebox';
import type { Network } from '../../config/network.ts';
import type { OutgoingMessage } from '../../contract/notice.ts';
import type { SendResult } from '../channels/channelKind.ts';
import { WEB_ADDRESS, isAnswer, post, resultOf, shownOf, withPath } from './post.ts';

export type RobotSettings = { url: string; language?: 'zh' | 'en' | 'both'; secret?: string };

export const robotAddress = Type.String({ title: 'address of the robot', zh: '机器人地址', description: 'the whole webhook address that the group shows; whoever has it can write to the group', descriptionZh: '群机器人的完整 Webhook 地址;持有者均可向群内发送消息', secret: true, maxLength: 1000, pattern: WEB_ADDRESS });
export const robotLanguage = Type.Optional(Type.Union([Type.Literal('both', { title: 'both', titleZh: '双语' }), Type.Literal('zh', { title: '中文' }), Type.Literal('en', { title: 'English' })], { title: 'language', zh: '语言', default: 'both' }));
/** Where a robot checks a signature of the sender. */
export const robotSecret = Type.Optional(Type.String({ title: 'key of the signature', zh: '签名密钥', description: 'where the robot is set to check signatures', descriptionZh: '机器人启用加签时填写', secret: true, minLength: 8, maxLength: 200 }));

/** A group has one language or both, whoever is meant. Cut to `mostBytes` of UTF-8, on a whole character. */
export function robotText(message: OutgoingMessage, { language = 'both' }: RobotSettings, publicAddress: string, mostBytes: number): string {
  const parts = (language === 'both' ? (['zh', 'en'] as const) : [language]).map((one) => `${message.words[one].title}\n${message.words[one].body}`);
  const link = withPath(publicAddress, message.path);
  return cutToBytes([...parts, ...(link === null ? [] : [link]), `#${message.messageId}`].join('\n\n'), mostBytes);
}

export function cutToBytes(text: string, mostBytes: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= mostBytes) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, mostBytes - 3), { stream: true })}…`;
}

/** `okField`: where the code stands, 0 for taken. `waitCodes`: too many at once, or its own trouble. */
export async function postToRobot({ url, body, signal, network, codeFields, waitCodes }: { url: string; body: unknown; signal: AbortSignal; network: Network; codeFields: string[]; waitCodes: number[] }): Promise<SendResult> {
  const posted = await post({ url, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body), signal, network });
  const byStatus = resultOf(posted);
  if (!isAnswer(posted)) return byStatus;
  let answer: Record<string, unknown> | null = null;
  try { answer = JSON.parse(posted.body) as Record<string, unknown>; } catch { /* said below */ }
  const code = codeFields.map((field) => answer?.[field]).find((value) => typeof value === 'number');
  if (code === undefined) return byStatus.outcome === 'sent' ? { outcome: 'refused', detail: `this is not how such a robot answers: ${shownOf(posted.body)}` } : byStatus;
  if (code === 0) return { outcome: 'sent', detail: 'taken by the robot' };
  return { outcome: waitCodes.includes(code) || posted.status >= 500 ? 'retry' : 'refused', detail: `the robot answered ${code}: ${shownOf(String(answer!['errmsg'] ?? answer!['msg'] ?? ''))}` };
}
