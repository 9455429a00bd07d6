// Chinese words of second factors and signing in elsewhere.
import type { Wording } from '../../words/wording.ts';
import type { wordsEn } from './words.en.ts';

export const wordsZh: Wording<typeof wordsEn> = {
  step: { title: '第二步验证', code: '应用中的验证码', codeHint: '六位数字,每 30 秒更新一次。', recovery: '恢复码', recoveryHint: '您保存的十个恢复码之一,每个只能用一次。', go: '继续', sending: '正在验证…', passkey: '使用通行密钥', useCode: '使用应用的验证码', useRecovery: '使用恢复码', back: '返回输入密码' },
  ways: { or: '或', passkey: '使用通行密钥登录', elsewhere: '通过 {{name}} 登录' },
  back: { title: '正在登录', wait: '正在核对返回的结果…', again: '前往登录页' },
  browser: { cancelled: '未使用通行密钥:已取消或超时。', broken: '此浏览器无法使用该通行密钥。', none: '此浏览器不支持通行密钥。' },
  section: {
    title: '第二因素', lead: '启用后,仅凭被盗的密码无法登录。建议添加两个,以防其中一个遗失。', needed: '本系统要求使用第二因素。', none: '尚未添加。', elsewhere: '您通过其他服务登录,第二因素在那里设置。',
    totp: '应用验证码', webauthn: '通行密钥', added: '添加于 {{time}}', used: '上次使用 {{time}}', never: '尚未使用', withoutPassword: '也可免密码登录', at: '用于 {{name}}',
    addApp: '添加应用', addPasskey: '添加通行密钥', noPasskeys: '使用通行密钥需以名称打开本页面。', remove: '移除', removeOf: '移除 {{name}}', removeSure: '移除 {{name}}?此后将无法再用它登录。', keep: '保留',
    recoveryLeft_one: '剩余 {{count}} 个恢复码。', recoveryLeft_other: '剩余 {{count}} 个恢复码。', newRecovery: '生成新的恢复码', loading: '正在查询…',
  },
  app: { title: '添加应用', scan: '用验证码应用(支持 TOTP 即可)扫描此二维码,或在应用中输入下方密钥。', qr: '供应用扫描的二维码', key: '密钥', name: '名称', nameDefault: '手机', code: '应用当前显示的验证码', save: '添加', cancel: '取消' },
  passkey: { title: '添加通行密钥', lead: '可插入的安全密钥,或本设备自身的指纹、面容或密码。', name: '名称', nameDefault: '密钥', save: '继续', waiting: '请按浏览器提示操作…' },
  recovery: { title: '恢复码', lead: '请打印或抄写,并与手机分开保存。没有其他方式时,每个恢复码可登录一次。只在此时显示。', copy: '复制', copied: '已复制', kept: '我已保存' },
  confirm: { title: '请确认是您本人', lead: '此操作需再次验证,因为屏幕可能无人看管。', password: '您的密码', signInAgain: '您通过其他服务登录:请退出后重新登录,再进行此操作。', cancel: '取消' },
  reset: { button: '移除第二因素', sure: '移除 {{name}} 的全部第二因素?请先以其他方式确认对方身份。此后仅凭密码即可登录,其所有会话将结束。', keep: '保留' },
  must: { title: '请添加第二因素', lead: '本系统要求先添加第二因素,只需一分钟。', signOut: '退出登录' },
  noRoles: { title: '您在此尚无任何权限', lead: '您已以 {{name}} 登录,但该账户尚未获得角色。', elsewhere: '权限取决于您在登录服务中的分组。请联系那里的管理员,然后重新登录。', local: '请联系本系统的管理员。', signOut: '退出登录', signOutThere: '同时退出该服务' },
};
