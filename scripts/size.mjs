// The size budget of the drop-in build, in gzip: a page pays for every byte of it.

import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET_BYTES = 49 * 1024

let isOver = false
for (const file of ['dist/baton.js', 'dist/baton.global.js']) {
  const bytes = gzipSync(readFileSync(file), { level: 9 }).length
  isOver ||= bytes > BUDGET_BYTES
  console.log(`${file}: ${(bytes / 1024).toFixed(1)} KiB of ${BUDGET_BYTES / 1024} KiB gzip`)
}
if (isOver) {
  console.error('The drop-in build is over its budget. `npx vite build` with `build.rollupOptions` and a visualizer shows what grew.')
  process.exit(1)
}
