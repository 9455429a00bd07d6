// Words of the pages of units, people, policies and playbooks, in English. words.zh.ts has the same keys or does not compile.
import type { Wording } from '../../words/wording.ts';

export const wordsEn = {
  title: 'org',
};

export type AreaWords = Wording<typeof wordsEn>;
