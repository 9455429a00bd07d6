// English words of sharing.
export const wordsEn = {
  page: { title: 'Sharing' },
};
