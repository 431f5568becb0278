// Owns which of simple-peer's dependencies are replaced, for dev server and builds alike.
// simple-peer carries Node's streams and buffers into the page, three quarters of its weight; what it
// uses of them fits in these files. They are CommonJS because simple-peer requires them.

import { fileURLToPath } from 'node:url'

const REPLACED = [
  'buffer',
  'debug',
  'err-code',
  'get-browser-rtc',
  'queue-microtask',
  'randombytes',
  'readable-stream',
]

/** For Vite's `resolve.alias`. Each matches the bare package name only. */
export const simplePeerAliases = REPLACED.map((name) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(`./${name}.cjs`, import.meta.url)),
}))
