// How the tests run: `node node_modules/vitest/vitest.mjs run --config test/vitest.config.ts [folder]`. Once, never watching.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    watch: false,
    // Processes, not threads: onnxruntime and node-av are native, and some tests kill what they started.
    pool: 'forks',
    maxWorkers: 2,
    // Generous, because two cores are shared with real databases and cameras; a test that waits for something has its own, shorter bound.
    testTimeout: 20_000, hookTimeout: 60_000, teardownTimeout: 10_000,
    globalSetup: ['test/support/globalSetup.ts'],
    // The sources run by type stripping in Node itself as well; here Vite strips them, in place, with the same file names in the traces.
    reporters: ['default'],
    passWithNoTests: false,
    restoreMocks: true,
  },
});
