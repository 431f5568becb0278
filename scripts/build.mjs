// Builds all that is published into dist/: the compiled service, the types, the React entry, the two drop-in scripts,
// the demo and the examples.

import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { dropIn } from './drop-in.mjs'
import { buildExamples } from './examples.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))

function compile(project) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}

/** The React entry: it shares React with its app, and Baton too, since both must speak of the same rooms. */
async function reactEntry() {
  const own = {
    name: 'baton-relay-is-external',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source === '../index.ts' && importer?.includes('/client/react/')
        ? { id: 'baton-relay', external: true }
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
      // Frameworks that render on a server need to be told that these components live in pages.
      rolldownOptions: {
        external: ['react', 'react/jsx-runtime'],
        output: { banner: "'use client'" },
      },
      lib: { entry: 'client/react/index.ts', formats: ['es'], fileName: () => 'react.js' },
    },
  })
}

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
compile('tsconfig.build.json')
compile('tsconfig.types.json')
await dropIn(root, 'es', 'baton.js')
await dropIn(root, 'iife', 'baton.global.js')
await reactEntry()
await buildExamples(join(root, 'dist', 'examples'))
await build({ root, logLevel: 'warn' })
