// Chinese words of account.
import type { Wording } from '../words/wording.ts';
import type { wordsEn } from './words.en.ts';

export const wordsZh: Wording<typeof wordsEn> = {
  page: { title: '您的账户' },
  role: { viewer: '查看者', fieldWorker: '现场人员', operator: '值班员', analyst: '分析员', dutyOfficer: '值班负责人', administrator: '管理员', auditor: '审计员' },
  menu: { of: '已登录:{{name}}', whole: '整个系统', noName: '某单位', roleAt: '{{role}}:{{place}}', noRole: '该账户尚无角色,请联系管理员。', signOut: '退出登录', notSignedOut: '服务器没有应答。您仍处于登录状态,请重试。' },
  signIn: { title: '登录', name: '登录名', password: '密码', show: '显示密码', enter: '登录', sending: '正在验证…', second: '该账户需要第二步验证。', tries: '本页面会自动重试。' },
  over: { title: '已退出登录', old: '背后的画面已过时:停在 {{time}}。', means: '会话已结束。重新登录之前,本屏幕不显示也不响报警。已输入的内容会保留。', other: '以其他人登录(已输入的内容将丢失)', soon: '{{span}}后将自动退出登录。', here: '保持登录' },
  join: { title: '设置密码' },
  accounts: { title: '账户' },
};
