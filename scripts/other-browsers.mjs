// Finds the browsers beside Chromium that rooms are tried in. None of them is installed here: where one is missing, its
// tests are skipped, and `missing` says why and how to get it.

import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const FIREFOX_PLACES = [
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
]

/** Longer files are programs, no scripts that start one. */
const SCRIPT_BYTES = 4_096

/** The Firefox that `FIREFOX_PATH` names, else the system's. `FIREFOX_PATH=none` leaves it out. */
export function findFirefox() {
  const named = namedBy('FIREFOX_PATH')
  if (named === 'none') return skipped('Firefox', 'FIREFOX_PATH is "none".')
  const path = named ?? firstOf(['firefox-esr', 'firefox'], FIREFOX_PLACES)
  if (path === null) {
    return skipped(
      'Firefox',
      'there is none. Install it (on Debian: sudo apt-get install firefox-esr), ' +
        'or name one that you have by FIREFOX_PATH=/path/to/firefox, then run the tests again.',
    )
  }
  if (isSnap(path)) {
    return skipped(
      'Firefox',
      `${path} is a snap, which cannot open the profile of a test. ` +
        "Name another by FIREFOX_PATH=/path/to/firefox, such as Mozilla's own, then run the tests again.",
    )
  }
  return { path }
}

/** WebKitGTK's driver, which brings its browser along. `WEBKITGTK_DRIVER=none` leaves it out. */
export function findWebKitGtk() {
  const named = namedBy('WEBKITGTK_DRIVER')
  if (named === 'none') return skipped('WebKitGTK', 'WEBKITGTK_DRIVER is "none".')
  const path = named ?? firstOf(['WebKitWebDriver'])
  const lacking = [
    ...(path === null ? ['WebKitWebDriver'] : []),
    ...(firstOf(['Xvfb']) === null ? ['Xvfb'] : []),
  ]
  if (lacking.length === 0) return { path }
  return skipped(
    'WebKitGTK',
    `there is no ${lacking.join(' and no ')}. ` +
      'Install them (on Debian: sudo apt-get install webkit2gtk-driver xvfb), then run the tests again.',
  )
}

function skipped(name, why) {
  return { missing: `SKIPPED: rooms in ${name}, since ${why}` }
}

/** `none`, a file, or null where the variable is not set. */
function namedBy(variable) {
  const named = process.env[variable]
  if (!named) return null
  if (named === 'none' || existsSync(named)) return named
  throw new Error(
    `${variable} is set to ${named}, where there is no file. Correct it, or unset it to let one be found.`,
  )
}

/** The first of these names on the PATH, else the first of these places; or null. */
function firstOf(names, places = []) {
  const onPath = names.flatMap((name) =>
    (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)),
  )
  return [...onPath, ...places].find((path) => existsSync(path)) ?? null
}

/** Ubuntu's `firefox` is a link to `snap`, or a script that starts one. */
function isSnap(path) {
  const real = realpathSync(path)
  if (real.endsWith('/snap') || real.includes('/snap/')) return true
  return statSync(real).size <= SCRIPT_BYTES && readFileSync(real, 'utf8').includes('/snap/')
}
