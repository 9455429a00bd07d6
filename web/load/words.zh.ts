// Words of the pages of alarm load, what-if, silences and exercises, in Chinese.
import type { AreaWords } from './words.en.ts';

export const wordsZh: AreaWords = {
  title: 'load',
};
