// The impact assessment in words, English and Chinese: what the product knows stands in it; what only the operator knows (legal basis, necessity, who was heard) is left open and marked so.
import { APPROVAL_WORDS } from '../../contract/approval.ts';
import type { AccountRole, Right } from '../../contract/access.ts';
import { PRESET_WORDS, RETENTION_KIND_WORDS } from '../../contract/privacy.ts';
import { spanWords } from '../../crowd/retention.ts';
import type { AssessmentFacts, Risk } from './assessmentFacts.ts';

type Language = 'en' | 'zh';
type Both = Record<Language, string>;

const RISK_WORDS: Record<Risk, Both> = {
  noTls: { en: 'TLS is off: what crosses a network can be read. Set tls to "site" or "own" before anybody connects from another machine.', zh: '未启用 TLS:网络上传输的内容可被读取。其他机器连接之前,请把 tls 设为 “site” 或 “own”。' },
  secondFactorOptional: { en: 'Nobody has to have a second factor. Set secondFactor to "administrators" or "required".', zh: '未要求第二因素。请把 secondFactor 设为 “administrators” 或 “required”。' },
  noMasks: { en: 'Some cameras have no privacy mask. See whether windows, doors or gardens are in their pictures.', zh: '部分摄像机没有隐私遮挡。请检查画面中是否有窗户、门口或院落。' },
  noPreset: { en: 'No legal preset is chosen: nothing holds the times to what the law of the place says.', zh: '未选择法定预设:保存期限不受当地法规约束。' },
  neverPurged: { en: 'No purge has been reported yet.', zh: '尚无清除报告。' }, purgeUnproved: { en: 'The last purge is not proved: something that should be gone is still there, or it was not finished.', zh: '最近一次清除未得到证明:仍有应删除的内容,或尚未完成。' },
  oneAdministrator: { en: 'There is only one administrator of the whole installation.', zh: '整个系统只有一名管理员。' }, nobodyConfirms: { en: 'Fewer than two accounts can be the second person: acts that need one cannot be approved, and will be used as emergencies.', zh: '可作为第二人的账户少于两个:需要第二人的操作无法获批,将按紧急情况使用。' },
  demoOn: { en: 'A demonstration is among the places.', zh: '地点中包含演示。' }, noUnits: { en: 'No units are drawn: roles cannot be held to an area.', zh: '尚未划定单位:无法把角色限定在区域内。' }, longPast: { en: 'Figures or incidents are kept for very long.', zh: '数据或事件的保存期限很长。' },
};
const ROLE_WORDS: Record<AccountRole, Both> = {
  viewer: { en: 'viewer', zh: '查看者' }, fieldWorker: { en: 'field worker', zh: '网格员' }, operator: { en: 'operator', zh: '值班操作员' }, analyst: { en: 'analyst', zh: '分析员' },
  dutyOfficer: { en: 'duty officer', zh: '值班领导' }, administrator: { en: 'administrator', zh: '管理员' }, auditor: { en: 'auditor', zh: '审计员' },
};
const RIGHT_WORDS: Record<Right, Both> = {
  see: { en: 'map and figures', zh: '地图与数据' }, picture: { en: 'camera pictures', zh: '摄像机画面' }, report: { en: 'report', zh: '上报' }, alarm: { en: 'alarms', zh: '报警' }, incident: { en: 'incidents', zh: '事件处置' }, analyse: { en: 'the past', zh: '历史分析' },
  export: { en: 'export', zh: '导出' }, share: { en: 'share', zh: '共享' }, setup: { en: 'setup', zh: '配置' }, people: { en: 'people and shifts', zh: '人员与班次' }, units: { en: 'units', zh: '单位' }, channels: { en: 'channels', zh: '通知渠道' }, accounts: { en: 'accounts', zh: '账户' },
  retention: { en: 'retention', zh: '保存期限' }, liftMask: { en: 'lift masks', zh: '解除遮挡' }, confirm: { en: 'second person', zh: '第二人' }, audit: { en: 'audit', zh: '审计' }, system: { en: 'system', zh: '系统' },
};

export function assessmentMarkdown(facts: AssessmentFacts, language: Language): string {
  const t = (en: string, zh: string) => (language === 'en' ? en : zh), open = `_${t('to be filled in by the operator', '由运营单位填写')}_`;
  const at = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ') + ' UTC', table = (head: string[], rows: (string | number)[][]) => [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`)].join('\n');
  const sum = (of: (site: AssessmentFacts['sites'][number]) => number) => facts.sites.reduce((all, site) => all + of(site), 0), where = facts.unitNames === null ? t('the whole installation', '整个系统') : facts.unitNames[language];
  const list = (lines: string[]) => lines.map((line) => `- ${line}`).join('\n');
  return [
    `# ${t('Data-protection impact assessment', '个人信息保护影响评估')}: ${cell(where)}`,
    t(`Filled from the live settings of Crowdlight on ${at(facts.atMs)}. What only the operator can say is left open.`, `由 Crowdlight 于 ${at(facts.atMs)} 按当前设置生成。只有运营单位才能说明的内容留空。`),
    `## 1. ${t('Purpose and necessity', '目的与必要性')}`,
    t('The system counts people per square metre of public places to warn before a crush, and carries warnings to those who can act. It identifies nobody, follows nobody and rates nobody.', '本系统统计公共场所每平方米人数,用于在拥挤踩踏发生前预警并通知处置人员。系统不识别、不跟踪、不评价任何个人。'),
    table([t('question', '问题'), t('answer', '回答')], [[t('Controller and contact', '处理者与联系人'), open], [t('Legal basis', '法律依据'), open], [t('Why counting is needed here, and why less would not do', '为何在此处需要统计,以及为何更少的手段不够'), open], [t('Who was heard (data-protection officer, staff, the public)', '已征询的对象(数据保护负责人、员工、公众)'), open]]),
    `## 2. ${t('Places, cameras, masks', '地点、摄像机与遮挡')}`,
    facts.sites.length === 0 ? t('No place is set up.', '尚未设置地点。') : table([t('place', '地点'), t('area m²', '面积 m²'), t('zones', '区域'), t('cameras', '摄像机'), t('with masks', '有遮挡'), t('masks', '遮挡数')], [
      ...facts.sites.map((site) => [site.name + (site.demo ? t(' (demonstration)', '(演示)') : ''), site.areaM2, site.zones, site.cameras, site.camerasMasked, site.masks]), [t('all', '合计'), sum((site) => site.areaM2), sum((site) => site.zones), sum((site) => site.cameras), sum((site) => site.camerasMasked), sum((site) => site.masks)]]),
    t('Pictures are decoded in a process of its own and forgotten. What is under a mask is filled before anything looks at it. What leaves is a count per cell of ground.', '画面在独立进程中解码后即丢弃。遮挡内容在任何处理之前即被填充。输出仅为每个地面格的人数。'),
    `## 3. ${t('What is processed', '处理的数据')}`,
    list([
      t(`Counts per cell and zone; stored history under ${facts.floorPeople} people says "few".`, `每格与每区域的人数;少于 ${facts.floorPeople} 人的历史记为“少量”。`),
      t('Preview pictures while somebody looks; they are not kept.', '有人查看时的预览画面;不保存。'), t('Photos and words that people add to incidents.', '人员在事件中添加的照片和文字。'),
      t('Names, duties and contacts of people on duty; no figure is made of a single worker.', '值班人员的姓名、职务和联系方式;不对个人进行统计。'), t('Who signed in, looked, changed and exported, in the audit.', '审计中记录登录、查看、更改与导出。'),
    ]),
    `## 4. ${t('Who may what', '权限')}`,
    t(`${facts.accounts} accounts reach this area; ${facts.accountsWithSecondFactor} of them have a second factor.`, `${facts.accounts} 个账户可访问本区域;其中 ${facts.accountsWithSecondFactor} 个启用了第二因素。`),
    table([t('role', '角色'), t('accounts', '账户数'), t('rights', '权限')], facts.roles.map(({ role, accounts, rights }) => [ROLE_WORDS[role][language], accounts, rights.map((right) => RIGHT_WORDS[right][language]).join(', ')])),
    `## 5. ${t('How long it is kept', '保存期限')}`,
    `${t('Legal preset', '法定预设')}: **${PRESET_WORDS[facts.retention.preset][language]}**. ${PRESET_WORDS[facts.retention.preset][language === 'en' ? 'meansEn' : 'meansZh']}`,
    table([t('kind', '类别'), t('kept', '保存'), t('may be set from', '可设下限'), t('to', '上限')], facts.retention.kinds.map((one) => [RETENTION_KIND_WORDS[one.kind][language], spanWords(one.hours, language), spanWords(one.leastHours, language), spanWords(one.mostHours, language)])),
    t(`Holds in force: ${facts.holds}.`, `生效的保全:${facts.holds} 项。`) + ' ' + (facts.purge === null ? t('No purge has been reported yet.', '尚无清除报告。') : t(`Last purge reported: ${at(facts.purge.atMs)}, ${facts.purge.proved ? 'proved' : 'NOT proved'}.`, `最近一次清除报告:${at(facts.purge.atMs)},${facts.purge.proved ? '已证明' : '未证明'}。`)),
    `## 6. ${t('Recipients', '接收方')}`,
    facts.channels.length === 0 ? t('No channel is switched on.', '没有启用的通知渠道。') : table([t('channel', '渠道'), t('how many', '数量')], facts.channels.map(({ kind, count }) => [kind, count])),
    t('Channels that are subscribed to tell of places and steps, and name nobody. Transfers to other countries, and contracts with processors:', '订阅渠道只通知地点和步骤,不涉及个人姓名。跨境传输与委托处理协议:') + ` ${open}`,
    `## 7. ${t('Safeguards', '保障措施')}`,
    list([
      `${t('Second person needed for', '需要第二人批准')}: ${facts.secondPerson.map((what) => APPROVAL_WORDS[what][language]).join('; ')}.`,
      t('Heads and number plates are blurred in stills that leave the product.', '导出的图片默认模糊人头与车牌。'), t(`The audit is append-only and chained by hashes; it has ${facts.audit.lines} lines.`, `审计仅可追加并以哈希相链;现有 ${facts.audit.lines} 条。`),
      `TLS: ${facts.tls}. ${t('Second factor', '第二因素')}: ${facts.secondFactor}.`,
    ]),
    `## 8. ${t('Open risks', '未决风险')}`,
    facts.risks.length === 0 ? t('None that the product can see in its settings.', '从设置中未发现风险。') : list(facts.risks.map((risk) => RISK_WORDS[risk][language])),
    table([t('risk beyond the settings', '设置之外的风险'), t('likelihood', '可能性'), t('harm', '影响'), t('measure', '措施')], [[open, open, open, open]]),
    `## 9. ${t('Decision', '结论')}`, table([t('residual risk', '剩余风险'), t('decided by', '决定人'), t('date', '日期'), t('next review', '下次评审')], [[open, open, open, open]]),
  ].join('\n\n') + '\n';
}
/** Names come from people: nothing in them may break a table or become markup. */
const cell = (value: string | number): string => String(value).replaceAll(/[|\\<>`[\]*#]/g, (letter) => `\\${letter}`).replaceAll(/\s+/g, ' ');

/** The same text as a page that needs nothing of anybody: only what assessmentMarkdown() writes is understood. */
export function assessmentHtml(markdown: string, language: Language): string {
  const inline = (text: string) => text.replaceAll(/\\([|\\<>`[\]*#])/g, (_, letter: string) => `&#${letter.codePointAt(0)};`).replaceAll('&', (match, at: number, all: string) => (/^&#\d+;/.test(all.slice(at)) ? match : '&amp;')).replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
    .replaceAll(/\*\*(.+?)\*\*/g, '<b>$1</b>').replaceAll(/(^|\s|: )_(.+?)_/g, '$1<i>$2</i>');
  const cells = (line: string) => line.slice(1, -1).split(/(?<!\\)\|/).map((one) => inline(one.trim()));
  const blocks = markdown.trim().split('\n\n').map((block) => {
    const lines = block.split('\n');
    if (block.startsWith('# ')) return `<h1>${inline(block.slice(2))}</h1>`;
    if (block.startsWith('## ')) return `<h2>${inline(block.slice(3))}</h2>`;
    if (block.startsWith('- ')) return `<ul>${lines.map((line) => `<li>${inline(line.slice(2))}</li>`).join('')}</ul>`;
    if (block.startsWith('|')) return `<table><thead><tr>${cells(lines[0]!).map((one) => `<th>${one}</th>`).join('')}</tr></thead><tbody>${lines.slice(2).map((line) => `<tr>${cells(line).map((one) => `<td>${one}</td>`).join('')}</tr>`).join('')}</tbody></table>`;
    return `<p>${inline(block)}</p>`;
  });
  return `<!doctype html><html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><meta charset="utf-8"><title>${language === 'zh' ? '个人信息保护影响评估' : 'Impact assessment'}</title><style>body{font:15px/1.5 system-ui,"Noto Sans SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top}</style><body>${blocks.join('\n')}</body></html>\n`;
}
