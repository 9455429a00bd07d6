// A guard for names of own categories: they are about places and dangers, never about kinds of people, beliefs, opinions or gatherings as such.
// It is a plain list that stops the careless and reminds the others; whoever wants to get round it can, and the rule holds all the same.

/** The term for which a category is refused, null where none is found. `texts`: its code and its names. */
export function refusedTerm(texts: readonly string[]): string | null {
  for (const text of texts) {
    const plain = text.normalize('NFKC');
    // camelCase and digits part the words of a code.
    let joined = ` ${plain.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z]+/).filter((word) => word !== '').join(' ')} `;
    for (const phrase of ALLOWED) joined = joined.replaceAll(` ${phrase} `, ' ');
    const words = joined.trim().split(' ');
    for (const term of ENGLISH) {
      const found = words.find((word) => (term.endsWith('*') ? word.startsWith(term.slice(0, -1)) : word === term || word === `${term}s`));
      if (found !== undefined) return found;
    }
    // Chinese characters stand together, whatever is put between them.
    let han = plain.replace(/[^\p{Script=Han}]/gu, '');
    for (const phrase of ALLOWED_CHINESE) han = han.replaceAll(phrase, ' ');
    const term = CHINESE.find((one) => han.includes(one));
    if (term !== undefined) return term;
  }
  return null;
}

/** Places and dangers that hold a word of the list. */
const ALLOWED: readonly string[] = ['assembly point', 'assembly points', 'assembly area', 'assembly hall', 'meeting point', 'meeting room', 'parade ground', 'children s playground', 'race course', 'race track', 'man overboard', 'worker s stadium', 'workers stadium'];
const ALLOWED_CHINESE: readonly string[] = ['集合点', '集合处', '儿童游乐', '景观点', '工人体育', '工人文化宫', '学生宿舍', '职工宿舍'];

/** Whole words (and their plural); with * at the end: beginnings. */
const ENGLISH: readonly string[] = [
  // gatherings as such
  'gathering*', 'assembly', 'assemblies', 'protest*', 'demonstrat*', 'rally', 'rallies', 'parade*', 'procession*', 'petition*', 'picket*', 'march', 'marches', 'marchers', 'sitin', 'vigil', 'riot*', 'unrest', 'uprising', 'meeting', 'flashmob*', 'mob',
  // opinions and beliefs
  'politic*', 'opinion*', 'dissent*', 'dissiden*', 'activis*', 'extremis*', 'radical*', 'ideolog*', 'propaganda', 'speech', 'slogan*', 'religio*', 'belief*', 'believer*', 'faith*', 'worship*', 'prayer*', 'sect', 'cult', 'muslim*', 'islam*', 'christian*', 'buddhis*', 'taois*', 'daois*', 'jewish', 'jews', 'hindu*', 'falun*', 'atheis*', 'unionis*', 'striker*',
  // kinds of people
  'ethnic*', 'race', 'racial*', 'minority', 'minorities', 'tribe*', 'nationalit*', 'foreigner*', 'immigra*', 'migrant*', 'refugee*', 'asylum*', 'uyghur*', 'uighur*', 'tibetan*', 'kazakh*', 'mongol*', 'roma', 'gypsy', 'gypsies', 'blacks', 'gende*', 'sexual*', 'gay', 'lesbian*', 'queer*', 'transge*', 'lgbt*', 'woman', 'women', 'man', 'men', 'female*', 'male',
  'child', 'children', 'kid', 'teenager*', 'juvenile*', 'youth', 'elderly', 'senior', 'disabled', 'handicap*', 'mentally', 'psychiatric', 'homeless*', 'beggar*', 'vagrant*', 'drunk', 'drunkard*', 'addict*', 'prostitut*', 'criminal*', 'convict*', 'offender*', 'suspect', 'terroris*', 'journalist*', 'reporter*', 'lawyer*', 'student*', 'pupil*', 'worker', 'hooligan*', 'gang', 'blacklist*', 'wanted', 'nationals', 'locals', 'outsider*', 'stranger*', 'loiter*',
];

const CHINESE: readonly string[] = [
  // gatherings as such
  '聚集', '集会', '集會', '聚会', '聚會', '集合', '游行', '遊行', '示威', '抗议', '抗議', '请愿', '請願', '上访', '上訪', '信访', '访民', '静坐', '靜坐', '罢工', '罷工', '罢课', '罢市', '骚乱', '騷亂', '暴乱', '动乱', '闹事', '群体性', '群體性', '维稳', '維穩', '聚众', '非法集', '快闪', '横幅',
  // opinions and beliefs
  '宗教', '信仰', '信徒', '教徒', '教民', '邪教', '穆斯林', '伊斯兰', '基督', '天主教', '佛教', '道教', '犹太', '法轮', '礼拜', '祷告', '传教', '政治', '政见', '观点', '言论', '思想', '意识形态', '异见', '反动', '反党', '极端分', '极端主', '极端思', '极端宗', '激进', '煽动', '标语', '口号', '舆情', '工会', '维权',
  // kinds of people
  '民族', '少数族', '族裔', '种族', '維吾爾', '维吾尔', '维族', '藏族', '藏人', '回族', '蒙古族', '哈萨克', '苗族', '彝族', '壮族', '新疆人', '西藏人', '外国人', '外籍', '外地人', '外来人', '外来务工', '流动人口', '农民工', '移民', '难民', '无证', '黑人', '同性恋', '跨性别', '性取向', '性别', '女性', '男性', '妇女', '女人', '男人', '儿童', '小孩', '未成年', '青少年', '青年', '老人', '老年', '残疾', '残障', '精神病', '精神障碍', '流浪', '乞讨', '乞丐', '醉汉', '吸毒', '涉毒', '卖淫', '刑满', '前科', '犯罪', '罪犯', '嫌疑', '可疑人', '逃犯', '涉恐', '涉稳', '恐怖分子', '重点人', '重点对象', '重点关注', '特殊人群', '特定人群', '高危人', '黑名单', '记者', '律师', '学生', '工人', '职工', '退役', '退伍', '人员类别', '陌生人', '尾随', '徘徊', '人群种类', '人种', '身份',
];
