// Words of the pages of units, people, policies and playbooks, in Chinese.
import type { AreaWords } from './words.en.ts';

export const wordsZh: AreaWords = {
  units: {
    title: '单位', link: '单位与人员', playbooksLink: '处置清单', tree: '单位', map: '单位地图', search: '按名称或编码查找', noMatch: '没有此名称或编码的单位。', moreMatches: '还有更多结果,请输入更完整的名称。', moreChildren: '还有 {{count}} 个,请按名称或编码查找。',
    none: '尚未划定单位。单位说明某处由谁前往处置:市、区县,直到一个小组负责的网格。请导入边界文件,或画出第一个单位。', choose: '请在列表或地图上选择单位。', addTop: '划定单位', addBelow: '在其下划定单位', importFile: '导入边界文件', changes: '变更记录',
    open: '显示 {{name}} 的下级', shut: '收起 {{name}} 的下级', levelShown: '显示的边界', drawing: '地图上的图形', broken: '无法绘制地图:此浏览器不支持 WebGL 2。请改用顶点表格。', shapesBroken: '边界没有收到,移动地图可再次查询。', demo: '演示',
    tabs: { label: '此单位的页面', outline: '边界', people: '人员', policy: '时限与规则' },
    sitesHere: '此处的场所', noSites: '此处没有场所。', camerasHere: '此处的摄像机', noCameras: '此处没有摄像机。', area: '面积',
  },
  unit: {
    addTitle: '划定单位', nameEn: '英文名称', nameZh: '中文名称', code: '编码', codeHint: '字母、数字、点、下划线和连字符,各方以此识别。', level: '级别', parent: '上级单位', noParent: '– 没有上级 –', nameMissing: '单位需要名称。', codeWrong: '编码须为字母或数字,最多 32 位。', parentWrong: '上级单位的级别须更高。',
    next: { start: '请在地图上点击边界的第一个顶点,或从矩形开始。', more: '请点击下一个顶点,还差 {{missing}} 个。', close: '继续点击顶点,或再次点击第一个顶点完成。回车也可完成,Esc 撤回最后一个顶点。', closed: '拖动顶点可移动;两点之间的圆点可增加顶点;Delete 删除所选顶点。', tooMany: '视野内有 {{count}} 个顶点,请放大到少于 {{most}} 个后再移动。' },
    close: '完成边界', rectangle: '从矩形开始', startOver: '重新绘制', undo: '撤销', addPart: '增加一块', addHole: '挖一个洞', corner: '顶点 {{number}}:东经 {{lng}},北纬 {{lat}}', addCornerAfter: '在顶点 {{number}} 之后增加顶点', removeCorner: '删除顶点 {{number}}', corners: '顶点经纬度({{corners}})', cornersMany: '表格只列出前 {{shown}} 个,其余请在地图上移动。',
    cell: { lng: '顶点 {{number}}:经度', lat: '顶点 {{number}}:纬度' }, column: { number: '序号', lng: '经度', lat: '纬度', remove: '删除' }, part: '第 {{number}} 块', hole: '第 {{part}} 块的第 {{number}} 个洞', removePart: '删除这一块', ring: '哪一条边界',
    save: '保存单位', saveNeedsShape: '请至少画三个顶点再保存。', saved: '已保存。', savedWith: '已保存,并请注意:', moved: '以下内容现在属于另一单位:', movedNobody: '没有内容因此改变所属单位。', administrator: '管理员',
    remove: '删除此单位', removeTitle: '删除单位 {{name}}?', removeText: '其边界、人员、班次和时限将永久删除。此处的场所和摄像机归上级单位。', hasChildren: '没有下级单位时才能删除。',
  },
  import: {
    title: '导入边界文件', file: 'GeoJSON 文件', fileHint: '包含编码、级别、名称和上级编码的边界。单位以编码识别:已有的会更新,文件中没有的保持不变。最大 64 MB。', coordinates: '坐标系', wgs84: 'WGS-84(GPS)', gcj02: 'GCJ-02(国内地图)', check: '检查文件', checking: '正在检查文件…', taking: '正在导入…',
    found: '文件中有 {{features}} 个边界,其中 {{units}} 个可作为单位。', clean: '没有发现问题。', faults: '检查结果', refusesCount: '阻止导入的问题:{{count}} 项,请先在文件中更正。', warnsCount: '提醒:{{count}} 项。', shown: '共 {{total}} 项,列出前 {{shown}} 项。',
    column: { number: '序号', unit: '单位', what: '问题', weight: '影响', where: '位置' }, refuses: '阻止导入', warns: '提醒', show: '在地图上显示', showNamed: '在地图上显示:{{what}}', noPlace: '–', take: '导入', takeAll: '忽略提醒并导入', nothingYet: '尚未导入任何内容。', done: '已导入:新增 {{added}} 个单位,更新 {{changed}} 个。', toUnits: '查看单位', another: '选择其他文件', mark: '第 {{number}} 项的位置', tooLarge: '文件超过 64 MB。', beforeMap: '标记处为有问题的位置。',
    onlyRefusing: '只显示阻止导入的问题',
  },
  changes: {
    title: '单位变更记录', none: '尚无变更。', at: '时间', by: '操作人', what: '操作', units: '单位', moves: '随之改变所属的内容', whats: { imported: '导入', added: '新增', changed: '更改', removed: '删除' }, count: '{{count}} 个单位', noMoves: '无', nowhere: '无单位', gone: '已删除的单位', move: '{{name}}:由 {{from}} 改属 {{to}}', moreMoves: '另有 {{count}} 项', kinds: { site: '场所', sensor: '摄像机', incident: '事件' },
  },
  people: {
    title: '{{unit}} 的人员', onDuty: '当前值班,按询问顺序', nobodyOnDuty: '此处当前无人值班,将直接询问上级单位。', members: '人员', none: '尚未登记人员。此处没有人员时将询问上级单位。', add: '添加人员', kept: '只保存姓名、职责、语言和联系方式,不对任何个人计数或计时。',
    column: { name: '姓名', duty: '职责', language: '语言', contacts: '联系方式,依次尝试', state: '当前', do: '操作' }, languages: { en: '英语', zh: '中文' }, noContacts: '仅屏幕', isOn: '值班中', isOff: '不在班', disabled: '已停用', enabled: '启用', enabledMeans: '停用后不会询问此人。', channelGone: '已删除的渠道', channelOff: '已停用',
    edit: '更改', editNamed: '更改 {{name}}', remove: '删除', removeNamed: '删除 {{name}}', test: '测试', testNamed: '向 {{name}} 发送测试', removeTitle: '删除 {{name}}?', removeText: '姓名、联系方式和班次将永久删除。事件中已有的记录保留。',
    addTitle: '添加人员', editTitle: '更改 {{name}}', name: '姓名', nameMissing: '需要姓名。', duty: '职责', language: '消息语言', contacts: '联系方式', contactsHint: '先尝试第一个,失败后尝试下一个。', addContact: '添加联系方式', channel: '渠道 {{number}}', address: '地址 {{number}}', addressHint: '例如电话号码', addressWrong: '不像是此渠道的地址。', addressMissing: '缺少地址。', noChannels: '尚未设置渠道,屏幕之外无法联系任何人。', toChannels: '设置渠道', up: '提前:联系方式 {{number}}', down: '推后:联系方式 {{number}}', removeContact: '删除联系方式 {{number}}', testContact: '测试联系方式 {{number}}', save: '保存', cancel: '取消',
    testing: '正在发送…', testSent: '{{channel}}:{{ms}} 毫秒内已发送', testFailed: '{{channel}}:未发送。{{detail}}', testNone: '没有可测试的联系方式:此人仅在屏幕上收到通知。',
  },
  shifts: {
    title: '班次', none: '没有班次时,此处所有人始终值班。', hint: '时间按"时区"设置计算。结束不晚于开始时为次日。', add: '添加班次', column: { who: '人员', from: '开始', until: '结束', order: '顺序', remove: '删除' }, cell: { who: '班次 {{number}}:人员', from: '班次 {{number}}:开始', until: '班次 {{number}}:结束', order: '班次 {{number}}:询问顺序', day: '班次 {{number}}:{{day}}', remove: '删除班次 {{number}}' },
    days: { d1: '周一', d2: '周二', d3: '周三', d4: '周四', d5: '周五', d6: '周六', d7: '周日' }, nextDay: '次日', save: '保存班次', dirty: '尚未保存', dayMissing: '班次 {{number}} 需要选择日期。', timeWrong: '班次 {{number}} 的时间应如 08:00。', gaps: '无人值班的时段:', gap: '{{fromDay}} {{from}} – {{untilDay}} {{until}}', noGaps: '一周内每个时段都有人值班。', moreGaps: '另有 {{count}} 段', addPeopleFirst: '请先添加人员。', table: '一周班次',
  },
  policy: {
    title: '{{unit}} 的时限与规则', inherited: '沿用上级', own: '自定', opensFrom: '报警自动成为事件', opensFromMeans: '自报警的这一等级起。', asAbove: '沿用上级:{{value}}', asAboveWord: '沿用上级', never: '仅人工', levels: { notice: '自提示起', warning: '自警告起', danger: '自危险起', critical: '仅严重', calm: '始终' }, sensors: '摄像机失明或无信号时成为事件', askWhy: '查看摄像机画面须说明原因', askWhyMeans: '每次查看询问一次,并与查看记录一并保存。', yes: '是', no: '否',
    answer: '等待应答', answerMeans: '之后询问下一位。留空沿用上级:{{value}}。', deadlines: '时限', deadlinesMeans: '派遣、接受、到场、控制自上报起算;复查和评定自上一步起算。可写 60 s、5 min、2 h、1 d 或 60 秒、5 分、2 小时、1 天。', category: '类别', severity: '程度', allCategories: '其他所有类别', setOwn: '自定时限', setOwnNamed: '自定时限:{{category}}', backTo: '恢复沿用', backToNamed: '恢复沿用上级:{{category}}', cell: '{{category}},{{severity}}:{{deadline}}', notATime: '不是时间。', outOfOrder: '后一步的时限短于前一步。', addFor: '为其他类别自定时限', table: '按类别和程度的时限',
    categories: '自定类别', categoriesMeans: '列表中没有的场所或危险,例如电梯困人。不能是人群种类、信仰、观点或集会本身。', code: '短词', codeHint: '小写字母,无空格', en: '英文名称', zh: '中文名称', addCategory: '添加类别', removeCategory: '删除类别 {{number}}', noCategories: '没有自定类别。', fromAbove: '来自上级单位:{{names}}', codeCell: '类别 {{number}}:短词', enCell: '类别 {{number}}:英文名称', zhCell: '类别 {{number}}:中文名称', codeWrong: '小写字母和数字,无空格,以字母开头。', nameMissing: '缺少名称。', refused: '类别只能是场所或危险,不能是人群种类、信仰、观点或集会。', taken: '此短词已被使用。', save: '保存', saved: '已保存。',
  },
  playbooks: {
    title: '{{site}} 的处置清单', lead: '事件附带的简短动作清单:谁在多长时间内做什么。区域的清单优先于场所的清单;有多个程度时取符合的最高一项。', none: '尚无清单。', add: '编写清单', zone: '地点', wholeSite: '所有没有自己清单的区域', category: '类别', severity: '程度不低于', actions: '动作', actionCount: '{{count}} 个动作', edit: '更改', editNamed: '更改:{{name}}', remove: '删除', removeNamed: '删除:{{name}}', removeTitle: '删除此清单?', removeText: '已打开的事件保留其动作。', nameOf: '{{zone}},{{category}},程度不低于{{severity}}', choose: '场所',
    addTitle: '编写处置清单', editTitle: '更改处置清单', action: '动作 {{number}}', kind: '种类', kinds: { task: '办理事项', call: '打电话', closeGate: '关闭闸门', openExit: '打开出口', holdTrains: '列车不停靠', announcement: '广播' }, owner: '由谁', within: '时限', en: '英文说明', zh: '中文说明', wordsMissing: '请说明要做什么。', channel: '发送渠道', byHand: '– 由人完成并勾选 –', payload: '发送内容', payloadHint: '广播文字或闸门指令。', up: '提前:动作 {{number}}', down: '推后:动作 {{number}}', removeAction: '删除动作 {{number}}', addAction: '添加动作', save: '保存清单', cancel: '取消', cellOf: '动作 {{number}}:{{field}}', channelGone: '已删除的渠道', timeWrong: '时间应如 60 秒或 5 分。',
  },
};
