// Words of the page in both languages. English is the type: a key that Chinese lacks does not compile. The choice is remembered; the first one is the browser's.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { wordsEn as accountEn } from '../account/words.en.ts';
import { wordsZh as accountZh } from '../account/words.zh.ts';
import { wordsEn as factorsEn } from '../account/factors/words.en.ts';
import { wordsZh as factorsZh } from '../account/factors/words.zh.ts';
import { wordsEn as auditEn } from '../audit/words.en.ts';
import { wordsZh as auditZh } from '../audit/words.zh.ts';
import { wordsEn as privacyEn } from '../privacy/words.en.ts';
import { wordsZh as privacyZh } from '../privacy/words.zh.ts';
import { wordsEn as sharingEn } from '../sharing/words.en.ts';
import { wordsZh as sharingZh } from '../sharing/words.zh.ts';
import { wordsEn as incidentsEn } from '../incidents/words.en.ts';
import { wordsZh as incidentsZh } from '../incidents/words.zh.ts';
import { wordsEn as loadEn } from '../load/words.en.ts';
import { wordsZh as loadZh } from '../load/words.zh.ts';
import { wordsEn as channelsEn } from '../setup/channels/words.en.ts';
import { wordsZh as channelsZh } from '../setup/channels/words.zh.ts';
import { wordsEn as orgEn } from '../setup/units/words.en.ts';
import { wordsZh as orgZh } from '../setup/units/words.zh.ts';
import { wordsEn as setupEn } from '../setup/words.en.ts';
import { wordsZh as setupZh } from '../setup/words.zh.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

export type Language = 'en' | 'zh';
const KEPT_AS = 'crowdlight.language';

declare module 'i18next' {
  interface CustomTypeOptions { defaultNS: 'page'; resources: { page: typeof en; setup: typeof setupEn; incidents: typeof incidentsEn; load: typeof loadEn; org: typeof orgEn; channels: typeof channelsEn; account: typeof accountEn; factors: typeof factorsEn; audit: typeof auditEn; privacy: typeof privacyEn; sharing: typeof sharingEn } }
}

export async function startWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: languageAtStart(), fallbackLng: 'en', defaultNS: 'page', ns: ['page', 'setup', 'incidents', 'load', 'org', 'channels', 'account', 'factors', 'audit', 'privacy', 'sharing'],
    resources: { en: { page: en, setup: setupEn, incidents: incidentsEn, load: loadEn, org: orgEn, channels: channelsEn, account: accountEn, factors: factorsEn, audit: auditEn, privacy: privacyEn, sharing: sharingEn }, zh: { page: zh, setup: setupZh, incidents: incidentsZh, load: loadZh, org: orgZh, channels: channelsZh, account: accountZh, factors: factorsZh, audit: auditZh, privacy: privacyZh, sharing: sharingZh } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  document.documentElement.lang = htmlLanguage();
  i18next.on('languageChanged', () => { document.documentElement.lang = htmlLanguage(); });
}

export const languageNow = (): Language => (i18next.language === 'zh' ? 'zh' : 'en');
export function chooseLanguage(language: Language): void {
  try { localStorage.setItem(KEPT_AS, language); } catch { /* a browser without storage forgets the choice, nothing else */ }
  void i18next.changeLanguage(language);
}

const htmlLanguage = () => (languageNow() === 'zh' ? 'zh-CN' : 'en');
function languageAtStart(): Language {
  let kept: string | null = null;
  try { kept = localStorage.getItem(KEPT_AS); } catch { /* as above */ }
  if (kept === 'en' || kept === 'zh') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
