// Bundles the simulation into one file, since it runs several times faster than module by module. Source patches go in
// on the way: shorter limits for tight runs, planted faults for the runs that must find them. The sources know of neither.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
export const CACHE = `${root}node_modules/.cache/baton-sim-${process.pid}`

/** Limits as short as they may be, so that every edge of a list, a batch and a tail is met. */
const TIGHT = {
  FRAME_OPS_MAX: 16,
  TAIL_ENTRIES_MAX: 512,
  FILL_ENTRIES_MAX: 4096,
  WINDOW_OPS_MAX: 8,
  ENTRIES_FRAME_BYTES: 256,
  REPLAY_PART_BYTES: 64,
  SNAPSHOT_PART_BYTES: 4096,
  ACK_ENTRIES: 4,
  STANDBY_LAG_ENTRIES_MAX: 8,
  LAG_ENTRIES_MAX: 128,
}

export const TIGHT_PATCHES = [
  ...Object.entries(TIGHT).map(([name, value]) => ({ file: 'protocol/limits.ts', find: new RegExp(`export const ${name} = .*`), replace: `export const ${name} = ${value}` })),
  // A run has to fit into one part.
  { file: 'host/engine.ts', find: /const RUN_MESSAGES_MAX = .*/, replace: 'const RUN_MESSAGES_MAX = 16' },
]

/** `patches`: `{ file, find, replace }`; each must match exactly once. Answers with the bundle's path. */
export async function bundle(name, patches = []) {
  const unused = new Set(patches.map(({ file }) => file))
  const plugin = {
    name: 'patches',
    enforce: 'pre',
    transform(code, id) {
      const file = id.slice(root.length)
      unused.delete(file)
      return patches.reduce((text, patch) => (patch.file === file ? patched(text, patch) : text), code)
    },
  }
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [plugin],
    ssr: { noExternal: true },
    build: { ssr: 'sim/main.ts', outDir: CACHE, emptyOutDir: false, minify: false, target: 'node20', rolldownOptions: { output: { entryFileNames: `${name}.mjs` } } },
  })
  if (unused.size > 0) throw new Error(`${[...unused].join(', ')}: patched, but no part of the simulation`)
  return `${CACHE}/${name}.mjs`
}

/** The text with its one match replaced. */
export function patched(text, { file, find, replace }) {
  const parts = text.split(find)
  if (parts.length !== 2) throw new Error(`${file}: ${find} matches ${parts.length - 1} times instead of once`)
  return parts[0] + replace + parts[1]
}

export function sourceOf(file) {
  return readFileSync(`${root}${file}`, 'utf8')
}
