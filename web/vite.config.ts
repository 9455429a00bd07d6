// How the page is bundled: one folder of plain files for the server, no inline scripts (the content policy forbids them), nothing from elsewhere.
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), noEval()],
  build: {
    outDir: 'dist', emptyOutDir: true, target: 'es2022', sourcemap: false,
    // A data: URL would need its own word in the content policy; a small file does not.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500 /* kB: MapLibre is one piece of 1.1 MB */,
  },
  worker: { format: 'es' },
});

/** The schema library tries `new Function` once and falls back; under our content policy that try is a reported fault. In the page it need not try. */
function noEval(): Plugin {
  return {
    name: 'crowdlight-no-eval',
    transform(code, id) {
      if (!id.includes('typebox') || !id.endsWith('environment/evaluate.mjs')) return null;
      const next = code.replace("Evaluate('null')();\n        return true;", 'return false;');
      if (next === code) throw new Error('typebox/system/environment/evaluate has changed its shape: see noEval in web/vite.config.ts');
      return { code: next, map: null };
    },
  };
}
