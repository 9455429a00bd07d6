// Words of the pages of channels, in Chinese.
import type { AreaWords } from './words.en.ts';

export const wordsZh: AreaWords = {
  link: '通知渠道', title: '通知渠道', lead: '通知如何发出:按人员的联系方式通知个人,按订阅通知其他系统,并用于预案中的广播和指令。',
  add: '添加渠道', edit: '修改', editNamed: '修改 {{name}}', remove: '删除', removeNamed: '删除 {{name}}', test: '测试', testNamed: '测试 {{name}}', cancel: '取消', save: '保存',
  column: { name: '渠道', kind: '类型', how: '运行情况', last: '最近发送', told: '订阅', do: '操作' },
  off: '已停用', on: '启用', none: '尚未发送过。', sent: '已发送 {{count}}', failed: '失败 {{count}}', waiting: '等待 {{count}}', dead: '未送达 {{count}}', limited: '因限速等待 {{count}} 次', lastFailure: '最近失败 {{when}}:{{what}}', never: '从未',
  notSubscribed: '无:仅用于人员和动作', subscribed: '{{unit}}:{{severity}}及以上,{{categories}}', everywhere: '全部单位', allCategories: '全部类别', noCategories: '不选则为全部类别。', feedAt: '订阅源:{{address}}',
  addTitle: '添加渠道', editTitle: '修改 {{name}}', name: '名称', nameMissing: '请填写名称。', kind: '类型', perMinute: '每分钟上限', perMinuteMeans: '超出的会等待;派人通知优先。', perMinuteWrong: '请填写 1 到 60,000 的整数。', enabled: '启用', enabledMeans: '停用后改用下一种联系方式。',
  settings: '设置', keptSecret: '已保存,不显示', subscriptions: '订阅事件', subscriptionsHint: '这些事件的每个步骤都会发送到此渠道,不含人员姓名。', unit: '单位', severity: '起始等级', categories: '类别', addSubscription: '添加', removeSubscription: '删除订阅 {{number}}', subscription: '订阅 {{number}}',
  testTitle: '测试 {{name}}', testAddress: '收件地址', testOwn: '留空则发给渠道自身', testLanguage: '语言', send: '发送测试', sending: '正在测试…', testSent: '已发送,用时 {{ms}} 毫秒:{{detail}}', testFailed: '未发送({{outcome}}):{{detail}}', outcome: { sent: '已发送', retry: '稍后可能成功', refused: '被拒绝', rateLimited: '达到限速' },
  deadTitle: '未送达', deadLead: '所有联系方式都未能送达。会一直保留,直到有人重新发送。', deadNone: '全部已送达。', again: '重新发送', againNamed: '重新发送:{{what}}', againDone: '正在重新发送。', tries: '尝试', deadColumn: { when: '时间', what: '内容', tries: '尝试', do: '操作' }, exercise: '演练', openIncident: '打开事件', tryLine: '{{when}} {{channel}}:{{outcome}},{{detail}}', channelGone: '已删除的渠道', more: '另有 {{count}} 次尝试',
  kinds: { approval: '申请批准', emergency: '按紧急情况先行', asked: '派人', urged: '催办', overdue: '超时', helpNeeded: '需要支援', released: '任务解除', closed: '结案', info: '提醒', alarm: '报警', action: '预案动作', incident: '订阅事件', undelivered: '未能通知', test: '测试' },
  removeTitle: '删除渠道 {{name}}?', removeText: '其密钥一并删除。使用该渠道的人员改用下一种联系方式;只等待该渠道的通知将不会送达。',
  languages: { en: 'English', zh: '中文' },
};
