// Words of the setup pages in Chinese.
export const wordsZh = {};
