// Words of the pages of channels, in Chinese.
import type { AreaWords } from './words.en.ts';

export const wordsZh: AreaWords = {
  title: 'channels',
};
