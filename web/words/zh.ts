// 页面的中文。 The same keys as en.ts: one that is missing does not compile.
import type { Words } from './en.ts';

export const zh: Words = {
  app: { name: 'Crowdlight', map: '地图', incidents: '事件', board: '督办', statistics: '统计', load: '报警负荷', duty: '值班', setup: '设置', pages: '页面', skip: '跳到报警', demo: '演示', demoLong: '演示数据,不是真实场所', pageIsOld: '服务器上有此页面的新版本。', reload: '加载',
    theme: '颜色', themeAuto: '跟随系统', themeDark: '深色', themeLight: '浅色', language: '语言', clock: '服务器时间', keys: '按键', close: '关闭', more: '机器原话', lost: '途中丢弃的数据:{{count}}' },
  state: { loading: '正在加载…', loadingLong: '正在向服务器查询。', broken: '服务器没有给出概况。', again: '重试', lostTry: '{{seconds}} 秒后重试。' },
  judged: {
    lineLost: '与服务器断开', lineLostMeans: '本屏收不到报警,显示的内容已过时。正在重新连接。',
    databaseDown: '报警未在判定', databaseDownMeans: '数据库没有应答,恢复之前不会产生报警。若持续,请联系管理员。',
    busDown: '报警未在判定', busDownMeans: '系统各部分之间无法通信。若持续,请联系管理员。',
    deciderSilent: '报警未在判定', deciderSilentMeans: '目前没有进程判定这些场所。请人工关注,若持续请联系管理员。',
    for: '已持续 {{span}}', since: '自 {{time}}', sinceLong: '自 {{time}} 起。', sites: '场所:{{names}}',
    trouble: '服务器报告:{{what}}', again: '报警已恢复判定。',
  },
  level: { calm: '平稳', notice: '提示', warning: '警告', danger: '危险', critical: '严重', blind: '盲区' },
  blind: { noSensor: '没有摄像机覆盖', neverSeen: '尚未看到', sensorSilent: '摄像机无信号', tooLittleSeen: '可见部分太少', moved: '摄像机被移动', frozen: '画面冻结', dark: '太暗,无法计数', overexposed: '过亮,无法计数', covered: '镜头被遮挡', blurred: '画面失焦', fogged: '画面有雾或雨', demoPreparing: '演示视频准备中', for: '盲区已持续 {{span}}', last: '最后数据' },
  unit: { peoplePerM2: '人/m²', perM2: '/m²', people: '人', m2: 'm²', s: '秒', mPerS: '米/秒', perMin: '/分', perMMin: '人/米/分', fps: '帧/秒', noFigure: '无数据' },
  age: { ago: '{{span}}前', now: '刚刚', never: '从未' },
  site: { sites: '场所', zones: '区域', cameras: '摄像机', search: '搜索场所、区域、摄像机', noMatch: '没有匹配的名称。', noZones: '还没有区域。', addZone: '绘制区域', noCameras: '还没有摄像机。', addCamera: '添加摄像机',
    none: '还没有受监测的场所。', noneMeans: '场所可以是广场、车站、街道,其中有摄像机和区域。', addSite: '添加第一个场所', edit: '编辑场所', show: '在地图上显示', panel: '场所、区域和摄像机' },
  first: { preparing: '演示正在准备', preparingBody: '演示视频先在本机绘制,约 {{time}}({{span}}后)自动开始。在此之前其地面为未知,并不等于无人。', off: '演示未运行', offBody: '其摄像机已关闭或尚未就绪,目前没有计数。详情见摄像机列表。',
    title: '演示正在运行', body: '系统正在对一个绘制的广场计数。人群约三分钟内聚集超过阈值后散去:可看到热力、等级和报警。', add: '添加第一台摄像机', hide: '隐藏' },
  map: { region: '地图', fit: '显示全部', follow: '跟随报警', followOn: '地图会移到每个新报警。', legend: '密度', legendUnit: '人/m²', unknown: '未知', unseen: '没有摄像机覆盖', trueFor: '对应时刻', noReading: '尚无读数', lastReading: '已过时,最后读数', empty: '低于 0.1', zoomIn: '放大', zoomOut: '缩小', broken: '此处无法绘制地图。', brokenMeans: '此浏览器不支持 WebGL 2。列表和报警照常工作。请开启硬件加速或换用其他浏览器。', zone: '区域', camera: '摄像机', scale: '网格 {{metres}} 米', smooth: '平滑', heat: '热力', oldHeat: '已过时', north: '正北朝上' },
  alarms: {
    title: '报警', open: '未关闭', none: '没有未关闭的报警。', noneMeans: '新的报警会自动出现在这里。', closedHead: '最近一天内关闭', list: '报警,最严重的在前', pinned: '指针停留时列表不动,新增 {{count}} 条', pinnedShort: '列表不动',
    raised: '已触发', acknowledged: '已确认', easing: '缓解中', cleared: '已解除,待确认', closed: '已关闭', acknowledge: '确认', acknowledging: '已发送,等待记录…', acknowledgedBy: '由 {{by}} 确认', fly: '在地图上显示', card: '报警',
    new: '新报警:{{level}},{{place}},{{site}}', again: '仍无人应答:{{level}},{{place}},{{site}}', exercise: '演练。{{sentence}}', many: '{{count}} 条新报警,最严重:{{level}},{{place}}', rule: '规则', peak: '最高:{{level}}', steps: '步骤', raisedAt: '触发', easingAt: '开始缓解', closedAt: '关闭', changedAt: '最近变化',
    closedBecause: { eased: '已缓解', placeRemoved: '其位置已删除', ruleOff: '其规则已关闭', acknowledged: '已解除并确认', exerciseEnded: '演练结束' }, noAnswer: '服务器没有应答,报警保持原状,请重试。', notSeen: '操作已执行,但记录尚未到达,请在此等待。', why: '原因', nothingChosen: '请选择一个报警、区域或摄像机。',
  },
  sound: { on: '声音开', off: '声音关', blocked: '声音需点击', blockedShort: '点按开声', blockedLong: '在本页首次点击之前,浏览器不会播放声音。请点击此处。', test: '声音' },
  zone: { card: '区域', mean: '平均', interval: '90% 区间', seen: '可见', peak: '最密处', count: '可见人数', limits: '阈值', area: '可见面积', kind: '类型', standing: '站立', walking: '行走', exit: '出口', past: '最近 2 小时', pastEmpty: '尚无记录。计数一分钟后出现第一条。', pastBroken: '暂时无法读取历史。', few: '少量', fewMeans: '少于三人的分钟不保留数字。', edit: '编辑区域', trueFor: '对应时刻', asOf: '截至', cameras: '摄像机' },
  flow: {
    title: '人流', speed: '方向与速度', still: '静止', spread: '速度差异', against: '逆向占比', pressure: '人群压力', pressureCalm: '平稳', pressureSparse: '无:人与人之间有空间', pressureRough: '达到 0.02 /s² 时曾观察到湍流', known: '可见部分的 {{share}} 已知',
    layer: '人流', legend: '箭头:2 秒的路程', directions: { n: '北', ne: '东北', e: '东', se: '东南', s: '南', sw: '西南', w: '西', nw: '西北' },
  },
  forecast: { title: '未来 15 分钟', in: '{{minutes}} 分钟后', skill: '在未见过的日子里,误差比"保持现状"小 {{share}}。', none: '没有预测:此处的预测不比"保持现状"更好,或历史数据太少。', made: '生成于 {{time}}' },
  line: { card: '计数线', lines: '计数线', in: '进', out: '出', both: '双向', over: '最近 {{span}}平均', seen: '可见长度', level: '平地', stairs: '楼梯', limit: '限值', blind: '目前无法判断', edit: '编辑计数线', add: '绘制计数线', surface: '地面', none: '还没有计数线。' },
  camera: {
    card: '摄像机', counting: '计数中', starting: '启动中', connecting: '连接中', waiting: '等待中', off: '已关闭', unplaced: '未标定', unplacedMeans: '它在统计画面中的人数,但尚未说明画面在哪里。', place: '标定位置', unknown: '没有消息', edit: '设置', picture: '{{name}} 的画面', mayNotLook: '您在此处的角色可看数据,不能看画面。', pictureNone: '还没有画面。', pictureOld: '画面是 {{span}}前的。', paused: '页面隐藏时暂停。',
    stream: '码流', rates: '画面', decoded: '已读', counted: '已计数', dropped: '已略过', skew: '时钟', skewNone: '不提供时间', skewOurs: '以本系统时钟记时', skewCamera: '以摄像机时钟记时', countMs: '单次计数', analysis: '分析尺寸', inTiles: '分 {{count}} 块', because: { notPlaced: '尚未标定,不知道人头大小', headsLargeEnough: '远端人头为 {{px}} 像素', budget: '远端人头为 {{px}} 像素;再大会超过设置的开销', stream: '远端人头为 {{px}} 像素;摄像机不发送更大的画面' }, model: '计数模型', sight: '画面', sightGood: '可以计数', measures: '测量值', viewRight: '画面现状正确', viewRightLong: '保留标定,并把当前画面作为正确画面。', viewTaken: '已把当前画面作为正确画面。', keyframes: '过载:仅分析关键帧。', people: '画面人数', nextTry: '{{seconds}} 秒后重试,第 {{attempt}} 次。', address: '地址', disabled: '已停用。', preparing: '准备中', preparingLong: '演示视频正在准备,约 {{time}}({{span}}后)自动开始。', lastFrame: '最近画面', noStatus: '目前没有进程负责此摄像机。', fast: '快', slow: '慢',
  },
  panel: { left: '场所', right: '报警', fold: '收起', unfold: '展开', resize: '面板宽度', openSheet: '报警', closeSheet: '关闭报警' },
  keys: { title: '本页按键', next: '下一个报警', previous: '上一个报警', acknowledge: '确认所选报警', fly: '在地图上显示', shelve: '搁置', unshelve: '取消搁置', search: '搜索', help: '本列表', mute: '声音开关', fit: '显示全部场所', close: '关闭卡片', panels: '收起左侧或右侧面板', theme: '深色或浅色' },
};
