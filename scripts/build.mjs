// Builds all that is published into dist/: the compiled service, the types, the two drop-in scripts, the entries upon
// them, the demo and the examples.

import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { dropIn } from './drop-in.mjs'
import { buildExamples } from './examples.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))

/** What the classic script sets. */
const GLOBAL_TYPES = `declare global {
  const Baton: typeof import('./client/index.ts')
}
export {}
`

function compile(project) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}

/**
 * An entry upon Baton: `baton` is where it imports it from, since both must speak of the same rooms.
 * Of what else it names, such as React, there is one as well.
 */
async function entry(folder, fileName, { baton, external = [], output = {} }) {
  const own = {
    name: 'baton-relay-is-external',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source === '../index.ts' && importer?.includes(`/client/${folder}/`)
        ? { id: baton, external: true }
        : undefined,
  }
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [own],
    build: {
      outDir: 'dist',
      emptyOutDir: false,
      target: 'es2022',
      sourcemap: true,
      rolldownOptions: { external, output },
      lib: { entry: `client/${folder}/index.ts`, formats: ['es'], fileName: () => fileName },
    },
  })
}

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
compile('tsconfig.build.json')
compile('tsconfig.types.json')
writeFileSync(new URL('../dist/types/global.d.ts', import.meta.url), GLOBAL_TYPES)
await dropIn(root, 'es', 'baton.js')
await dropIn(root, 'iife', 'baton.global.js')
await entry('react', 'react.js', {
  baton: 'baton-relay',
  external: ['react', 'react/jsx-runtime'],
  // Frameworks that render on a server need to be told that these components live in pages.
  output: { banner: "'use client'" },
})
// Served beside the drop-in script, and loaded by pages as it is: it has no white space.
await entry('text', 'baton-text.js', {
  baton: './baton.js',
  output: { minify: true, comments: { annotation: false, jsdoc: false } },
})
await buildExamples(join(root, 'dist', 'examples'))
await build({ root, logLevel: 'warn' })
