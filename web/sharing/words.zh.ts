// Chinese words of sharing.
import type { Wording } from '../words/wording.ts';
import type { wordsEn } from './words.en.ts';

export const wordsZh: Wording<typeof wordsEn> = {
  page: {
    title: '共享的地点', means: '可以把一个地点临时共享给其他单位。对方只能查看,不能更改;到时自动结束,双方都能在此看到共享情况。',
    given: '我方共享的', received: '共享给我方的', givenNone: '我方没有共享任何地点。', receivedNone: '没有单位向我方共享地点。',
    overToo: '包括已结束的', by: '由 {{name}} 共享', incident: '事件', end: '立即结束', endLong: '立即结束:{{site}} 对 {{unit}} 的共享',
  },
  state: {
    inForce: '至 {{until}}(还有 {{span}})', ahead: '从 {{from}} 至 {{until}}', over: '已于 {{time}} 结束', ended: '由 {{name}} 于 {{time}} 结束',
  },
  rights: {
    see: '地图、数据、报警、事件', picture: '地图、数据、报警、事件和摄像机画面',
    seeLong: '对方可查看该地点的地图、数据、报警和事件,不能做任何更改。', pictureToo: '同时共享其摄像机画面(带隐私遮挡)',
  },
  form: {
    title: '共享地点', site: '地点', unit: '共享给哪个单位', unitHelp: '输入单位名称或编码的一部分。', unitMissing: '请选择单位。', unitNone: '没有名称含此内容的单位。', unitMore: '结果较多,请输入更完整的名称。',
    what: '对方可见', until: '截止时间', quick: '快速选择', hours_one: '{{count}} 小时后', hours_other: '{{count}} 小时后', timeWrong: '请选择将来的时间,最长 {{days}} 天。',
    secondPerson: '超过一天且超出本辖区:需要第二人同意。', reason: '原因', reasonMissing: '请简要说明原因。', send: '共享', done: '{{site}} 已共享给 {{unit}}。', fromIncident: '共享此地点',
  },
};
