// Chinese words of privacy.
import type { Wording } from '../words/wording.ts';
import type { wordsEn } from './words.en.ts';

export const wordsZh: Wording<typeof wordsEn> = {
  page: { title: '隐私', means: '各类记录保存多久、哪些超期保全、哪些已清除,以及本系统的影响评估。', loading: '加载中…' },
  retention: {
    title: '保存期限', unit: '单位', whole: '整个系统', preset: '法定预设', presetAbove: '沿用上级({{preset}})', kind: '类别', kept: '保存', own: '此处设置(小时)', from: '来源', bounds: '允许范围',
    fromWhere: { settings: '配置文件', preset: '法定预设', here: '此处设置', above: '上级单位' }, hours: '{{count}} 小时', days: '{{count}} 天', boundsOf: '{{least}} 至 {{most}}', inherit: '沿用', save: '保存期限设置', saved: '已保存。',
    recordings: '本版本不录像:该期限自首次录像起生效。',
  },
  holds: {
    title: '保全', means: '被保全的内容无论期限如何都不会清除。需要第二人同意。', none: '没有保全。', place: '对象', site: '地点', unit: '单位', incident: '事件', which: '哪一个', from: '发生时间从', to: '至',
    until: '保全至', reason: '原因', add: '保全', end: '结束此保全', endOf: '结束对 {{place}} 的保全', by: '操作人 {{name}}', over: '已结束', inForce: '有效至 {{time}}', window: '{{from}} 至 {{to}} 发生的内容', missing: '请填写所有字段。', approvals: '前往第二人批准页面',
  },
  purges: {
    title: '清除', means: '每小时清除超期内容,随后用另一种方式重新核对是否有残留。', none: '尚无清除报告。', dry: '现在会清除什么?', dryTitle: '现在会清除', proved: '已证明', unproved: '未证明', incomplete: '未完成,下次继续',
    due: '到期', gone: '已清除', held: '保全', left: '残留', oldest: '最早保留', unit: '单位', kind: '类别', nothing: '没有到期内容。',
  },
  assessment: { title: '影响评估', means: '按当前设置生成;只有您能说明的内容留空。不含任何人的姓名。', markdown: '下载文本(Markdown)', html: '下载网页(HTML)' },
  masks: {
    title: '{{name}} 的隐私遮挡', lead: '遮挡内容在任何处理之前即被填充:不统计人数,也没有人能看到。只能透过遮挡看到的地面为未知,而不是空。',
    add: '添加遮挡', remove: '删除此遮挡', mask: '遮挡 {{number}}', corner: '遮挡 {{mask}},角点 {{corner}}', addCorner: '添加角点', removeCorner: '删除角点', undo: '撤销', save: '保存遮挡', cancel: '返回', none: '没有遮挡。', share: '画面的 {{percent}} % 被遮挡',
    picture: '画面与遮挡', help: '拖动角点,或选中后用方向键移动(Shift 为大步,Delete 删除)。在画面中按下会为所选遮挡在该处添加角点。', most: '最多 {{masks}} 个遮挡,每个最多 {{corners}} 个角点。', link: '隐私遮挡', count_zero: '无', count_one: '{{count}} 个', count_other: '{{count}} 个', open: '绘制遮挡',
  },
  card: {
    masked_one: '画面有 {{count}} 处被遮挡', masked_other: '画面有 {{count}} 处被遮挡', lift: '查看未遮挡画面', lifted: '未遮挡,至 {{time}},仅限您本人,已记录', end: '恢复遮挡', reason: '原因', minutes: '分钟数', go: '解除遮挡', cancel: '取消',
    still: '导出一张图片', stillMeans: '导出一张图片并记录。人头和车牌会被模糊;遮挡保留。', notBlurred: '不模糊(需要第二人同意)', take: '导出', done: '已保存为 {{name}}。', reasonMissing: '请简要说明原因。', approvals: '前往第二人批准页面',
  },
};
