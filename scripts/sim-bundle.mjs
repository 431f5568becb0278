// Bundles the simulation into one file, since it runs several times faster than module by module.
// Source patches go in on the way: shorter limits for tight runs, planted faults for the runs that
// must find them. The sources know of neither.

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
  SNAPSHOT_PART_BYTES: 64,
  ACK_ENTRIES: 4,
  STANDBY_LAG_ENTRIES_MAX: 8,
  LAG_ENTRIES_MAX: 128,
}

export const TIGHT_PATCHES = [
  ...Object.entries(TIGHT).map(([name, value]) => ({
    file: 'protocol/limits.ts',
    find: new RegExp(`export const ${name} = .*`),
    replace: `export const ${name} = ${value}`,
  })),
  // A run has to fit into one part.
  {
    file: 'replica/stream.ts',
    find: /const RUN_MESSAGES_MAX = .*/,
    replace: 'const RUN_MESSAGES_MAX = 16',
  },
  // So that a copy that is written anew takes several batches, and a stream several records.
  {
    file: 'replica/copy-writer.ts',
    find: /const BATCH_BYTES = .*/,
    replace: 'const BATCH_BYTES = 1_000',
  },
  {
    file: 'replica/stream-records.ts',
    find: /const PIECE_BYTES = .*/,
    replace: 'const PIECE_BYTES = 256',
  },
  {
    file: 'replica/stream-records.ts',
    find: /const SMALL_BYTES = .*/,
    replace: 'const SMALL_BYTES = 128',
  },
  // So that reigns are forgotten. Of 20 the first one is remembered, and few of the next ten.
  {
    file: 'replica/history.ts',
    find: 'const WHOLE_REIGNS = 128',
    replace: 'const WHOLE_REIGNS = 8',
  },
  {
    file: 'replica/history.ts',
    find: 'const REIGNS_PER_DOUBLING = 16',
    replace: 'const REIGNS_PER_DOUBLING = 2',
  },
]

/**
 * `patches`: `{ file, find, replace }`; each must match exactly once. Answers with the bundle's
 * path.
 */
export async function bundle(name, patches = []) {
  const unused = new Set(patches.map(({ file }) => file))
  const plugin = {
    name: 'patches',
    enforce: 'pre',
    transform(code, id) {
      const file = id.slice(root.length)
      unused.delete(file)
      return patches.reduce(
        (text, patch) => (patch.file === file ? patched(text, patch) : text),
        code,
      )
    },
  }
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [plugin],
    ssr: { noExternal: true },
    build: {
      ssr: 'sim/main.ts',
      outDir: CACHE,
      emptyOutDir: false,
      minify: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  })
  if (unused.size > 0)
    throw new Error(`${[...unused].join(', ')}: patched, but no part of the simulation`)
  return `${CACHE}/${name}.mjs`
}

/**
 * The text with its one match replaced. A text is found whatever white space and trailing commas
 * stand in it.
 */
export function patched(text, { file, find, replace }) {
  const places = [
    ...text.matchAll(new RegExp(typeof find === 'string' ? inAnyLayout(find) : find, 'g')),
  ]
  if (places.length !== 1)
    throw new Error(`${file}: ${find} matches ${places.length} times instead of once`)
  const [{ 0: found, index }] = places
  return text.slice(0, index) + replace + text.slice(index + found.length)
}

/** The source of a pattern for `code`, however it is laid out in lines. */
function inAnyLayout(code) {
  const signs = [...code.replace(/,\s*(?=[)\]}])/g, '').replace(/\s+/g, '')]
  return signs
    .map((sign) =>
      /[)\]}]/.test(sign) ? `(?:,\\s*)?\\${sign}` : sign.replace(/[.*+?^${}()|[\]\\]/, '\\$&'),
    )
    .join('\\s*')
}
