// The size budgets of what pages load, in gzip: a page pays for every byte of it. The other entries come on top.
// `npm run size -- --table` also shows what each part of the drop-in script costs.

import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { pageBytes } from './size-pages.mjs'
import { sizeTable } from './size-table.mjs'

const FILES_KIB = {
  'dist/baton.js': 58.1,
  'dist/baton.global.js': 58.1,
  'dist/baton-room.js': 53.8,
  'dist/baton-text.js': 2.2,
  'dist/react.js': 8,
}
/** What a bundler makes of a page that imports these names of the package. */
const PAGES_KIB = {
  joinRoom: 53.5,
  'joinRoom, sharedValue': 54.6,
  'joinRoom, sharedMap': 55.8,
  'joinRoom, sharedReducer, presence': 56.9,
}

let isOver = false
function hold(what, bytes, budgetKiB) {
  isOver ||= bytes > budgetKiB * 1024
  console.log(`${what}: ${(bytes / 1024).toFixed(1)} KiB of ${budgetKiB} KiB gzip`)
}

for (const [file, budgetKiB] of Object.entries(FILES_KIB))
  hold(file, gzipSync(readFileSync(file), { level: 9 }).length, budgetKiB)
for (const [names, budgetKiB] of Object.entries(PAGES_KIB))
  hold(`a page of ${names}`, await pageBytes(names), budgetKiB)
if (process.argv.includes('--table')) console.log(`\n${sizeTable('dist/baton.js')}`)
if (isOver) {
  console.error('A build is over its budget. `npm run size -- --table` shows what grew.')
  process.exit(1)
}
