// The command: what may be asked of the benchmark. `main.ts` does it.

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'
import { findChromium } from '../scripts/chromium.mjs'

const HELP = `Usage: npm run bench -- [options]    (node bench/run.mjs [options] does not build first)

  --rows a,b        only these rows; the beginning of names stands for all of them
  --rounds N        so many rounds of each row, in place of each row's own number
  --against DIR     the same rows of another checkout, built, beside this one, in the same run
  --peers           also of others: installs them into a temporary folder
  --out DIR         where results.json and index.html go (default test-results/bench)
  --keep-baseline   keeps the figures of rows in Node as those of before, in bench/baseline.json
  --list            names the rows`

const root = fileURLToPath(new URL('..', import.meta.url))

function asked() {
  try {
    const { values } = parseArgs({
      options: {
        rows: { type: 'string' },
        rounds: { type: 'string' },
        against: { type: 'string' },
        peers: { type: 'boolean', default: false },
        out: { type: 'string', default: 'test-results/bench' },
        'keep-baseline': { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.rounds !== undefined && !/^[1-9]\d*$/.test(values.rounds))
      throw new Error(`--rounds is a whole number from 1 on, not ${values.rounds}`)
    return values
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`)
    process.exit(2)
  }
}

const options = asked()
if (options.help) {
  console.log(HELP)
  process.exit(0)
}
if (!options.list) process.env.CHROME_PATH = findChromium()
const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)), {
  configFile: false,
  root,
})
process.exitCode = await module.main({ ...options, root })
