// Formatting in the language of the page; a component that uses it is drawn again when the language changes.
import { useTranslation } from 'react-i18next';
import { languageNow, type Language } from '../words/words.ts';
import { spanWords } from './format.ts';

export function useFormat(): { language: Language; span: (spanMs: number) => string } {
  useTranslation();
  const language = languageNow();
  return { language, span: (spanMs) => spanWords(spanMs, language) };
}
