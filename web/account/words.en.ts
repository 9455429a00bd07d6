// English words of account.
export const wordsEn = {
  page: { title: 'Your account' },
};
