// English words of audit.
export const wordsEn = {
  page: { title: 'Audit' },
};
