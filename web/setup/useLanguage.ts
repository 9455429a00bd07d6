// The language that the page is in, for words that come from the contract (problems) and from schemas.
import { useTranslation } from 'react-i18next';
import type { Language } from './form/formFields.ts';

export function useLanguage(): Language {
  return useTranslation('setup').i18n.language === 'zh' ? 'zh' : 'en';
}
