// A day and a time, as the language writes them.
export const timeWords = (atMs: number, language: 'en' | 'zh'): string => new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);
