// The demo: dev server and build. The drop-in builds are made by scripts/build.mjs.

import { defineConfig } from 'vite'
import { baton } from './signaling/vite.ts'
import { simplePeerAliases } from './transport/simple-peer-shims/aliases.mjs'

export default defineConfig({
  base: './',
  resolve: { alias: simplePeerAliases },
  optimizeDeps: { include: ['simple-peer'] },
  plugins: [baton()],
  build: { outDir: 'dist/demo', emptyOutDir: true, target: 'es2022' },
})
