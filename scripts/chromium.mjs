// Finds a Chromium for the browser tests, or installs one where it can, or says what to do.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright'

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge',
]
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/** The path of a Chromium that is here, or null. */
function installed() {
  const named = process.env.CHROME_PATH
  if (named) {
    if (existsSync(named)) return named
    console.error(
      `CHROME_PATH is set to ${named}, where there is no file. Correct it, or unset it to let one be found.`,
    )
    process.exit(1)
  }
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [...onPath, ...PLACES, chromium.executablePath()].find((path) => existsSync(path)) ?? null
}

/** Debian's package where this is Debian and we may; else Playwright's own download. */
function install() {
  const isRoot = process.getuid?.() === 0
  if (isRoot && existsSync('/etc/debian_version')) {
    console.log("No Chromium is installed; installing Debian's package…")
    if (
      run('apt-get', ['update', '-qq']) &&
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
    )
      return
  }
  console.log("No Chromium is installed; downloading Playwright's…")
  run(process.execPath, [join('node_modules', 'playwright', 'cli.js'), 'install', 'chromium'])
}

function run(command, args) {
  return (
    spawnSync(command, args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0
  )
}

export function findChromium() {
  let path = installed()
  if (path === null) {
    install()
    path = installed()
  }
  if (path !== null) return path
  console.error(
    [
      'The browser tests need a Chromium, and none could be found or installed.',
      'Do one of these, then run the same command again:',
      '  - install Chromium or Chrome (on Debian and Ubuntu: sudo apt-get install chromium),',
      '  - let Playwright download one: npx playwright install chromium,',
      '  - or name one that you have: CHROME_PATH=/path/to/chromium',
    ].join('\n'),
  )
  process.exit(1)
}
