// Words of the setup pages in English.
export const wordsEn = {};
