// Which small wrong edits of the pure code does no test notice? Draws some, each at one place, and tries them in turn.
//
//   npm run mutants                            60 mutants, of a fresh seed, on all cores
//   npm run mutants -- --count 300 --seed 7    so many, of that seed: the same tree draws the same ones
//   npm run mutants -- --only host/            of these files alone
//   npm run mutants -- --at host/branch.ts:38  all of one line, or of several
//   npm run mutants -- --no-sim                by unit tests and types alone; --jobs 1 for one at a time
//
// A mutant that lives says: nobody can tell whether this place is right. Some of them cannot be told apart at all.

import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { argumentsOf } from './arguments.mjs'
import { Judge } from './mutants-judge.mjs'
import { mutantsOf } from './mutants-places.mjs'
import { filesHere, Imports, textHere } from './mutants-tree.mjs'
import { tableOf } from './report.mjs'
import { CACHE } from './sim-bundle.mjs'

/** What is pure: of everything else a unit test says little, and the simulation nothing. */
const PURE = [
  /^(protocol|replica|host|peer)\//,
  /^signaling\/directory\//,
  /^signaling\/gateway\/gateway-room/,
  /^client\/(?!index|api|join-room)[^/]+$/,
  /^client\/shared\/(last-write|optimistic-fold|presence-board|listeners|records|text-of)/,
]
/** Tests, what only tests import, and figures that are chosen and not found out. */
const LEFT_OUT = /\.test\.ts$|scene\.ts$|-pair\.ts$|-double\.ts$|testing-|limits\.ts$/
/** Tests without a socket, a process or the simulation. */
const QUICK_TESTS =
  /^(protocol|replica|host|peer|client|client\/shared|signaling\/directory)\/[^/]+$|gateway-room/
/** The nearest of those that reach a file. */
const TESTS_MAX = 8
const SEEDS = 500

const { values: args } = argumentsOf(import.meta.url, {
  allowNegative: true,
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    count: { type: 'string', default: '60' },
    only: { type: 'string', default: '' },
    at: { type: 'string', multiple: true },
    sim: { type: 'boolean', default: true },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
})
// The copies of the tree are removed when the process exits.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
process.once('exit', () => rmSync(CACHE, { recursive: true, force: true }))
const drawn =
  args.at === undefined ? draw(Number(args.count), Number(args.seed)) : args.at.flatMap(allAt)
if (drawn.length === 0) {
  console.error(
    'There is no such mutant. --only takes the beginning of a path, --at a path and a line: host/branch.ts:38',
  )
  process.exit(2)
}
console.log(`${drawn.length} mutants${args.at === undefined ? `, --seed ${args.seed}` : ''}`)
const verdicts = await judgeAll(drawn)
console.log(`\n${tableBy(verdicts)}`)
const living = verdicts.filter(({ by }) => by === null)
if (living.length > 0)
  console.log(`\nalive:\n${living.map(({ mutant }) => title(mutant)).join('\n')}`)

function allMutants() {
  return filesHere()
    .filter((file) => file.endsWith('.ts') && file.startsWith(args.only))
    .filter((file) => PURE.some((place) => place.test(file)) && !LEFT_OUT.test(file))
    .flatMap((file) => mutantsOf(file, textHere(file)).map((mutant) => ({ file, ...mutant })))
}

function allAt(place) {
  const [file, line] = place.split(':')
  return mutantsOf(file, textHere(file))
    .filter((mutant) => mutant.line === Number(line))
    .map((mutant) => ({ file, ...mutant }))
}

/** Each mutant is as likely as any other. */
function draw(count, seed) {
  const random = randomFrom(seed)
  return allMutants()
    .map((mutant) => ({ mutant, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ mutant }) => mutant)
}

/** Mulberry32: numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

async function judgeAll(mutants) {
  const waiting = [...mutants]
  const imports = new Imports()
  const verdicts = []
  const work = async () => {
    const judge = await Judge.open({ seeds: args.sim ? SEEDS : 0 })
    try {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        const tests = imports.testsOf(mutant.file).filter((test) => QUICK_TESTS.test(test))
        const verdict = await judge.judge(mutant, {
          tests: tests.slice(0, TESTS_MAX),
          isSimulated: imports.isSimulated(mutant.file),
        })
        console.log(`${title(mutant)}\n    ${outcome(verdict)}`)
        verdicts.push({ mutant, ...verdict })
      }
    } finally {
      judge.close()
    }
  }
  await Promise.all(Array.from({ length: Math.min(Number(args.jobs), mutants.length) }, work))
  return verdicts
}

function title({ file, line, what }) {
  return `${file}:${line}  ${what}`
}

function outcome({ by, how }) {
  return by === null ? 'LIVES' : `killed by ${by}${how === '' ? '' : `: ${how}`}`
}

function tableBy(verdicts) {
  const folders = [...new Set(verdicts.map(({ mutant }) => folderOf(mutant)))].sort()
  const rowOf = (name, some) => [
    name,
    ...[
      some,
      ...['unit', 'types', 'sim', null].map((by) => some.filter((one) => one.by === by)),
    ].map(({ length }) => String(length)),
  ]
  const rows = folders.map((folder) =>
    rowOf(
      folder,
      verdicts.filter(({ mutant }) => folderOf(mutant) === folder),
    ),
  )
  return tableOf(
    ['where', 'mutants', 'killed by units', 'types', 'sim', 'alive'],
    [...rows, rowOf('all', verdicts)],
  )
}

function folderOf({ file }) {
  return file.slice(0, file.lastIndexOf('/') + 1)
}
