// Words of the pages of incidents, duty, supervision and statistics, in English. words.zh.ts has the same keys or does not compile.
import type { Wording } from '../words/wording.ts';

export const wordsEn = {
  title: 'incidents',
};

export type AreaWords = Wording<typeof wordsEn>;
