// Words of the pages of alarm load, what-if, silences and exercises, in English. words.zh.ts has the same keys or does not compile.
import type { Wording } from '../words/wording.ts';

export const wordsEn = {
  title: 'load',
};

export type AreaWords = Wording<typeof wordsEn>;
