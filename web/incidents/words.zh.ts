// Words of the pages of incidents, duty, supervision and statistics, in Chinese.
import type { AreaWords } from './words.en.ts';

export const wordsZh: AreaWords = {
  duty: { fieldWorker: '网格员', operator: '值班员', dutyOfficer: '值班领导', system: '系统' },
  unitLevel: { city: '市', county: '区县', township: '街道', community: '社区', grid: '网格' },
  category: { crowding: '拥挤', fire: '火情', gas: '燃气', water: '水患', structure: '建筑结构', traffic: '交通', medicalHelp: '医疗救助', equipment: '设备' },
  severity: { minor: '轻微', moderate: '一般', serious: '严重', critical: '危急' },
  step: { reported: '已上报', dispatched: '已派遣', handled: '已控制', followedUp: '已复查', closed: '已办结', merged: '已并入他件' },
  stepGroup: { acknowledge: '接受', onSite: '到场', underControl: '控制', followUp: '复查', assess: '评定' },
  deadline: { dispatch: '派遣', acknowledge: '接受', onSite: '到场', underControl: '控制', followUp: '复查', assess: '评定' },
  answer: { asked: '已询问', accepted: '已接受', arrived: '已到场', done: '已完成', declined: '已拒绝', noAnswer: '无应答', released: '已解除' },
  actionKind: { task: '任务', call: '电话', closeGate: '关闭闸口', openExit: '打开出口', holdTrains: '列车暂停', announcement: '广播' },
  actionState: { open: '待办', sent: '已发送', done: '完成', failed: '失败', skipped: '不做' },
  outcome: { resolved: '已解决', falseAlarm: '误报', noActionNeeded: '无需处置', passedOn: '已转交他方' },
  noticeKind: { approval: '申请批准', emergency: '按紧急情况先行', asked: '请求前往', urged: '催办', overdue: '超时', helpNeeded: '需要支援', released: '解除', closed: '办结', info: '告知', alarm: '报警未应答', incident: '事件通报', action: '清单措施', undelivered: '有人未能送达', test: '测试' },
  noticeState: { waiting: '等待', sending: '发送中', sent: '已发送', dead: '未能送达', tooLate: '已过时,未发送' },
  tryState: { sent: '已发送', retry: '将重试', refused: '被拒绝', rateLimited: '超过每分钟上限,暂缓' },
  exercise: { badge: '演练', banner: '演练:这是一次演练,并无真实危险。' },
  clock: { dueIn: '{{kind}}剩余 {{span}}', overdueFor: '{{kind}}已超时 {{span}}', overdue: '已超时 {{span}}', none: '无时限', met: '{{time}} 按时完成', metLate: '{{time}} 超时完成', missed: '已超时', due: '时限 {{time}}', age: '已 {{span}}' },
  page: { loading: '正在加载…', broken: '现在无法显示。', again: '重试', stale: '服务器没有回答上一次询问,显示的可能是旧内容。', noAnswer: '服务器没有应答。没有丢失:请重试,只会算作一步。', keys: '按键', close: '关闭', cancel: '取消', choose: '– 请选择 –', machine: '机器原话', noName: '无单位', },
  list: {
    title: '事件', label: '事件列表,超时优先', report: '上报', state: '状态', open: '未办结', closed: '已办结', all: '全部', unit: '单位', unitAll: '所有单位', category: '类别', categoryAll: '所有类别', severity: '程度', severityAll: '所有程度', step: '步骤', stepAll: '所有步骤',
    order: '排序', due: '超时优先', newest: '最新优先', age: '最早优先', overdueOnly: '仅超时', exerciseAll: '实况与演练', exerciseOnly: '仅演练', exerciseNone: '不含演练', exercise: '演练', text: '搜索标题和地点', none: '没有符合条件的事件。', noneOpen: '没有未办结的事件。', noneMeans: '新事件会自动出现在这里。',
    total: '共 {{number}} 件', shown: '显示 {{number}} 件', loadMore: '加载更早的', held: '您在列表上时列表保持不动;新增 {{number}} 件', clear: '清除筛选', map: '事件地图', mapBroken: '此处无法显示地图,列表照常可用。', overdue: '超时', nobody: '无人应答', help: '需要支援', goTo: '打开', fit: '显示全部',
    column: { what: '事件与地点', step: '步骤', unit: '单位', people: '人员', age: '时长', due: '下一时限' }, filters: '筛选',
  },
  report: {
    title: '上报事件', category: '类别', severity: '程度', zone: '区域', zoneNone: '– 地图上的点 –', pointHint: '请在地图上点选,或选择区域。', pointTaken: '位置已在地图上标出。', placeName: '地点名称', words: '您看到了什么?', people: '受威胁人数', peopleUnknown: '未知', photo: '照片、录音或文件', exercise: '这是演练', send: '上报', sending: '正在发送…', placeMissing: '请说明地点:选择区域或在地图上点选。', categoryMissing: '请选择类别。', headline: '标题', headlineHint: '留空则用类别和地点',
  },
  attach: { add: '添加照片或文件', remove: '移除 {{name}}', sending: '正在发送…', failed: '未能发送', tooMany: '最多十个文件。', tooLarge: '{{name}} 超过 16 MB。', photo: '照片:{{name}}', sound: '录音:{{name}}', open: '打开 {{name}}', again: '重新发送' },
  one: {
    changed: '其间他人已操作,现在:{{step}}。您写的内容仍在。', region: '事件', timeline: '经过', timelineQuiet: '最新在上', more: '显示更早的步骤', deadlines: '时限', unit: '办理单位', reported: '上报人:{{name}}', people: '受威胁人数', peopleUnknown: '未知', around: '周边', noCameras: '没有摄像机看到此处。', noZone: '此处未划区域,没有密度。', density: '此处密度', playbook: '处置要点', noPlaybook: '此地点和程度没有设定处置清单。', answers: '人员与应答', nobody: '尚未询问任何人。', notices: '通知', noNotices: '尚未发送通知。', linked: '关联事件', noLinks: '没有关联。', mergedInto: '已并入', splitFrom: '拆分自', alarms: '报警', noAlarms: '没有关联报警。', next: '现在可以做的',
    askedAt: '{{time}} 询问', answerDue: '应答剩余 {{span}}', answerLate: '超时未应答 {{span}}', needsHelp: '需要支援', exhausted: '已询问所有人,无人应答。', askingNow: '正在询问:{{unit}}', nextAsk: '{{span}}后询问下一位。', reopened: '重新打开 {{number}} 次', urged: '催办 {{number}} 次', takenFrom: '接管自 {{unit}}', channel: '经 {{channel}}', member: '发给 {{name}}', toChannel: '发往渠道 {{channel}}', attempt: '第 {{number}} 次', assessment: '评定', tick: '勾选完成', send: '发送', skip: '不做', undo: '恢复待办', owner: '由{{duty}}', within: '{{span}}内', byAt: '{{name}},{{time}}', overdueBadge: '超时', map: '地图位置', moreCameras: '更多摄像机', fewerCameras: '收起摄像机', noteBox: '写备注', noteSend: '添加备注', noteHint: '您输入的内容会保留到发送为止,不受他人操作影响。', back: '所有事件',
  },
  act: {
    dispatch: '派遣', accept: '接受', decline: '拒绝', arrive: '我已到场', needHelp: '我需要支援', handle: '已控制', followUp: '复查', assess: '评定办结', reopen: '重新打开', note: '备注', setFacts: '更改信息', urge: '催办', takeOver: '接管', giveBack: '退回', transfer: '移交', escalate: '立即升级', mergeInto: '并入他件', split: '拆分', link: '关联', unlink: '取消关联',
    wordsNeeded: '需要填写说明。', wordsWhy: '原因,或您做了什么', wordsOptional: '说明(可不填)', sending: '正在发送…', again: '重新发送',
    dispatchHint: '选择人员;都不选则按顺序询问值班人员。', dispatchWhom: '询问谁', dispatchNobody: '这些单位没有人值班。', stillWell: '是否仍受控?', stillYes: '是,情况良好', stillNo: '否,仍在继续', outcome: '结果', toUnit: '移交到哪个单位', choose: '哪个事件', chooseNone: '没有其他未办结事件。', chooseFind: '搜索', alarmsOf: '随之拆出的报警', takeOverMeans: '此后由您的单位办理。', urgeMeans: '再次通知承办人员,催办会被记录。', escalateMeans: '立即询问上一级人员。', mergeMeans: '此事件结束并在另一事件中继续,两份经过都保留。', giveBackMeans: '退回给原来的单位。', reopenMeans: '重新派遣;原评定保留在经过中。', splitMeans: '从此事件拆出第二个事件。', unlinkWhich: '哪个关联', choosePlease: '请选择一个。',
  },
  fact: {
    reported: '上报', reportedAlarm: '由报警打开', alarmAttached: '同一地点的另一报警加入', alarmChanged: '报警有变化', alarmChangedTo: '报警{{state}},等级{{level}}', severityRaised: '程度提高', severityRaisedTo: '程度由{{from}}提高到{{to}}', dispatched: '派遣', asked: '请求前往', askedWhom: '请求 {{member}} 前往', noAnswer: '未按时应答', noAnswerWhom: '{{member}} 未按时应答', escalated: '询问上一级', escalatedTo: '询问上升到 {{unit}}', nobodyLeft: '已询问所有人,再无他人', accepted: '接受', declined: '拒绝', arrived: '到场', helpNeeded: '需要支援', handled: '已控制', followedUp: '复查:情况良好', notStillWell: '复查:仍未控制,继续处置', assessed: '评定办结', assessedAs: '评定办结:{{outcome}}', reopened: '重新打开',
    noted: '备注', factsSet: '更改信息', urged: '催办', takenOver: '接管', takenOverBy: '由 {{unit}} 接管', givenBack: '退回', givenBackTo: '退回 {{unit}}', transferred: '移交', transferredTo: '移交 {{unit}}', actionSent: '措施已发送:{{action}}', actionDone: '措施已完成:{{action}}', actionFailed: '措施失败:{{action}}', actionSkipped: '措施不做:{{action}}', actionReopened: '措施恢复待办:{{action}}', actionOverdue: '措施超时:{{action}}', deadlineMissed: '超过时限', deadlineMissedOf: '超过时限:{{deadline}}', merged: '并入他件', absorbed: '另一事件并入本件', splitOff: '拆出另一事件', linked: '关联', unlinked: '取消关联', handedOver: '交接', handedOverTo: '交接给 {{name}}', dispatchedOther: '已用其他方式通知,此处无人可询问', placeMovedUnit: '边界变动:此地归属另一单位', placeMovedNowhere: '边界变动:此地不属于任何单位',
    by: '{{name}},{{duty}}',
  },
  keyList: { title: '本页按键', next: '下一个', previous: '上一个', open: '打开所选', search: '搜索', report: '上报', help: '本列表', back: '返回列表', close: '关闭', refresh: '重新询问服务器', handover: '交接班' },
  phone: {
    title: '我的值班', nothing: '现在没有需要您做的。', nothingMeans: '新的任务会自动出现并响铃。', notMember: '您的账户没有对应的值班人员。', notMemberMeans: '任务不会发到这里。账户管理员可以为您指定值班人员。', reportStill: '您仍然可以上报。', report: '上报', accept: '接受', decline: '拒绝', arrived: '已到场', needHelp: '需要支援', underControl: '已控制', followUp: '情况良好', followUpNot: '仍未控制', note: '备注', answerIn: '请在 {{span}}内应答', answerLate: '已询问下一位', distance: '距离未知', newCall: '新任务:{{what}},{{where}}', others: '其他未办结任务', back: '返回', camera: '摄像机', whyDecline: '为什么不能去?', whatHelp: '需要什么支援?', howControl: '您做了什么?', whatNow: '现在情况如何?', reasonBusy: '我在处理另一任务', reasonFar: '我离得太远', reasonIll: '我无法前往', helpMore: '增派人员', helpDoctor: '救护车', helpPolice: '警察', helpFire: '消防', photo: '拍照', words: '简短说明', send: '发送', cancel: '返回', youAre: '您:{{answer}}', details: '全部信息', offDuty: '此任务已不再进行。',
    reportTitle: '上报', reportWhat: '1. 是什么?', reportWhere: '2. 在哪里?', reportBad: '3. 有多严重?', hereNow: '我所在的位置', hereAsking: '正在询问手机…', hereIs: '此处,± {{metres}} 米', hereRefused: '手机没有给出位置,请点选地图。', onMap: '点选地图', pointSet: '位置已在地图上标出', zone: '已划区域',
    outbox: '等待发送', outboxMeans: '与服务器断开。您的操作已存在本机,会自动发送。', outboxOthers: '本机还存有他人的 {{number}} 项操作,待其重新登录后发送。', waiting: '等待中', sending: '正在发送', refused: '被拒绝', dismiss: '收起', full: '本机等待发送的内容已满,请等网络恢复后再做。', late: '{{span}}前', push: '页面关闭时也呼叫我', pushOn: '页面关闭时此浏览器也会收到呼叫。', pushWorking: '正在询问浏览器…', pushRefused: '浏览器不允许。', pushNone: '此服务器不向已关闭的页面发送呼叫。', pushFailed: '没有成功。页面打开时可以收到呼叫。', notMine: '此事件没有询问您。', lost: '与服务器断开', lostMeans: '现在收不到新任务。',
  },
  board: {
    title: '督办', choose: '单位', chooseFirst: '请选择您督办的单位。', noUnits: '尚未划定单位。', addUnits: '划定或导入单位', overdue: '超时', overdueNone: '没有超时。', openTitle: '未办结,未超时', openNone: '没有其他未办结事件。', below: '下级单位', belowNone: '此单位没有下级。', unit: '单位', open: '未办结', overdueCount: '超时', exhausted: '无人应答', oldest: '最早', moreThanShown: '显示 {{number}} 件中的 {{shown}} 件。', act: '对所选事件', up: '上一级:{{unit}}', handover: '交接班', handoverTo: '交给谁', handoverSummary: '须知事项', handoverAll: '此单位所有未办结事件一并交接,每件都保留此说明:', handoverSend: '交接', handoverDone: '已交接给 {{name}}。', handoverLast: '最近的交接', handoverNone: '没有交接记录。', handoverCount: '{{number}} 件事件', nothingOpen: '没有未办结事件。', list: '超时事件,最早优先', listOpen: '未超时的未办结事件', unitOnly: '本单位及所有下级',
  },
  stats: {
    title: '统计', by: '按', unit: '单位', category: '类别', step: '步骤', period: '时间', day: '最近 24 小时', week: '最近 7 天', month: '最近 30 天', quarter: '最近 90 天', own: '自定', from: '从', until: '到', exercises: '演练', without: '仅实况', only: '仅演练', csv: '下载 CSV', number: '事件', open: '未办结', overdue: '超时', reopened: '重新打开', onTime: '按时', median: '中位数', p90: '90 %', few: '少', fewMeans: '少于三件时不给比例和时长,避免一行反映某一人的某一件事。这里没有任何个人数据。', total: '合计', none: '这段时间没有上报事件。', table: '事件统计', count: '次数', wrongPeriod: '结束早于开始。', upTo: '{{from}} 至 {{until}}', nothing: '–',
  },
};
