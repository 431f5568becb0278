// The size budgets of what pages load, in gzip: a page pays for every byte of it. The other entries come on top.
// `npm run size -- --table` also shows what each part of the drop-in script costs.

import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { sizeTable } from './size-table.mjs'

const BUDGETS_KIB = {
  'dist/baton.js': 57,
  'dist/baton.global.js': 57,
  'dist/baton-text.js': 2.2,
  'dist/react.js': 8,
}

let isOver = false
for (const [file, budgetKiB] of Object.entries(BUDGETS_KIB)) {
  const bytes = gzipSync(readFileSync(file), { level: 9 }).length
  isOver ||= bytes > budgetKiB * 1024
  console.log(`${file}: ${(bytes / 1024).toFixed(1)} KiB of ${budgetKiB} KiB gzip`)
}
if (process.argv.includes('--table')) console.log(`\n${sizeTable('dist/baton.js')}`)
if (isOver) {
  console.error('A build is over its budget. `npm run size -- --table` shows what grew.')
  process.exit(1)
}
