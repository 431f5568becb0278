// Owns how a drop-in script is made: one self-contained file, as a module, or as a classic script that sets a global.
// A page pays for every byte, so a script is written short in three steps:
// - Rolldown puts the modules together and leaves out what nobody uses;
// - our own property names become short (short-names.mjs);
// - Terser moves functions that are called from one place to that place, and Rolldown's minifier writes what is left.

import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { minify } from 'terser'
import { build, minifySync } from 'vite'
import { simplePeerAliases } from '../transport/simple-peer-shims/aliases.mjs'
import { simplePeerWithoutMedia } from '../transport/simple-peer-shims/data-only.mjs'
import { nobleWithoutChecks } from './noble-without-checks.mjs'
import { shortNames } from './short-names.mjs'

/** Writes `dist/<fileName>` and its source map, of `client/<entry>`. The published types must be there. */
export async function dropIn(root, format, fileName, entry = 'index.ts') {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    resolve: { alias: simplePeerAliases },
    plugins: [simplePeerWithoutMedia, nobleWithoutChecks, shortNames],
    build: {
      outDir: 'dist',
      emptyOutDir: false,
      target: 'es2022',
      sourcemap: true,
      minify: false,
      rolldownOptions: {
        // A classic script has no `import.meta`; the page tells it where it came from.
        transform: format === 'iife' ? { define: { 'import.meta.url': 'undefined' } } : {},
        // Short names take their time.
        checks: { pluginTimings: false },
        optimization: { inlineConst: { mode: 'all' } },
        treeshake: { propertyReadSideEffects: false },
        output: {
          comments: { legal: true, annotation: false, jsdoc: false },
          // The global is no module.
          generatedCode: { symbols: false },
        },
      },
      lib: {
        entry: `client/${entry}`,
        formats: [format],
        name: 'Baton',
        fileName: () => fileName,
      },
    },
  })
  await squeeze(join(root, 'dist', fileName), format === 'es')
}

async function squeeze(path, isModule) {
  const name = basename(path)
  const moved = await minify(readFileSync(path, 'utf8'), {
    ecma: 2022,
    module: isModule,
    // As Rolldown is told above: to read a property changes nothing.
    compress: { passes: 3, pure_getters: true, keep_fargs: false },
    mangle: false,
    sourceMap: {
      filename: name,
      content: readFileSync(`${path}.map`, 'utf8'),
      includeSources: true,
    },
  })
  const { code, map } = minifySync(name, moved.code, {
    module: isModule,
    compress: { target: 'es2022' },
    mangle: { toplevel: isModule },
    codegen: { removeWhitespace: true, legalComments: 'inline' },
    sourcemap: true,
    inputMap: JSON.parse(moved.map),
  })
  writeFileSync(path, `${code.trimEnd()}\n//# sourceMappingURL=${name}.map`)
  writeFileSync(`${path}.map`, JSON.stringify(map))
}
