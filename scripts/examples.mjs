// Puts the examples together as `npm start -- dist/examples` serves them: plain pages as they are, the one in React
// bundled, over the package's own builds.

import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const BUNDLED = 'to-do'

/** `react` names the build of React: only in development does StrictMode mount everything twice. */
export async function buildExamples(folder, { react = 'production' } = {}) {
  const source = join(root, 'examples')
  cpSync(source, folder, { recursive: true, filter: (path) => path !== join(source, BUNDLED) })
  const ownPackage = {
    name: 'baton-relay-is-here',
    enforce: 'pre',
    resolveId(source) {
      if (source === 'baton-relay/react') return join(root, 'dist', 'react.js')
      // From to-do/assets: the examples stay together, and may be served below any path.
      if (source === 'baton-relay') return { id: '../../baton.js', external: true }
    },
  }
  await build({
    root: join(source, BUNDLED),
    base: './',
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': JSON.stringify(react) },
    plugins: [ownPackage],
    build: {
      outDir: join(folder, BUNDLED),
      emptyOutDir: true,
      target: 'es2022',
      // A page has no server side, so 'use client' says nothing here.
      rolldownOptions: {
        onLog: (level, log, handle) =>
          log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : handle(level, log),
      },
    },
  })
}
