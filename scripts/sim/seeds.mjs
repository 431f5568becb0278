// Owns a run over many seeds, and how it is told: totals, the first failures shrunk, and whether
// all of it proves enough.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeScene } from './scenes.mjs'
import { play, usual } from './simulation.mjs'
import { HANG_MS } from './processor-time.mjs'
import { batches, onAllThreads } from './threads.mjs'

const SEEDS = 5_000
const FAILURES_SHOWN = 3
const NEVER_ENDS = 'never ends'
/** What is simulated, and how it is judged. */
const CODE = ['protocol', 'replica', 'host', 'peer', 'client', 'signaling', 'checks', 'sim']

/**
 * `from`: a seed, `code`, or undefined for anywhere. `minutes` in the place of `seeds`: as long as
 * told.
 */
export async function playSeeds({ from: asked, seeds, minutes, jobs }) {
  const startedAtMs = Date.now()
  const from = firstSeed(asked)
  const isTimed = minutes !== undefined
  const count = isTimed ? Infinity : Number(seeds ?? SEEDS)
  const untilMs = isTimed ? startedAtMs + Number(minutes) * 60_000 : Infinity
  const amount = isTimed ? `--minutes ${minutes}` : `--seeds ${count}`
  console.log(`seeds from ${from}: npm run sim -- --from ${from} ${amount}`)
  const totals = usual.noTotals()
  const isWanted = () => Date.now() < untilMs && totals.failures.length < FAILURES_SHOWN
  await onAllThreads(jobs, {
    nextTask: batches(from, count, {}, isWanted),
    answered: (answer) => usual.addTotals(totals, answer.totals),
    hung: (seed) => totals.failures.push(neverEnds(seed)),
  })
  console.log(usual.describeTotals(totals))
  await tellFailures(totals.failures)
  const missing = totals.failures.length > 0 ? null : usual.whatIsMissing(totals)
  if (missing !== null) console.log(`these runs prove too little: ${missing}`)
  const isRepeatable = await playTwice(totals.hashes, jobs)
  console.log(`${((Date.now() - startedAtMs) / 1_000).toFixed(0)} s`)
  return totals.failures.length === 0 && missing === null && isRepeatable
}

/** Every run explores new ground, and says where it began. */
function firstSeed(asked) {
  if (asked === undefined) return Math.floor(Date.now() / 1_000) % 2 ** 31
  return asked === 'code' ? drawnFromCode() : Number(asked)
}

function drawnFromCode() {
  const hash = createHash('sha256')
  for (const folder of CODE) {
    const top = fileURLToPath(new URL(`../../${folder}/`, import.meta.url))
    const isCode = (name) => name.endsWith('.ts') && !name.endsWith('.test.ts')
    for (const name of readdirSync(top, { recursive: true }).filter(isCode).sort())
      hash.update(name).update(readFileSync(top + name))
  }
  return hash.digest().readUInt32BE() % 2 ** 31
}

function neverEnds(seed) {
  return { seed, variant: 'plain', checker: NEVER_ENDS, what: '' }
}

async function tellFailures(failures) {
  for (const failed of failures.slice(0, FAILURES_SHOWN)) await report(failed)
  if (failures.length === 0) return
  const named = failures.map(({ seed, checker }) => `${seed} (${checker})`).join(' ')
  console.log(`failing seeds: ${named}`)
}

async function report({ seed, variant, checker }) {
  const flag = variant === 'plain' ? '' : ` --${variant}`
  const command = `npm run sim -- --seed ${seed}${flag}`
  if (checker === NEVER_ENDS) {
    const within = `for ${HANG_MS / 1_000} s of processor time`
    console.log(
      `\nFAIL ${NEVER_ENDS}: seed ${seed}, ${within}: ${command}, also with --objects, --rooms, --pausing\n`,
    )
    return
  }
  const failed = await play(usual.planFor(seed, variant))
  const { text, scenario } = await usual.reportOf(failed, command, play)
  const name = variant === 'plain' ? `seed-${seed}` : `seed-${seed}-${variant}`
  const file = writeScene(`${name}.txt`, scenario)
  console.log(`\n${text}\nwritten   ${file}: commit it with its mending\n`)
}

/** Whether the same seeds mean the same histories in fresh threads. */
async function playTwice(hashes, jobs) {
  const again = new Map()
  const seeds = hashes.map(({ seed }) => seed)
  await onAllThreads(jobs, {
    nextTask: () => (seeds.length > 0 ? { from: seeds.shift(), count: 1 } : null),
    answered: ({ totals }) => totals.hashes.forEach(({ seed, hash }) => again.set(seed, hash)),
    hung: () => {},
  })
  const others = hashes.filter(({ seed, hash }) => again.get(seed) !== hash)
  const named = others.length > 0 ? `: ${others.map(({ seed }) => seed).join(' ')}` : ''
  console.log(`${hashes.length} seeds run twice, ${others.length} with another history${named}`)
  return others.length === 0
}
