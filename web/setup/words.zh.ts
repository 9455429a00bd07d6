// 设置页面的中文文字。与 words.en.ts 的键完全相同,否则无法通过编译。
import type { SetupWords } from './words.en.ts';

export const wordsZh: SetupWords = {
  page: { loading: '正在加载…', notThere: '不存在', notThereText: '可能已被删除。没有改动。', toList: '返回列表' },
  trouble: {
    machine: '系统原始信息', tryAgain: '重试', close: '关闭',
    line: { what: '服务器没有应答。', means: '没有改动,您填写的内容仍在。', todo: '请确认服务器正在运行,然后重试。' },
  },
  unsaved: { title: '不保存就离开?', text: '本页的更改尚未保存。', stay: '留在此页', leave: '不保存并离开', mark: '尚未保存' },
  meanwhile: { means: '您填写的内容仍在。可以查看最新状态,或保留您的内容并覆盖保存。', takeTheirs: '显示最新状态', keepMine: '保留我的' },
  remove: {
    keep: '保留', remove: '删除', typeName: '请输入名称以确认删除:{{name}}',
    siteTitle: '删除场地 {{name}}?', siteText: '将一并永久删除:{{cameras}} 台摄像机、{{zones}} 个区域,及其阈值和标定。该处未结束的报警将被关闭。', cameraItem: '摄像机 {{name}}', zoneItem: '区域 {{name}}',
    cameraTitle: '删除摄像机 {{name}}?', cameraText: '其地址、密码和标定将永久删除。只有这台摄像机能看到的区域将成为盲区。',
    zoneTitle: '删除区域 {{name}}?', zoneText: '其边界和阈值将永久删除。该处若有未结束的报警将被关闭,此后不再报警。',
    lineTitle: '删除计数线 {{name}}?', lineText: '该处将不再统计进出人数。若该处有未关闭的报警,将被关闭。',
    placingTitle: '取消 {{name}} 的标定?', placingText: '摄像机保留并继续统计画面中的人数,但重新标定之前,其数据不会显示在地图上。',
  },
  form: {
    showPassword: '显示或隐藏密码', remove: '删除已存内容', keepStored: '保留已存内容', removed: '保存时将被删除', keptSecret: '留空则保持不变;不会显示', asItIs: '保持不变', yes: '是', no: '否', none: '– 请选择 –', defaultIs: '留空时为:',
    fault: {
      required: '必填', notANumber: '这不是数字', notWhole: '需要整数', tooSmall: '不得小于 {{least}}', tooLarge: '不得大于 {{most}}',
      tooShort: '至少 {{least}} 个字符', tooLong: '最多 {{most}} 个字符', doesNotFit: '格式不符合要求',
    },
  },
  map: { zoomIn: '放大', zoomOut: '缩小', fit: '显示全部', drawing: '地图上的图形', metres: '米', north: '北', broken: '无法绘制地图:浏览器不支持 WebGL 2。请在表格中填写米数。' },
  picture: { loading: '正在向摄像机获取画面…', none: '还没有该摄像机的画面。摄像机应答后即会出现。', zoomIn: '放大画面', zoomOut: '缩小画面', whole: '整幅画面' },
  manage: {
    title: '设置', addSite: '添加场地', addCamera: '添加摄像机', addZone: '绘制区域', addLine: '绘制计数线', lines: '计数线', demo: '演示',
    first: '要查看真实场所:添加摄像机,测试地址,指明安装位置,再绘制要监测的区域。大约需要十分钟;请准备好摄像机的地址、密码以及地面上的几个距离。',
    siteSize: '{{widthM}} 米 × {{depthM}} 米,网格 {{cellM}} 米', cameras: '摄像机', zones: '区域', noCameras: '还没有摄像机:此处没有计数。', noZones: '还没有区域:此处不会报警。',
    edit: '修改', editNamed: '修改 {{name}}', remove: '删除', removeNamed: '删除 {{name}}', place: '标定位置', placeAgain: '标定', placeNamed: '标定位置:{{name}}', placeAgainNamed: '标定:{{name}}', turnOff: '停用', turnOn: '启用', turnOffNamed: '停用 {{name}}', turnOnNamed: '启用 {{name}}',
    column: { name: '名称', state: '当前状态', address: '地址', do: '操作', kind: '类型', area: '面积', limits: '阈值,人/平方米' },
  },
  state: { starting: '正在启动', connecting: '正在连接', counting: '正在计数', waiting: '等待重试', off: '已关闭', disabled: '已停用', preparing: '演示视频准备中', unknown: '尚无消息', unplaced: '尚未标定' },
  site: {
    addTitle: '添加场地', name: '场地名称', namePlaceholder: '例如:站前广场', nameMissing: '请填写场地名称。', width: '东西长度', depth: '南北长度',
    cell: '热力图网格边长', cellHint: '1 米最细;2 或 4 米适合大场地。共 {{cells}} 个网格。', tooLarge: '{{cells}} 个网格过多(最多 {{most}})。请缩小场地,或分成两个。', tooFine: '{{cells}} 个网格过多(最多 {{most}})。请选用 {{cellM}} 米网格,或缩小场地。',
    lng: '西南角经度', lat: '西南角纬度', placeHint: '所有米数都从西南角向东、向北计算。没有底图时,经纬度不重要,米数才重要。', movesAll: '摄像机和区域会随之移动。',
    map: '场地地图', mapHint: '点击西南角(左下角)所在位置。方框即场地。', save: '保存场地',
  },
  add: {
    title: '添加摄像机', steps: '步骤', step: { site: '场地', address: '地址', place: '标定', zones: '区域', done: '完成' }, back: '上一步', next: '下一步', cancel: '取消', later: '以后再标定',
    whichSite: '它监看哪个场所?', siteThere: '已有场地', siteNew: '新场地', site: '场地', makeSite: '保存场地并继续', notTested: '尚未测试。仍可保存,系统会自动尝试连接。',
    testFailed: '测试没有得到画面。仍可保存,系统会自动尝试连接。', saveCamera: '保存摄像机并继续', saveUntested: '不测试直接保存', savePlacing: '保存标定并继续', placeLater: '摄像机已保存。', zonesThere: '此处已有区域:{{names}}。', noMoreZones: '不再添加区域',
    doneTitle: '{{name}} 已设置完成', doneText: '现在开始计数,几秒后数据会出现在 {{site}} 的地图上。', toMap: '前往地图', anotherZone: '再画一个区域', toManage: '返回列表',
  },
  camera: {
    name: '摄像机名称', namePlaceholder: '例如:北门', nameMissing: '请填写摄像机名称。', kind: '类型', address: '地址', test: '测试', testAgain: '重新测试', trying: '正在尝试该地址,最长约 20 秒…', notTested: '测试后,首幅画面将显示在这里。',
    found: '测试结果', firstPicture: '摄像机的首幅画面', codec: '编码', size: '画面尺寸', rate: '帧率', rateIs: '每秒 {{framesPerS}} 帧', rateUnknown: '摄像机未说明', firstPictureAfter: '首幅画面用时', clock: '时钟',
    clockIs: { none: '不提供时间,画面按本系统时钟记录', agrees: '与本系统一致(相差 {{span}})', ahead: '比本系统快 {{span}}:请校准摄像机时钟,最好使用 NTP', behind: '比本系统慢 {{span}}:请校准摄像机时钟,最好使用 NTP' },
    enabled: '启用', enabledMeans: '停用后不再读取画面,其区域可能成为盲区。', changeAddress: '更改地址或密码', keptHint: '不变的内容请留空。已保存的密码不会显示。', save: '保存', state: '当前状态',
    placing: '标定', notPlaced: '尚未标定:能统计画面中的人数,但不知道在地面何处。', placed: '{{points}} 对标定点,高 {{heightM}} 米,朝向 {{degrees}}°。', place: '标定位置', placeAgain: '修改标定', unplace: '取消标定', end: '删除', remove: '删除这台摄像机',
  },
  place: {
    title: '标定 {{name}}', picture: '摄像机画面', map: '场地地图', showGrid: '地面米制网格', newPicture: '更新画面', gridLater: '设好四对点后会显示地面网格。', personHint: '光标处是一个人(头高 {{heightM}} 米),可与真人比较。',
    mapHint: '可拖动标定点和摄像机,或用方向键移动(按住 Shift 为 1 米)。Delete 键删除标定点。',
    next: {
      setPosition: '指明摄像机的安装位置:在地图上点击其正下方,或采用下方由标定点推算的位置。', clickPicture: '在画面中点击一个地面上的点,并且在地图上也能找到:标线的角、井盖、杆子底部。还缺 {{missing}} 对。',
      clickMapFor: '现在在地图上点击同一个点({{number}} 号)。', clickPictureFor: '现在在画面中点击同一个点({{number}} 号)。', mendPoints: '标定点有问题,请看下方说明。有六对以上时可以找出错误的一对。', mendPair: '第 {{number}} 对与其他点对不符。请查看它在画面和地图上的位置,移动或删除它。',
      addFifth: '四对点总能吻合。请再加第五对,才能看出误差。', check: '请看网格是否平贴地面。若是,即可保存;点对越多越准。',
    },
    pairs: '标定点对', addPair: '用数字添加一对', undo: '撤销', noPairs: '还没有点对。至少需要四对,请分布在远近左右各处。',
    column: { number: '序号', pictureX: '画面距左 %', pictureY: '画面距上 %', east: '向东,米', north: '向北,米', error: '误差', remove: '删除' },
    cell: { pictureX: '第 {{number}} 对:距画面左边的百分比', pictureY: '第 {{number}} 对:距画面上边的百分比', east: '第 {{number}} 对:向东米数', north: '第 {{number}} 对:向北米数' },
    suspect: '疑似有误', waitsPicture: '请点击画面', waitsMap: '请点击地图', error: '{{errorM}} 米', errorWorst: '{{errorM}} 米,先检查', removePair: '删除第 {{number}} 对', pointInPicture: '画面中的 {{number}} 号点:距左 {{x}} %,距上 {{y}} %', pointOnMap: '地图上的 {{number}} 号点:向东 {{x}} 米,向北 {{y}} 米',
    camera: '摄像机', east: '向东', north: '向北', height: '离地高度', bearing: '朝向(0 为北,90 为东)', headHeight: '人头高度', range: '最远地面', cameraHint: '高度很重要:统计的是人头,人头会挡住其后的地面。最远地面可留空:以人头足够大为限。',
    cameraHandle: '{{name}},地图上的本摄像机:向东 {{x}} 米,向北 {{y}} 米', bearingHandle: '摄像机朝向:{{degrees}} 度',
    fit: {
      tooFew: '已设 {{there}} 对,至少 {{least}} 对。', rms: '误差 {{errorM}} 米', good: '(平均):良好。半米约为一人的宽度。', fair: '(平均):可用。请检查标出的一对,或增加点对。', poor: '(平均):对窄小区域过于粗略。请先检查标出的一对。',
      unproven: '四对点无论对错都能完全吻合。第五对才能显示其好坏。', noPose: '无法由标定点推算摄像机位置,请手动填写。',
      poseSays: '由标定点推算,摄像机位于向东 {{x}} 米、向北 {{y}} 米,高 {{heightM}} 米,朝向 {{degrees}}°。', poseAgrees: '与标定点推算的结果相近:向东 {{x}} 米、向北 {{y}} 米,高 {{heightM}} 米,{{degrees}}°。', poseDiffers: '标定点推算的结果与您填写的不同:向东 {{x}} 米、向北 {{y}} 米,高 {{heightM}} 米,{{degrees}}°。其中之一有误。', usePose: '采用推算结果',
    },
    lens: { title: '镜头', estimate: '由标定点推算', straight: '不考虑畸变', hint: '广角镜头会使直线弯曲。有八对以上且部分靠近画面四角时,可自动推算;留空表示没有畸变。' },
    quality: { show: '显示地面的可靠程度', title: '地面的可靠程度', good: '位置误差在半米内', fair: '1 米内', rough: '1.5 米内', poor: '更大', placeUnsure: '不计数:位置太不确定', areaUnsure: '不计数:面积太不确定', headTooSmall: '不计数:人头太小', tooDeep: '不计数:视角太平', beyondRange: '不计数:超出最远地面' },
    saveNeedsPoints: '标定点吻合后才能保存。', saveNeedsPosition: '指明摄像机位置后才能保存。', save: '保存标定',
  },
  zone: {
    addTitle: '在 {{site}} 绘制区域', map: '场地地图', facts: '名称、类型和阈值', name: '区域名称', namePlaceholder: '例如:台阶前', nameMissing: '请填写区域名称。',
    next: { first: '在地图上点击区域的第一个顶点。', more: '点击下一个顶点。还缺 {{missing}} 个。', close: '继续点击顶点,或再次点击第一个顶点完成。也可按回车完成;Esc 撤回最后一个顶点。', closed: '拖动顶点可移动;点击两顶点之间的圆点可增加顶点;Delete 键删除所选顶点。' },
    close: '完成边界', rectangle: '从矩形开始', startOver: '重新绘制', corner: '顶点 {{number}}:向东 {{x}} 米,向北 {{y}} 米', addCornerAfter: '在顶点 {{number}} 之后增加顶点', corners: '顶点坐标,米({{corners}} 个)', addCorner: '增加顶点', removeCorner: '删除顶点 {{number}}',
    cell: { east: '顶点 {{number}}:向东米数', north: '顶点 {{number}}:向北米数' },
    kind: '人们在这里做什么?', kinds: { standing: '站立', walking: '行走', exit: '离场' }, kindMeans: { standing: '广场、舞台前、站台', walking: '街道、桥梁、通道', exit: '大门、楼梯、出口:必须保持通畅' },
    area: '面积', level: '等级', limit: '人/平方米', peopleAtLimit: '本区域人数', people: '{{people}} 人', limitOf: '{{level}}阈值,每平方米人数', levels: { noticePeoplePerM2: '提示', warningPeoplePerM2: '警告', dangerPeoplePerM2: '危险', criticalPeoplePerM2: '严重' },
    source: {
      standing: '常用阈值:2 行走变慢(Fruin),3.5 略低于身体接触,4.7 站立观众上限(英国 Green Guide),5.5 高风险(Still)。', walking: '常用阈值:行走人群在 3.57 时身体接触(Fruin),在 4 时开始集体摆动(Nature 638:112, 2025),故各级更低。', exit: '常用阈值:出口必须保持通畅,2 人/平方米已使其变慢(Fruin)。',
    },
    useDefaults: '采用常用阈值', more: '更多:此处如何判定报警', noPlacedCamera: '摄像机标定后,这里会在画面中显示该区域。', notSeen: '没有已标定的摄像机能看到该区域:它将是盲区。', inPicture: '摄像机画面中的区域', inPictureOf: '可见于', saveNeedsShape: '至少画三个顶点才能保存。', saveNeedsMending: '请先按上方说明修正。', save: '保存区域',
  },
  line: {
    addTitle: '在 {{site}} 绘制计数线', facts: '名称、地面和端点', name: '计数线名称', namePlaceholder: '例如:东出口', nameMissing: '请填写计数线名称。',
    next: { first: '在地图上点击通道一侧的起点。', second: '点击另一侧的终点。Esc 撤回第一个端点。', done: '箭头所指方向计为"进"。拖动端点可移动。' },
    middle: '从中间的一条线开始', turn: '交换进出方向', in: '进', end: '端点 {{end}}:向东 {{x}} 米,向北 {{y}} 米', ends: '端点', cell: { east: '端点 {{end}}:向东米数', north: '端点 {{end}}:向北米数' },
    surface: '人们走在什么上面?', surfaces: { level: '平地', stairs: '楼梯' }, surfaceMeans: '每米每分钟可通过 {{limit}} 人', width: '宽度', takes: '该通道每分钟可通过 {{people}} 人。', source: '出口流量限值出自英国 Green Guide。',
    saveNeedsEnds: '需要两个端点才能保存。', save: '保存计数线',
  },
  model: {
    link: '计数模型', title: '用于计数的模型', intro: '地图上的每个数字都依赖此模型。模型卡说明它在从未见过的图片上误差多大,以及何时不可信。',
    notToTrustWhen: '何时不可信', figures: '误差', knownFailures: '已知缺陷', facts: '说明',
    column: { data: '图片来源', analysis: '分析尺寸', pictures: '图片数', mae: '平均误差(人)', rmse: '均方根误差', bias: '偏差(+为偏多)', relative: '占比' },
    name: '名称', counts: '统计对象', heads: '人头大小', headsPx: '分析画面中 {{least}} 至 {{most}} 像素,最佳 {{best}} 像素', error: '误差依据', trained: '训练数据', rights: '图片权利', licence: '许可', file: '文件', note: '备注',
  },
};
