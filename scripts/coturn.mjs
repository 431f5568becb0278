// Finds the TURN server of the browser tests, or installs it where it can.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The path of coturn's `turnserver`, or null. */
function installed() {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'turnserver'))
  return [...onPath, '/usr/bin/turnserver'].find((path) => existsSync(path)) ?? null
}

/** Debian's package where this is Debian and we may. Null where none is to be had: `WHERE_FROM` says what to do. */
export function findCoturn() {
  const isRoot = process.getuid?.() === 0
  if (installed() === null && isRoot && existsSync('/etc/debian_version')) {
    console.log("No coturn is installed; installing Debian's package…")
    for (const args of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', 'coturn'],
    ]) {
      spawnSync('apt-get', args, {
        stdio: 'inherit',
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      })
    }
  }
  return installed()
}

export const WHERE_FROM =
  'SKIPPED: the TURN tests need coturn, and none could be found or installed. ' +
  'Install it (on Debian and Ubuntu: sudo apt-get install coturn), then run them again.'
