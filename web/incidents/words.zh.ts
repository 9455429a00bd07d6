// Words of the pages of incidents, duty, supervision and statistics, in Chinese.
import type { AreaWords } from './words.en.ts';

export const wordsZh: AreaWords = {
  title: 'incidents',
};
