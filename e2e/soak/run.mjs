// Keeps a real room under random faults. `node e2e/soak/run.mjs --minutes 10 --pages 8 --seed 4711`; without a seed
// it draws one and prints it.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { argumentsOf } from '../../scripts/arguments.mjs'
import { findChromium } from '../../scripts/chromium.mjs'

const { values } = argumentsOf(import.meta.url, {
  options: {
    minutes: { type: 'string', default: '5' },
    pages: { type: 'string', default: '8' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const [minutes, pages, seed] = [values.minutes, values.pages, values.seed].map(Number)
const areWhole = Number.isInteger(pages) && Number.isInteger(seed)
if (!areWhole || minutes <= 0 || pages < 3) {
  console.error(
    'usage: npm run soak -- [--minutes, above 0] [--pages, from 3 on] [--seed, a whole number]',
  )
  process.exit(2)
}
const env = {
  ...process.env,
  CHROME_PATH: findChromium(),
  SOAK_MINUTES: values.minutes,
  SOAK_PAGES: values.pages,
  SOAK_SEED: values.seed,
}
const { status } = spawnSync(
  join('node_modules', '.bin', 'playwright'),
  ['test', '-c', 'e2e/soak', '--reporter=list'],
  { stdio: 'inherit', env },
)
process.exit(status ?? 1)
