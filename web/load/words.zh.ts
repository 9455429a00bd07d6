// Words of alarm discipline: steps on an alarm, the pages of alarm load and what-if, silences and exercises, in Chinese.
import type { AreaWords } from './words.en.ts';

export const wordsZh: AreaWords = {
  mark: { exercise: '演练', exerciseLong: '这是演练,没有真实危险。', shelved: '已搁置', muted: '已静音', repeats: '{{count}} 次', repeatsLong: '因无人确认,已重复提醒 {{count}} 次' },
  priority: { low: '低优先级', medium: '中优先级', high: '高优先级', urgent: '紧急' }, priorityShort: { low: '低', medium: '中', high: '高', urgent: '紧急' },
  list: { bySite: '按场所', bySiteLong: '将未关闭的报警按场所分组', shelvedHead: '已搁置:{{count}}', siteHead: '{{site}}:{{count}} 条未关闭', siteCalls: '{{count}} 条无人应答', now: '10 分钟内 {{count}} 条', nowLong: '本屏最近 10 分钟的新报警:{{operators}} 名值守员平均应少于 {{mean}},最多应少于 {{peak}}(EEMUA 191)', fold: '收起 {{name}}', unfold: '展开 {{name}}' },
  card: {
    mutedBlind: '已静音:目前无法看到该区域,由其摄像机的报警代为提醒;恢复可见后会再次提醒。', mutedSilence: '在计划的静默时段内已静音。严重报警从不静音。',
    shelvedUntil: '由 {{by}} 搁置至 {{time}}:{{words}}', shelvedMeans: '其间不发声、不通知;到时自动恢复,等级升高时立即恢复。', clearedAt: '已解除,等待确认', repeated: '已重复提醒 {{count}} 次,仍无人确认。', exercise: '演练:这不是真实报警。',
    incident: '事件', report: '上报为事件', reporting: '正在上报…', reported: '已上报。',
  },
  shelve: {
    do: '搁置', undo: '取消搁置', title: '搁置该报警', of: '{{level}},{{place}}', words: '原因', wordsHint: '已知情况,由谁跟进', wordsMissing: '请说明原因。', span: '时长', minutes: '{{count}} 分钟', hours: '{{count}} 小时', critical: '严重报警最多搁置半小时。', means: '其间不发声、不通知。到时自动恢复,等级升高时立即恢复。此处同类的下一条报警也在搁置之列。',
    send: '搁置', sending: '正在发送…', cancel: '取消', close: '关闭', noAnswer: '服务器没有应答。请重试,只会执行一次。', who: '请先说明您是谁',
  },
  exercise: {
    title: '演练', none: '当前没有演练。', begin: '开始演练', zone: '区域', level: '等级', span: '时长', words: '演练内容', wordsHint: '收到报警的人都会看到', send: '开始', end: '结束演练', means: '将触发一条处处标明"演练"的报警,系统之外的通知也会标明。该区域的真实报警仍为真实报警。', choose: '– 请选择 –', zoneMissing: '请选择区域。', wordsMissing: '请说明演练内容。', runs: '{{place}},{{level}},{{time}} 开始',
  },
  silence: {
    title: '计划静默', none: '没有计划静默。', add: '计划静默时段', site: '场所', zones: '区域', allZones: '整个场所,包括摄像机和计数线', rules: '报警', allRules: '所有类型', from: '开始', until: '结束', words: '原因', by: '由 {{name}} 设置', send: '保存', remove: '撤销', removeLong: '撤销 {{site}} 的静默', now: '正在生效', means: '其间的报警照常记录和显示,但不发声、不通知。严重报警始终提醒。', wordsMissing: '请说明原因。', timesWrong: '结束须晚于开始,且在将来。', fromTo: '{{from}} 至 {{until}}',
  },
  load: {
    title: '报警负荷', span: '时段', hours8: '最近 8 小时', day: '最近 24 小时', week: '最近 7 天', month: '最近 30 天', operators: '值守人数', site: '场所', siteAll: '所有场所', demo: '计入演示数据', again: '重新查询', loading: '正在载入…', broken: '暂时无法显示。', upTo: '{{from}} 至 {{until}}',
    mean: '每名值守员每 10 分钟报警数', meanLimit: '平均应少于 {{limit}}', peak: '最忙的 10 分钟,每名值守员', peakLimit: '突发后应少于 {{limit}}', floods: '报警泛滥', floodsMeans: '每名值守员 10 分钟内达到 10 条,直至少于 5 条', floodShare: '占时间的 {{share}}', floodNone: '该时段没有报警泛滥。', floodLine: '{{from}} 至 {{until}}:{{count}} 条报警', source: '来源:EEMUA 191;ISA-18.2 / IEC 62682', good: '在范围内', bad: '超出',
    chart: '每 10 分钟的报警数', chartLine: '虚线:{{operators}} 名值守员对应的 {{mean}} 与 {{peak}}', chartMost: '每柱:{{span}}内最忙的 10 分钟', raised: '发出提醒的报警', unheard: '未提醒即触发(静音或搁置)', exercises: '演练,不计入', demoLeftOut: '演示,不计入', demoIn: '演示,已计入', openNow: '当前未关闭', shelvedNow: '当前搁置', mutedNow: '当前静音', unacknowledged: '从未确认', median: '半数在此时间内确认', nobody: '无人确认',
    chattering: '反复报警:10 分钟内 3 次及以上', chatteringNone: '没有反复报警。', stale: '滞留报警:未关闭且一天以上没有变化', staleNone: '没有滞留报警。', place: '位置', rule: '报警', count: '该时段次数', within: '10 分钟内最多', since: '自此没有变化', tune: '试算其他阈值', show: '查看', priorities: '按优先级', guide: '约 {{share}}', guideUrgent: '少于 {{share}}', share: '占比', moreThanShown: '显示 {{count}} 条中的 {{shown}} 条。', none: '该时段没有发出提醒的报警。', onlyAlarms: '这些是报警与阈值的数据,不涉及任何个人。', figures: '数据',
  },
  whatIf: {
    title: '试算', intro: '用同一规则在某区域保存的每分钟数据上试算其他阈值:哪些报警会出现,哪些不会。', zone: '区域', choose: '– 请选择区域 –', days: '历史', day1: '1 天', day3: '3 天', day7: '7 天', day14: '14 天', limits: '阈值(人/m²)', asNow: '当前', tried: '试算', settings: '报警方式', run: '开始试算', running: '正在计算…', outOfOrder: '各级阈值必须由低到高递增。', before: '按当前设置', after: '按试算设置', perDay: '每天 {{count}} 条', gone: '不会出现', added: '会新增', kept: '两者都有', open: '仍未结束', none: '没有报警。', raisedAt: '触发', for: '持续', worst: '最高等级', peak: '最高密度', what: '变化', noZones: '还没有绘制区域。', result: '{{gone}} 条报警不会出现,另有 {{added}} 条会新增。', same: '出现的报警相同。', more: '另有 {{count}} 条未显示。',
    honest: '每分钟数据不能说明的', honestMinute: '每分钟只有一个数值,不足一分钟的变化不在其中。', honestFew: '{{count}} 分钟不足三人,不保留数字,不会触发报警。', honestBlind: '{{count}} 分钟无法看到,既不触发也不解除报警。', honestNow: '整个时段均按当前阈值计算,即使当时的阈值不同。', outlined: '带边框:仅出现在其中之一', nothing: '该区域在此时段没有保存的数据。', apply: '在区域中设置', backToLoad: '报警负荷',
  },
  zoneForm: { title: '该区域的报警' },
  keys: { shelve: '搁置所选报警', unshelve: '取消搁置', bySite: '按场所分组', again: '重新查询', span: '时段', run: '开始试算', load: '报警负荷', help: '本列表', title: '本页按键' },
};
