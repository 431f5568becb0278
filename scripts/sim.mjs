// Runs the simulation: the committed scenarios, then as many seeds as asked for, on all cores.
//
//   npm run sim                               scenarios and 5,000 fresh seeds
//   npm run sim -- --seeds 100000 --from 1    that many, from that one on
//   npm run sim -- --from code                from a seed drawn from the code: every change explores new ground, and whoever
//                                             looks into a failure of it finds it again
//   npm run sim -- --minutes 60               as long as told
//   npm run sim -- --seed 4711 --keep 3,7     one seed with its timeline, with some of its faults only
//   npm run sim -- --seed 4711 --objects      with shared objects and presence on every page
//   npm run sim -- --scenario file.txt        one scenario with its timeline
//   npm run sim -- --digest 600               one hash over the histories of seeds 1 to 600, and of a fifth of them with objects:
//                                             the same before and after a change that must change no behaviour
//   npm run sim -- --planted                  each planted fault, until a checker objects; some of them: --planted --only window;
//                                             --learn notes down which play shows which

import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { PLANTED } from '../sim/planted/planted.mjs'
import { bundle, CACHE, TIGHT_PATCHES } from './sim-bundle.mjs'

const SCENARIOS = fileURLToPath(new URL('../sim/scenarios/', import.meta.url))
/** Which scene or seed showed which planted fault first; seeds mean others as the code changes, so it is only a hint. */
const KNOWN_PLAYS = fileURLToPath(new URL('../sim/planted/known-plays.json', import.meta.url))
const BATCH = 25
/** A run takes a tenth of a second, the longest some ten. */
const HANG_MS = 60_000
const NEVER_ENDS = 'never ends'
const FAILURES_SHOWN = 3

const { values: args } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string' },
    minutes: { type: 'string' },
    digest: { type: 'string' },
    seed: { type: 'string' },
    keep: { type: 'string' },
    objects: { type: 'boolean', default: false },
    scenario: { type: 'string' },
    planted: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    budget: { type: 'string', default: '150' },
    learn: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
})
const startedAt = Date.now()
const paths = { usual: await bundle('usual'), tight: await bundle('tight', TIGHT_PATCHES) }
const [usual, tight] = await Promise.all([import(paths.usual), import(paths.tight)])
const play = (plan, withTimeline) => (plan.tight ? tight : usual).run(plan, withTimeline)

let ok = false
try {
  if (args.seed !== undefined) ok = showSeed(Number(args.seed))
  else if (args.digest !== undefined) ok = await showDigest(Number(args.digest))
  else if (args.scenario !== undefined) ok = show(planIn(args.scenario))
  else if (args.planted)
    ok = await runPlanted(
      PLANTED.filter(({ name }) => args.only === 'unknown' || name.includes(args.only)),
    )
  // The last is the canary: it must be caught, or nothing here can be trusted.
  else ok = runScenarios() && (await runSeeds()) && (await runPlanted(PLANTED.slice(0, 1)))
} finally {
  rmSync(CACHE, { recursive: true, force: true })
}
process.exit(ok ? 0 : 1)

function showSeed(seed) {
  const plan = planOf(seed, args.objects)
  if (args.keep === undefined) return show(plan)
  const kept = new Set(args.keep.split(',').filter(Boolean).map(Number))
  return show({ ...plan, faults: plan.faults.filter((_, i) => kept.has(i)) })
}

function show(plan) {
  const outcome = play(plan, true)
  console.log(outcome.timeline.join('\n'))
  console.log(
    plan.faults
      .map(({ atMs, kind, args }, i) => `fault ${i}: t=${atMs} ${kind} ${args.join(' ')}`)
      .join('\n'),
  )
  console.log(
    outcome.failure === null
      ? 'no promise was broken'
      : `FAIL ${outcome.failure.checker}: ${outcome.failure.what}`,
  )
  console.log(`hash ${usual.hashOf(outcome.history)}`)
  return outcome.failure === null
}

function planIn(file) {
  const parsed = usual.parseScenario(readFileSync(file, 'utf8'))
  if (!parsed.ok) throw new Error(`${file}: ${parsed.error}`)
  return parsed.value
}

function sceneFiles() {
  return readdirSync(SCENARIOS)
    .filter((name) => name.endsWith('.txt'))
    .sort()
}

function runScenarios() {
  const files = sceneFiles()
  let failed = 0
  for (const name of files) {
    const outcome = play(planIn(SCENARIOS + name))
    if (outcome.failure === null) continue
    failed++
    console.log(
      usual.reportOf(outcome, `npm run sim -- --scenario sim/scenarios/${name}`, play).text,
    )
  }
  console.log(`${files.length} scenarios, ${failed} failed`)
  return failed === 0
}

async function runSeeds() {
  const minutes = args.minutes === undefined ? null : Number(args.minutes)
  const seeds = minutes === null ? Number(args.seeds ?? 5_000) : Infinity
  // Every run explores new ground, and says where it began.
  const from =
    args.from === undefined
      ? Math.floor(startedAt / 1_000) % 2 ** 31
      : args.from === 'code'
        ? drawnFromCode()
        : Number(args.from)
  console.log(
    `seeds from ${from}: npm run sim -- --from ${from}${minutes === null ? ` --seeds ${seeds}` : ` --minutes ${minutes}`}`,
  )
  const untilMs = minutes === null ? Infinity : startedAt + minutes * 60_000
  const totals = usual.noTotals()
  let next = from
  await onAllThreads(
    () => {
      if (next >= from + seeds || Date.now() >= untilMs || totals.failures.length >= FAILURES_SHOWN)
        return null
      const count = Math.min(BATCH, from + seeds - next)
      next += count
      return { from: next - count, count }
    },
    (more) => usual.addTotals(totals, more),
  )
  console.log(usual.describeTotals(totals))
  for (const failed of totals.failures.slice(0, FAILURES_SHOWN)) report(failed)
  if (totals.failures.length > 0)
    console.log(
      `failing seeds: ${totals.failures.map(({ seed, checker }) => `${seed} (${checker})`).join(' ')}`,
    )
  const missing = totals.failures.length > 0 ? null : usual.whatIsMissing(totals)
  if (missing !== null) console.log(`these runs prove too little: ${missing}`)
  const differs = await runTwice(totals.hashes)
  console.log(`${((Date.now() - startedAt) / 1_000).toFixed(0)} s`)
  return totals.failures.length === 0 && missing === null && !differs
}

/** One hash over the histories of many seeds. A seed that never ends has none, and fails. */
async function showDigest(seeds) {
  const from = Number(args.from ?? 1)
  const hashesByFrom = new Map()
  let next = from
  let hung = 0
  await onAllThreads(
    () => {
      if (next >= from + seeds) return null
      const count = Math.min(BATCH, from + seeds - next)
      next += count
      return { from: next - count, count, wants: 'hashes' }
    },
    (answer) =>
      'hashes' in answer && 'from' in answer
        ? hashesByFrom.set(answer.from, answer.hashes)
        : hung++,
  )
  const hashes = [...hashesByFrom].sort(([a], [b]) => a - b).flatMap(([, part]) => part)
  const digest = createHash('sha256').update(hashes.join('\n')).digest('hex')
  console.log(
    `seeds ${from} to ${from + seeds - 1}: ${hashes.length} histories, ${((Date.now() - startedAt) / 1_000).toFixed(0)} s`,
  )
  console.log(hung === 0 ? `digest ${digest}` : `no digest: ${hung} seeds never ended`)
  return hung === 0
}

/** What is simulated, and how it is judged, as a number. */
function drawnFromCode() {
  const hash = createHash('sha256')
  for (const folder of [
    'protocol',
    'replica',
    'host',
    'peer',
    'client',
    'signaling',
    'checks',
    'sim',
  ]) {
    const top = fileURLToPath(new URL(`../${folder}/`, import.meta.url))
    for (const name of readdirSync(top, { recursive: true }).sort())
      if (name.endsWith('.ts') && !name.endsWith('.test.ts'))
        hash.update(name).update(readFileSync(top + name))
  }
  return hash.digest().readUInt32BE() % 2 ** 31
}

function planOf(seed, hasObjects) {
  return hasObjects ? usual.withObjects(usual.planOf(seed)) : usual.planOf(seed)
}

function report({ seed, hasObjects, checker }) {
  if (checker === NEVER_ENDS)
    return console.log(
      `\nFAIL ${NEVER_ENDS}: seed ${seed}, for ${HANG_MS / 1_000} s: npm run sim -- --seed ${seed}, also with --objects\n`,
    )
  const { text, scenario } = usual.reportOf(
    play(planOf(seed, hasObjects)),
    `npm run sim -- --seed ${seed}${hasObjects ? ' --objects' : ''}`,
    play,
  )
  const file = `${SCENARIOS}seed-${seed}${hasObjects ? '-objects' : ''}.txt`
  mkdirSync(SCENARIOS, { recursive: true })
  writeFileSync(file, scenario)
  console.log(`\n${text}\nwritten   ${file}: commit it with its mending\n`)
}

/** The same seed must mean the same history, in another thread as well. */
async function runTwice(hashes) {
  let at = 0
  const again = new Map()
  await onAllThreads(
    () => (at < hashes.length ? { from: hashes[at++].seed, count: 1 } : null),
    (totals) => totals.hashes.forEach(({ seed, hash }) => again.set(seed, hash)),
  )
  const other = hashes.filter(({ seed, hash }) => again.get(seed) !== hash)
  console.log(
    `${hashes.length} seeds run twice, ${other.length} with another history${other.length > 0 ? `: ${other.map(({ seed }) => seed).join(' ')}` : ''}`,
  )
  return other.length > 0
}

/** Fresh threads; each gets another task as soon as it is done with one. */
function onAllThreads(nextTask, take) {
  return Promise.all(Array.from({ length: Number(args.jobs) }, () => onOneThread(nextTask, take)))
}

function onOneThread(nextTask, take) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./sim-worker.mjs', import.meta.url), { workerData: paths })
    let watchdog
    const go = () => {
      const task = nextTask()
      if (task === null) worker.terminate().then(resolve, reject)
      else worker.postMessage(task)
    }
    // What is left of its task is not played.
    const hangs = (seed) => {
      take({
        ...usual.noTotals(),
        failures: [{ seed, hasObjects: false, checker: NEVER_ENDS, what: '' }],
      })
      worker
        .terminate()
        .then(() => onOneThread(nextTask, take))
        .then(resolve, reject)
    }
    worker.on('message', (message) => {
      clearTimeout(watchdog)
      if (message.begins !== undefined)
        return (watchdog = setTimeout(hangs, HANG_MS, message.begins))
      take(message)
      go()
    })
    worker.on('error', reject)
    go()
  })
}

/** Each planted fault must be caught within its budget of seeds. */
async function runPlanted(planted) {
  const known = existsSync(KNOWN_PLAYS) ? JSON.parse(readFileSync(KNOWN_PLAYS, 'utf8')) : {}
  const waiting = [...planted.entries()]
  const scenes = sceneFiles().map((name) => ({
    name,
    scenario: readFileSync(SCENARIOS + name, 'utf8'),
  }))
  const results = []
  await Promise.all(
    Array.from({ length: Number(args.jobs) }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [at, { name, objects = false, ...patch }] = next
        const bundles = {
          usual: await bundle(`planted-${at}`, [patch]),
          tight: await bundle(`planted-${at}-tight`, [patch, ...TIGHT_PATCHES]),
        }
        const budget = Number(args.budget)
        const hint = known[name]
        if (hint !== undefined && args.only === 'unknown') continue
        const plays = [...scenes, ...Array.from({ length: budget }, (_, i) => ({ name: 1 + i }))]
        const first =
          hint === undefined
            ? []
            : [scenes.find(({ name: scene }) => scene === hint) ?? { name: hint }]
        const { caught, played, cpuSeconds } = await playPlanted({
          ...bundles,
          sound: paths,
          objects,
          plays: [...first, ...plays],
        })
        results.push(caught)
        const what =
          caught === null
            ? `NOT CAUGHT in ${played} runs`
            : `${caught.checker}, ${typeof caught.by === 'number' ? `seed ${caught.by}` : caught.by}`
        console.log(`${name.padEnd(48)} ${what.padEnd(72)} ${cpuSeconds.toFixed(1).padStart(6)} s`)
        if (caught !== null) known[name] = caught.by
        if (args.planted && args.learn)
          writeFileSync(KNOWN_PLAYS, `${JSON.stringify(known, null, 2)}\n`)
      }
    }),
  )
  const missed = results.filter((caught) => caught === null).length
  console.log(`${results.length - missed} of ${results.length} planted faults caught`)
  return missed === 0
}

function playPlanted(task) {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./sim-planted.mjs', import.meta.url), [JSON.stringify(task)])
    let result = null
    // A planted fault may make our code run in a circle: that shows, too.
    let timeout
    const begins = (name) => {
      clearTimeout(timeout)
      timeout = setTimeout(() => {
        result = {
          caught: { by: name, checker: 'never ends' },
          played: 1,
          cpuSeconds: HANG_MS / 1_000,
        }
        child.kill('SIGKILL')
      }, HANG_MS)
    }
    child.on('message', (message) =>
      message.begins === undefined ? (result = message) : begins(message.begins),
    )
    child.on('error', reject)
    child.on('exit', () => clearTimeout(timeout))
    child.on('exit', (code) =>
      result === null
        ? reject(new Error(`a planted fault ended its process with ${code}`))
        : resolve(result),
    )
  })
}
