// Chinese words of the audit and of the second person.
import type { Wording } from '../words/wording.ts';
import type { wordsEn } from './words.en.ts';

export const wordsZh: Wording<typeof wordsEn> = {
  page: {
    title: '审计', own: '关于我的记录', lead: '谁在何时、因何做了什么。记录只增不改,每一行都带有上一行的标记。您在此处的查看同样会被记录。', ownLead: '记录中关于您本人的全部内容,不含他人。审计员可以查看。',
    show: '查询', older: '更早', furtherBack: '继续向前查找', nothing: '没有符合的记录。', nothingYet: '目前尚未找到。', loading: '正在查询…', more: '详情', exportLines: '导出(含哈希,JSON 行)', exportTable: '导出表格(CSV)', exportIs: '导出操作会被记录。', readOwn: '关于我的记录', readAll: '全部记录',
    what: '事项', anyWhat: '全部', name: '姓名', words: '文字', from: '从', until: '到', unit: '单位', anyUnit: '我可查看的全部',
    state: '最新为第 {{seq}} 行。', waiting_one: '有 {{count}} 行等待写入。', waiting_other: '有 {{count}} 行等待写入。', dropped_one: '因等待过多,丢失 {{count}} 行。', dropped_other: '因等待过多,丢失 {{count}} 行。', outside: '外部日志已收到第 {{seq}} 行为止。',
    line: '行号', address: '来自', route: '请求', hash: '哈希', status: '应答', session: '会话',
  },
  nobody: '某人',
  said: {
    signedIn: '{{who}} 登录。', signInFailed: '登录失败{{as}}。', signedOut: '{{who}} 退出登录。', sessionEnded: '{{who}} 结束了一个会话。', lockedOut: '登录尝试被暂停{{as}}。', secondFactorAdded: '{{who}} 添加了第二因素。', secondFactorRemoved: '{{who}} 移除了第二因素。', passwordChanged: '{{who}} 修改了密码。',
    accountAdded: '{{who}} 添加了账户 {{place}}。', accountChanged: '{{who}} 修改了账户 {{place}}。', accountRemoved: '{{who}} 移除了账户 {{place}}。', invited: '{{who}} 为 {{place}} 生成了邀请。', recovered: '{{who}} 通过链接设置了新密码。', tokenMade: '{{who}} 生成了程序令牌。', tokenEnded: '{{who}} 停用了一个令牌。',
    lookBegan: '{{who}} 于 {{from}} 开始查看 {{place}}{{why}}。', looked: '{{who}} 于 {{from}} 至 {{until}} 查看了 {{place}}{{why}}。',
    changed: '{{who}} {{did}} {{place}}。', refused: '{{who}} 尝试了不允许的操作:{{tried}}。', exported: '{{who}} 导出了数据:{{place}}{{why}}。', granted: '{{who}} 将 {{place}} 共享给其他单位,至 {{until}}{{why}}。', grantEnded: '{{who}} 结束了 {{place}} 的共享。', maskLifted: '{{who}} 解除了 {{place}} 的隐私遮挡{{why}}。', held: '{{who}} 延长保留 {{place}}{{why}}。', purged: '过期记录已清除:{{place}}。',
    approvalAsked: '{{who}} 申请第二人批准:{{for}}{{why}}。', approvalGiven: '{{who}} 批准了 {{asker}} 的申请:{{for}}。', approvalRefused: '{{who}} 拒绝了 {{asker}} 的申请:{{for}}{{why}}。', approvalWithdrawn: '{{who}} 撤回:{{for}}。', emergencyUsed: '{{who}} 按紧急情况先行:{{for}}{{why}}。', emergencyReviewed: '{{who}} 复核了 {{asker}} 的紧急操作:{{for}}{{why}}。',
    auditRead: '{{who}} 查看了审计记录。', auditExported: '{{who}} 导出了审计记录。', auditGap: '因无法写入,部分记录丢失。', keyRotated: '已更换保管密码与密钥的密钥。', started: 'Crowdlight 启动。',
  },
  what: {
    signedIn: '登录', signInFailed: '登录失败', signedOut: '退出登录', sessionEnded: '会话结束', lockedOut: '登录暂停', secondFactorAdded: '添加第二因素', secondFactorRemoved: '移除第二因素', passwordChanged: '修改密码', accountAdded: '添加账户', accountChanged: '修改账户', accountRemoved: '移除账户', invited: '邀请', recovered: '通过链接恢复', tokenMade: '生成令牌', tokenEnded: '停用令牌',
    lookBegan: '开始查看', looked: '查看摄像机', changed: '更改', refused: '被拒绝', exported: '导出数据', granted: '共享地点', grantEnded: '结束共享', maskLifted: '解除遮挡', held: '延长保留', purged: '清除过期记录', approvalAsked: '申请第二人', approvalGiven: '批准', approvalRefused: '拒绝批准', approvalWithdrawn: '撤回申请', emergencyUsed: '紧急先行', emergencyReviewed: '紧急复核',
    auditRead: '查看审计', auditExported: '导出审计', auditGap: '记录丢失', keyRotated: '更换密钥', started: '启动',
  },
  did: { POST: '添加或操作了', PUT: '更改了', DELETE: '移除了' },
  kind: { unit: '单位', unitAbove: '单位', site: '地点', zone: '区域', line: '计数线', sensor: '摄像机', member: '值班人员', shift: '班次', playbook: '预案', channel: '渠道', incident: '事件', alarm: '报警', silence: '静默时段', notice: '通知', attachment: '文件', handOver: '交接班', account: '账户', grant: '共享', approval: '批准', hold: '保留', audit: '审计', purge: '清理', other: '' },
  because: { outOfScope: '对其不存在({{route}})', notAllowed: '角色不允许({{route}})', notSignedIn: '未登录({{route}})', mustDoFirst: '需先完成其他步骤({{route}})', needsSecondPerson: '需要第二人({{route}})' },
  whyWords: ',原因:{{reason}}', asName: '(用户名 {{name}})', somewhere: '某项内容', moreTimes: '(另有 {{count}} 次)',
  approvals: {
    title: '第二人', lead: '一人不能单独完成的操作,由另一人了解用途后批准。', badge_one: '{{count}} 项等待您答复', badge_other: '{{count}} 项等待您答复', short: '批准',
    waiting: '等待您答复', nothingWaits: '没有等待您答复的申请。', mine: '您的申请', nothingMine: '您近期没有申请。', past: '近期已答复', nothingPast: '近期没有已答复的申请。',
    asks: '{{name}} 申请:{{what}}', wentAhead: '{{name}} 按紧急情况先行:{{what}}', why: '原因:{{reason}}', where: '位置:{{place}}', askedAt: '申请时间 {{when}}', overAt: '{{when}} 失效', reviewBy: '请在 {{when}} 前复核', overdue: '复核已逾期,应于 {{when}} 前完成。', nobodyElse: '申请时没有其他人有权答复。',
    words: '您的说明', give: '批准', refuse: '拒绝', right: '处置得当', wrong: '处置不当', withdraw: '撤回', needWords: '请简要说明复核结果。', answered: '{{name}} {{state}},{{when}}', said: '说明:{{words}}', usable: '{{when}} 前可以执行。请返回并重新操作。', used: '已于 {{when}} 执行。', sent: '您的答复已保存。',
    ask: '请第二人批准', askLead: '以下是申请内容。请说明原因,有权答复者可看到两者。', reason: '为何需要', send: '申请批准', emergency: '按紧急情况先行', emergencyLead: '仅限等待会造成伤害的情况。操作立即生效,所有有权答复者会收到通知,并在三天内复核。', nobody: '目前没有其他人有权答复。只能按紧急情况先行,待有人有权时复核。', asked: '已提交申请,答复会显示在此处。', needReason: '请简要说明原因。', back: '返回列表', gone: '该申请已不存在。', link: '请第二人批准…',
    state: { draft: '尚未申请', asked: '等待中', given: '已批准', refused: '已拒绝', expired: '已过期', emergency: '紧急', reviewed: '已复核', withdrawn: '已撤回' },
    whats: { exportVideo: '导出视频', unblurExport: '导出未模糊头部与车牌的画面', liftMask: '查看无隐私遮挡的画面', holdBeyondRetention: '超期保留', deleteRecord: '移除有历史记录的对象', widenScope: '扩大查看或操作范围' },
  },
  look: { title: '您为何查看此摄像机?', lead: '本单位要求说明原因,并与查看记录一并保存。', label: '原因', show: '显示画面', need: '请简要说明原因。' },
};
