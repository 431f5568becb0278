// Owns what a page costs that imports some names of the package and is built by a bundler, which leaves out the rest.

import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const BATON = fileURLToPath(new URL('../dist/baton.js', import.meta.url))
const PAGE = fileURLToPath(new URL('../dist/page-of-size.js', import.meta.url))

/** Bytes in gzip of a page that imports `names`, such as `joinRoom, sharedMap`, and does nothing else. */
export async function pageBytes(names) {
  const code = `import { ${names} } from ${JSON.stringify(BATON)}\nglobalThis.page = [${names}]`
  const page = {
    name: 'page',
    enforce: 'pre',
    resolveId: (id) => (id === PAGE ? id : undefined),
    load: (id) => (id === PAGE ? code : undefined),
  }
  const { output } = await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [page],
    build: { write: false, target: 'es2022', rolldownOptions: { input: PAGE } },
  })
  return gzipSync(output[0].code, { level: 9 }).length
}
