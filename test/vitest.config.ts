// How the tests run: `node node_modules/vitest/vitest.mjs run --config test/vitest.config.ts [folder]`. Once, never watching.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    watch: false,
    // What stores of tests seal with; what the product makes of its own key file is tried where it is started without.
    env: { CROWDLIGHT_SECRET_KEY: '3f1d8c5e7a9b2046f8e1c3d5a7b9081625374a5b6c7d8e9fa0b1c2d3e4f50617' },
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
