// English words of privacy.
export const wordsEn = {
  page: { title: 'Privacy' },
};
