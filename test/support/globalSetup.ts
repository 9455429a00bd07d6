// Starts once for each vitest run, in the main process. Costs nothing until a test asks for a database (postgres.ts).
export default async function setUp(): Promise<() => Promise<void>> {
  return async () => {};
}
