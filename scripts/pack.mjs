// Owns packing what would be published, for those who install it as a user would. Everything that package.json speaks
// of must be in it.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** All files that `package.json` speaks of, as it writes them. */
function filesNamed({ bin, exports, sideEffects }) {
  const leaves = (entry) =>
    typeof entry === 'string' ? entry : Object.values(entry).flatMap(leaves)
  return [Object.values(bin), Object.values(exports).flatMap(leaves), sideEffects].flat()
}

/**
 * Packs into the folder. Returns what npm tells of the package.
 * A clean clone has no `dist`, and an old one has a stale `dist`: so packing builds first. Here the build is done
 * already, and is left out.
 */
export function pack(folder) {
  assert.equal(manifest.scripts.prepack, 'npm run build', 'packing and publishing must build first')
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    { cwd: root, encoding: 'utf8' },
  )
  assert.equal(status, 0, `npm pack\n${stdout}${stderr}`)
  const [packed] = JSON.parse(stdout)
  const paths = packed.files.map(({ path }) => `./${path}`)
  for (const named of filesNamed(manifest)) {
    const isThere = named.endsWith('/**')
      ? paths.some((path) => path.startsWith(named.slice(0, -2)))
      : paths.includes(named)
    assert.ok(isThere, `package.json names ${named}, which is not in the package`)
  }
  return packed
}
