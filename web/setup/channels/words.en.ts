// Words of the pages of channels, in English. words.zh.ts has the same keys or does not compile.
import type { Wording } from '../../words/wording.ts';

export const wordsEn = {
  title: 'channels',
};

export type AreaWords = Wording<typeof wordsEn>;
