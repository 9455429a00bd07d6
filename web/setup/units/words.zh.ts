// Words of the pages of units, people, policies and playbooks, in Chinese.
import type { AreaWords } from './words.en.ts';

export const wordsZh: AreaWords = {
  title: 'org',
};
