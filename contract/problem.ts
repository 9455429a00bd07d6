// When the world fails: a name, a sentence for the person at the desk in both languages, and whether trying again may help.
// The machine's own words travel as `detail`, one click away, with secrets already cut out.
import Type from 'typebox';
import { nullable, strictObject } from './schema.ts';

type Words = { what: string; means: string; todo: string };
type Entry = { httpStatus: number; tryAgain: boolean; en: Words; zh: Words };
const entry = (httpStatus: number, tryAgain: boolean, en: [string, string, string], zh: [string, string, string]): Entry => ({
  httpStatus, tryAgain,
  en: { what: en[0], means: en[1], todo: en[2] }, zh: { what: zh[0], means: zh[1], todo: zh[2] },
});

/** {name} is filled from the note's values. */
export const PROBLEMS = {
  cameraUnreachable: entry(502, true,
    ['The camera does not answer.', 'Nothing is counted there.', 'Check its power, its cable and the address.'],
    ['摄像机没有应答。', '该处没有计数。', '请检查电源、网线和地址。']),
  cameraNameUnknown: entry(502, true,
    ['No machine has this name: {host}.', 'The camera cannot be reached.', 'Check the spelling, or use its IP address.'],
    ['找不到名为 {host} 的设备。', '无法连接摄像机。', '请检查拼写,或改用 IP 地址。']),
  cameraRefused: entry(502, true,
    ['The machine is there, but nothing listens on this port.', 'Nothing is counted there.', 'Check the port and that the camera streams by RTSP.'],
    ['设备在线,但该端口没有服务。', '该处没有计数。', '请检查端口以及摄像机是否开启 RTSP。']),
  cameraPasswordRefused: entry(502, false,
    ['The camera refuses the user name or password.', 'Nothing is counted there.', 'Enter the camera\'s user and password again. Too many tries may lock the camera.'],
    ['摄像机拒绝了用户名或密码。', '该处没有计数。', '请重新输入摄像机的用户名和密码。多次尝试可能会锁定摄像机。']),
  cameraPathUnknown: entry(502, false,
    ['The camera answers, but has no stream at this path.', 'Nothing is counted there.', 'Look the path of the stream up in the camera\'s manual.'],
    ['摄像机有应答,但没有该路径的视频流。', '该处没有计数。', '请在摄像机说明书中查找视频流路径。']),
  cameraSilent: entry(504, true,
    ['The camera has stopped sending pictures.', 'Its part of the map is out of date.', 'It is tried again by itself. If it lasts, check the camera.'],
    ['摄像机已停止发送画面。', '地图上它覆盖的部分已过时。', '系统会自动重试。若持续,请检查摄像机。']),
  addressNotUnderstood: entry(400, false,
    ['This is not an address that can be used: {reason}.', 'Nothing was added.', 'Write it like rtsp://user:password@192.168.1.20/stream'],
    ['无法使用该地址:{reason}。', '没有添加任何内容。', '格式如 rtsp://用户:密码@192.168.1.20/stream']),
  fileMissing: entry(404, false,
    ['There is no such file: {name}.', 'Nothing is counted from it.', 'Check the path; the server must be able to read it.'],
    ['文件不存在:{name}。', '无法据此计数。', '请检查路径,服务器须能读取该文件。']),
  fileEmpty: entry(422, false,
    ['The file is empty: {name}.', 'Nothing is counted from it.', 'Copy the video again.'],
    ['文件为空:{name}。', '无法据此计数。', '请重新复制视频文件。']),
  notAVideo: entry(422, false,
    ['There is no video in it.', 'Nothing is counted from it.', 'Use a video with H.264 or H.265 pictures.'],
    ['其中没有视频。', '无法据此计数。', '请使用 H.264 或 H.265 视频。']),
  videoDamaged: entry(422, true,
    ['The video is damaged or cut off.', 'What can be read is counted; the rest is missing.', 'Copy the file again, or check the network to the camera.'],
    ['视频损坏或不完整。', '仅统计可读部分,其余缺失。', '请重新复制文件,或检查到摄像机的网络。']),
  codecUnknown: entry(422, false,
    ['Pictures of this kind cannot be read: {codec}.', 'Nothing is counted there.', 'Set the camera to H.264 or H.265.'],
    ['无法读取此编码的画面:{codec}。', '该处没有计数。', '请将摄像机设置为 H.264 或 H.265。']),
  pictureShapeChanged: entry(409, false,
    ['The picture has another shape than when the camera was placed.', 'Its placing is doubtful, so its ground counts as unknown.', 'Open the camera and set its points again.'],
    ['画面比例与标定时不同。', '位置标定不可靠,其地面按未知处理。', '请打开该摄像机并重新标定。']),
  pictureFrozen: entry(409, true,
    ['The picture stands still, although the camera goes on sending.', 'Its ground counts as unknown.', 'Start the camera again. It is counted again by itself once the picture moves.'],
    ['摄像机仍在发送,但画面静止不动。', '其地面按未知处理。', '请重启摄像机。画面恢复后会自动重新计数。']),
  pictureDark: entry(409, true,
    ['The picture is too dark to count.', 'Its ground counts as unknown.', 'Check the lighting, the camera\'s night mode and its lens.'],
    ['画面过暗,无法计数。', '其地面按未知处理。', '请检查照明、摄像机夜间模式和镜头。']),
  pictureOverexposed: entry(409, true,
    ['The picture is overexposed.', 'Its ground counts as unknown.', 'Check the camera\'s exposure, and whether sun or a lamp shines into it.'],
    ['画面过度曝光。', '其地面按未知处理。', '请检查摄像机曝光设置,以及是否有阳光或灯光直射。']),
  pictureCovered: entry(409, true,
    ['The camera is covered.', 'Its ground counts as unknown.', 'Look at the camera: something is before its lens.'],
    ['摄像机被遮挡。', '其地面按未知处理。', '请查看摄像机,镜头前有遮挡物。']),
  pictureBlurred: entry(409, true,
    ['The picture is out of focus.', 'Its ground counts as unknown.', 'Focus the camera again, and clean its lens.'],
    ['画面失焦。', '其地面按未知处理。', '请重新对焦并清洁镜头。']),
  pictureFogged: entry(409, true,
    ['Fog, rain or dirt hides the picture.', 'Its ground counts as unknown.', 'Clean the lens if it does not clear by itself.'],
    ['雾、雨或污渍遮蔽了画面。', '其地面按未知处理。', '若未自行恢复,请清洁镜头。']),
  cameraMoved: entry(409, false,
    ['The camera no longer looks where it was placed.', 'Its ground counts as unknown.', 'Turn it back, or confirm the view as it is if the points still fit, or set its points again.'],
    ['摄像机已不再对准标定时的视野。', '其地面按未知处理。', '请转回原位;若标定点仍吻合可确认当前视野,否则请重新标定。']),
  cameraNotPlaced: entry(409, false,
    ['The camera is not placed yet.', 'There is no view to confirm.', 'Set its points first.'],
    ['该摄像机尚未标定。', '没有可确认的视野。', '请先设置标定点。']),
  cameraNotCounting: entry(409, true,
    ['The camera shows no picture that could be confirmed now.', 'Nothing was changed.', 'Try again once it counts and its picture is good.'],
    ['摄像机当前没有可确认的画面。', '没有改动。', '请在其恢复计数且画面正常后重试。']),
  cameraClockOff: entry(409, false,
    ['The camera\'s clock is off by {skew}.', 'Its pictures are dated by our clock instead.', 'Set the camera\'s clock, best by NTP.'],
    ['摄像机时钟偏差 {skew}。', '改用本系统时钟记录其画面时间。', '请校准摄像机时钟,最好使用 NTP。']),
  overloaded: entry(503, true,
    ['This machine cannot look at every picture in time.', 'Fewer pictures a second are counted; figures come later.', 'Use a smaller sub-stream, fewer cameras here, or another machine.'],
    ['本机来不及处理全部画面。', '每秒计数的画面减少,数据会更迟。', '请使用更小的子码流、减少摄像机或增加机器。']),
  mediaHostDied: entry(503, true,
    ['The part that reads this camera has stopped and is started again.', 'Its picture pauses for about two seconds.', 'Nothing to do, unless it comes again and again.'],
    ['读取该摄像机的进程已停止,正在重启。', '画面暂停约两秒。', '无需处理;若反复出现请报告。']),
  detectorBroken: entry(500, false,
    ['The counting model cannot be used: {reason}.', 'Nothing is counted.', 'Install the release again; its files were changed.'],
    ['计数模型无法使用:{reason}。', '没有计数。', '请重新安装,模型文件已被改动。']),
  pointsOnOneLine: entry(422, false,
    ['The points lie nearly on one line.', 'The picture cannot be laid on the ground from them.', 'Spread the points over the whole area, near and far, left and right.'],
    ['标定点几乎在一条直线上。', '无法据此把画面投到地面。', '请让标定点分布于远近左右各处。']),
  pointsTooFew: entry(422, false,
    ['At least four point pairs are needed.', 'The picture cannot be laid on the ground yet.', 'Add points that you can find both in the picture and on the map.'],
    ['至少需要四对标定点。', '还不能把画面投到地面。', '请添加在画面和地图上都能找到的点。']),
  pointsDoNotFit: entry(422, false,
    ['The points do not fit one flat ground: the error is {errorM} m.', 'Figures from this placing would be wrong.', 'Check the pair with the largest error first.'],
    ['标定点不在同一平面上:误差 {errorM} 米。', '据此得到的数据会出错。', '请先检查误差最大的一对。']),
  lensUnclear: entry(422, false,
    ['These points cannot tell how the lens bends the picture.', 'The placing goes on without it.', 'Set at least {pairs} points, some of them near the edges and corners of the picture, or enter the distortion by hand.'],
    ['这些标定点无法确定镜头畸变。', '标定暂不含镜头畸变。', '请至少设置 {pairs} 对点,其中一些靠近画面边缘和四角,或手动输入畸变。']),
  polygonCrossesItself: entry(422, false,
    ['The outline of the zone crosses itself.', 'Its area is not clear.', 'Move the corners so that no two sides cross.'],
    ['区域边界自相交。', '面积不明确。', '请移动顶点,使边不相交。']),
  lineTooShort: entry(422, false,
    ['The line is too short to count people across it.', 'It was not saved.', 'Draw it from one side of the way to the other.'],
    ['线段太短,无法统计通过人数。', '没有保存。', '请从通道一侧画到另一侧。']),
  lineOutside: entry(422, false,
    ['An end of the line lies outside of the site.', 'It was not saved.', 'Draw it inside of the site\'s area.'],
    ['线段的一端在场地范围之外。', '没有保存。', '请画在场地范围之内。']),
  polygonTooSmall: entry(422, false,
    ['The zone is smaller than one cell of the map.', 'No figure could be given for it.', 'Draw it larger.'],
    ['区域小于地图的一个网格。', '无法给出数据。', '请画大一些。']),
  polygonOutside: entry(422, false,
    ['The zone lies outside the site\'s grid.', 'No figure could be given for it.', 'Draw it inside the grid, or enlarge the site.'],
    ['区域位于场地网格之外。', '无法给出数据。', '请画在网格内,或扩大场地。']),
  limitsOutOfOrder: entry(422, false,
    ['The limits must grow from notice to critical.', 'Levels would contradict each other.', 'Change the limit that is out of order.'],
    ['各级阈值必须由低到高递增。', '否则等级会互相矛盾。', '请修改顺序不对的阈值。']),
  settingUnknown: entry(400, false,
    ['There is no setting named {name}.', 'The system does not start with a setting it does not know.', 'Check the spelling. {near}'],
    ['没有名为 {name} 的设置。', '存在未知设置时系统不会启动。', '请检查拼写。{near}']),
  settingWrong: entry(400, false,
    ['The setting {name} does not fit: {reason}.', 'The system does not start with a wrong setting.', 'Correct it; the README lists what is allowed.'],
    ['设置 {name} 不正确:{reason}。', '设置错误时系统不会启动。', '请更正,可用取值见 README。']),
  diskFull: entry(507, true,
    ['The disk of the server is full.', 'Changes and alarms cannot be kept until there is room.', 'Free space on the disk that holds the data folder.'],
    ['服务器磁盘已满。', '在腾出空间之前无法保存更改和报警。', '请清理数据目录所在的磁盘。']),
  databaseDown: entry(503, true,
    ['The database does not answer.', 'Alarms are not judged until it is back.', 'It is tried again by itself. If it lasts, call the administrator.'],
    ['数据库没有应答。', '恢复之前不会判定报警。', '系统会自动重试。若持续,请联系管理员。']),
  databaseCannotStart: entry(500, false,
    ['The database of this installation cannot be started: {reason}.', 'Nothing can be kept, so the system does not start.', 'Remove the cause, or set DATABASE_URL to a PostgreSQL of your own.'],
    ['无法启动本机数据库:{reason}。', '无法保存数据,系统不会启动。', '请排除原因,或将 DATABASE_URL 设为您自己的 PostgreSQL。']),
  dataFolderInUse: entry(409, false,
    ['Another Crowdlight runs on this data folder (process {pid}).', 'Two of them would spoil each other\'s records.', 'Stop the other one, or give this one a data folder of its own.'],
    ['另一个 Crowdlight(进程 {pid})正在使用该数据目录。', '两者会互相破坏记录。', '请先停止另一个,或为本进程指定单独的数据目录。']),
  busDown: entry(503, true,
    ['The parts of the system cannot reach each other.', 'The map stands still.', 'It is tried again by itself. If it lasts, call the administrator.'],
    ['系统各部分之间无法通信。', '地图停止更新。', '系统会自动重试。若持续,请联系管理员。']),
  notJudged: entry(503, true,
    ['Nobody judges alarms right now.', 'Your step was not taken.', 'Try again in a few seconds.'],
    ['当前没有进程判定报警。', '操作未执行。', '请几秒后重试。']),
  alarmUnknown: entry(404, false,
    ['This alarm is not there any more.', 'Nothing was changed.', 'Look at the list again.'],
    ['该报警已不存在。', '没有改动。', '请刷新列表。']),
  alarmStepNotAllowed: entry(409, false,
    ['This alarm is {state}; it cannot be acknowledged.', 'Nothing was changed.', 'Somebody may have been faster; look at the list again.'],
    ['该报警处于"{state}"状态,不能确认。', '没有改动。', '可能已有人处理,请查看列表。']),
  notFound: entry(404, false,
    ['It is not there.', 'Nothing was changed.', 'It may have been removed; look at the list again.'],
    ['不存在。', '没有改动。', '可能已被删除,请刷新列表。']),
  changedMeanwhile: entry(409, true,
    ['Somebody changed it meanwhile.', 'Your change was not kept.', 'Look at the new state and change again.'],
    ['其间已被他人修改。', '您的更改未保存。', '请查看最新状态后再修改。']),
  inputWrong: entry(400, false,
    ['What was sent does not fit: {reason}.', 'Nothing was changed.', 'Correct the marked field.'],
    ['提交的内容不正确:{reason}。', '没有改动。', '请更正标出的字段。']),
  originRefused: entry(403, false,
    ['This page may not talk to this server.', 'Nothing was changed.', 'Open the address that the server printed at its start.'],
    ['此页面不能访问该服务器。', '没有改动。', '请打开服务器启动时显示的地址。']),
  tooMany: entry(429, true,
    ['There are too many of these: at most {most}.', 'Nothing was added.', 'Remove one first.'],
    ['数量过多,最多 {most}。', '没有添加。', '请先删除一个。']),
  internal: entry(500, true,
    ['Something inside went wrong.', 'Your step may not have been taken.', 'Try again; if it lasts, send the details to the administrator.'],
    ['系统内部出错。', '操作可能未完成。', '请重试;若持续,请把详情发给管理员。']),
} satisfies Record<string, Entry>;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** A problem as it travels: the code, the figures for its sentence, and the machine's words. */
export const ProblemNote = strictObject({
  code: Type.Union(PROBLEM_CODES.map((code) => Type.Literal(code)) as unknown as [Type.TLiteral<ProblemCode>]),
  values: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  detail: nullable(Type.String({ maxLength: 2000 })),
});
export type ProblemNote = { code: ProblemCode; values: Record<string, string | number>; detail: string | null };

export const problemNote = (code: ProblemCode, values: Record<string, string | number> = {}, detail: string | null = null): ProblemNote =>
  ({ code, values, detail: detail === null ? null : withoutSecrets(detail).slice(0, 2000) });

/** Thrown where the world fails; carries the note to the border. */
export class Problem extends Error {
  readonly note: ProblemNote;
  constructor(code: ProblemCode, values: Record<string, string | number> = {}, detail: string | null = null) {
    const note = problemNote(code, values, detail);
    super(problemSentence(note, 'en') + (note.detail === null ? '' : ` [${note.detail}]`));
    this.name = 'Problem';
    this.note = note;
  }
}

const filled = (sentence: string, values: Record<string, string | number>) => sentence.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ''));

/** The three sentences for the person at the desk. */
export function problemWords(note: ProblemNote, language: 'en' | 'zh'): Words {
  const { what, means, todo } = PROBLEMS[note.code][language];
  return { what: filled(what, note.values), means: filled(means, note.values), todo: filled(todo, note.values).trim() };
}
export function problemSentence(note: ProblemNote, language: 'en' | 'zh'): string {
  const { what, means, todo } = problemWords(note, language);
  return language === 'zh' ? `${what}${means}${todo}` : `${what} ${means} ${todo}`;
}

/** Cuts user and password out of anything that looks like an address. */
export function withoutSecrets(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*(?::[^\s/]*)?@/gi, '$1');
}
