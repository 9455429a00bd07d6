// A bound for anything that is waited for. The work itself is not stopped; its late end is nobody's business any more.
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(Object.assign(new Error(`no answer within ${ms} ms`), { code: 'ETIMEDOUT' })), ms); });
  try { return await Promise.race([work, late]); } finally { clearTimeout(timer); }
}
