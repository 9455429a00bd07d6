// Chinese words of privacy.
import type { Wording } from '../words/wording.ts';
import type { wordsEn } from './words.en.ts';

export const wordsZh: Wording<typeof wordsEn> = {
  page: { title: '隐私' },
};
