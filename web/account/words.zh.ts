// Chinese words of account.
import type { Wording } from '../words/wording.ts';
import type { wordsEn } from './words.en.ts';

export const wordsZh: Wording<typeof wordsEn> = {
  page: { title: '您的账户', actsAs: '您的操作以 {{name}} 的名义记录。', language: '语言' },
  role: { viewer: '查看者', fieldWorker: '现场人员', operator: '值班员', analyst: '分析员', dutyOfficer: '值班负责人', administrator: '管理员', auditor: '审计员' },
  roleMeans: {
    viewer: '查看地图、数据、报警和事件。', fieldWorker: '还可查看摄像机画面;上报事件并答复指派。', operator: '还可确认报警、处置事件。', analyst: '查看历史与统计,并可导出数据。',
    dutyOfficer: '具有值班员和分析员的全部权限,管理人员与班次,并可作为第二人批准。', administrator: '设置场所、摄像机、单位、人员和账户;不处置事件。', auditor: '只能查看操作记录。',
  },
  right: {
    see: '查看', picture: '摄像机画面', report: '上报', alarm: '报警', incident: '事件', analyse: '历史', export: '导出', share: '共享', setup: '设置', people: '人员', units: '单位', channels: '通知渠道', accounts: '账户', retention: '保存期限',
    liftMask: '查看无遮罩画面', confirm: '第二人', audit: '审计', system: '系统运行数据',
  },
  menu: { of: '已登录:{{name}}', whole: '整个系统', noName: '某单位', roleAt: '{{role}}:{{place}}', noRole: '该账户尚无角色,请联系管理员。', signOut: '退出登录', notSignedOut: '服务器没有应答。您仍处于登录状态,请重试。' },
  signIn: { title: '登录', name: '登录名', password: '密码', show: '显示密码', enter: '登录', sending: '正在验证…', tries: '本页面会自动重试。' },
  over: { title: '已退出登录', old: '背后的画面已过时:停在 {{time}}。', means: '会话已结束。重新登录之前,本屏幕不显示也不响报警。已输入的内容会保留。', other: '以其他人登录(已输入的内容将丢失)', soon: '{{span}}后将自动退出登录。', here: '保持登录' },
  password: { title: '密码', now: '当前密码', next: '新密码', rules: '至少 {{least}} 个字符。可以用一句话;不能是您的名字,也不能是已泄露的密码。', change: '修改密码', done: '已修改。您的其他会话均已结束。', mustTitle: '请设置新密码', mustMeans: '您登录所用的密码是由他人设置的。' },
  sessions: { title: '已登录的位置', this: '当前浏览器', times: '自 {{since}},最近使用 {{seen}},有效至 {{until}}', end: '结束', endOf: '结束 {{name}}', endOthers: '结束其他所有会话' },
  tokens: { title: '程序令牌', means: '持有令牌的程序以您的名义操作,权限不超出此处所列。', name: '用途', rights: '权限', unit: '范围', everywhere: '您有权限的所有位置', days: '有效天数(最多 365)', add: '新建令牌', make: '创建', shownOnce: '仅显示一次,请立即复制。', times: '有效至 {{until}},最近使用 {{used}}', never: '从未', endOf: '结束令牌 {{name}}' },
  link: { title: '{{name}} 的链接', means: '仅显示一次。请亲自转交;首先打开者即可设置密码。有效至 {{time}}。', hide: '隐藏', cancel: '取消' },
  join: { title: '设置密码', looking: '正在查询…', invited: '{{by}} 已为您创建账户。', recover: '因您的密码遗失,{{by}} 生成了此链接。您的所有会话将结束。', until: '链接有效至 {{time}}。', name: '您的姓名', take: '设置密码并登录' },
  accounts: {
    title: '账户', notYours: '您的角色不管理账户。', add: '新成员', invite: '邀请', list: '所有账户', search: '按姓名搜索', unit: '单位', allUnits: '所有单位', chooseUnit: '选择单位', none: '没有符合的账户。', more: '另有 {{count}} 个;请输入部分姓名',
    signInNameRules: '可用字母、数字、点、横线和 @。', roles: '角色', role: '角色', give: '添加角色', take: '撤销', takeRole: '撤销 {{role}}:{{place}}', member: '值班人员', memberMeans: '操作以此人的名义记录。', memberUnit: '值班人员所在单位', noMember: '非值班人员', makeLink: '创建账户和链接',
    disabled: '已停用', elsewhere: '通过外部系统登录', recovering: '重设密码链接有效至 {{time}}', linkOver: '尚未加入;链接已过期', invitedUntil: '邀请有效至 {{time}}', noRole: '无角色', change: '更改', changeOf: '更改 {{name}}', keepRoles: '保存角色', alsoElsewhere: '该账户也在您不管理的单位任职;您只能授予或撤销本单位的角色。',
    recovery: '重设密码链接', newLink: '新链接', endSessions: '结束所有会话', disable: '停用', enable: '重新启用', remove: '删除', removeTitle: '删除 {{name}}?', removeText: '账户及其会话和令牌将永久删除。其操作仍以其姓名保留在记录中。',
  },
};
