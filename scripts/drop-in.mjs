// Owns how a drop-in script is made: one self-contained file, as a module, or as a classic script that sets a global.
// A page pays for every byte of it.

import { build } from 'vite'
import { simplePeerAliases } from '../transport/simple-peer-shims/aliases.mjs'
import { simplePeerWithoutMedia } from '../transport/simple-peer-shims/data-only.mjs'
import { nobleWithoutSentences } from './noble-without-sentences.mjs'

/** Writes `dist/<fileName>` and its source map. */
export async function dropIn(root, format, fileName) {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    resolve: { alias: simplePeerAliases },
    plugins: [simplePeerWithoutMedia, nobleWithoutSentences],
    build: {
      outDir: 'dist',
      emptyOutDir: false,
      target: 'es2022',
      sourcemap: true,
      rolldownOptions: {
        optimization: { inlineConst: { mode: 'all' } },
        treeshake: { propertyReadSideEffects: false },
        // Vite leaves the white space of a module library to its bundler; a drop-in script has none.
        // Nor is its global a module.
        output: {
          minify: true,
          comments: { legal: true, annotation: false, jsdoc: false },
          generatedCode: { symbols: false },
        },
      },
      lib: { entry: 'client/index.ts', formats: [format], name: 'Baton', fileName: () => fileName },
    },
  })
}
