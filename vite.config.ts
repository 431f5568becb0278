// The demo: dev server and build. The drop-in builds are made by scripts/build.mjs.

import { defineConfig } from 'vite'
import { simplePeerAliases } from './transport/simple-peer-shims/aliases.mjs'

export default defineConfig({
  base: './',
  resolve: { alias: simplePeerAliases },
  optimizeDeps: { include: ['simple-peer'] },
  // The page in development; signaling is `npm start` beside it.
  server: {
    proxy: { '/signal': { target: 'http://127.0.0.1:8080', ws: true, changeOrigin: true } },
  },
  build: { outDir: 'dist/demo', emptyOutDir: true, target: 'es2022' },
})
