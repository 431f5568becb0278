// Owns the folder of pages that each service serves: one script, in a page with Baton and in one without.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type InlineConfig } from 'vite'
import { simplePeerAliases } from '../../transport/simple-peer-shims/aliases.mjs'

const entry = fileURLToPath(new URL('../page/page.ts', import.meta.url))

const PAGE = `<!doctype html>
<meta charset="utf-8" />
<title>Baton benchmark page</title>
<link rel="icon" href="data:," />
<script type="module">
`
const WITH_BATON = `${PAGE}import * as Baton from '/baton.js'
window.Baton = Baton
await import('./page.js')
</script>
`
const PLAIN = `${PAGE}import './page.js'
</script>
`

export async function buildPages(folder: string): Promise<void> {
  await buildScript(folder, entry, 'page.js', { resolve: { alias: simplePeerAliases } })
  writeFileSync(join(folder, 'index.html'), WITH_BATON)
  writeFileSync(join(folder, 'plain.html'), PLAIN)
}

/** One module with all that it imports. */
export async function buildScript(
  folder: string,
  script: string,
  fileName: string,
  config: InlineConfig = {},
): Promise<void> {
  await build({
    ...config,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'es2022',
      lib: { entry: script, formats: ['es'], fileName: () => fileName },
    },
  })
}
