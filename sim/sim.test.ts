import { expect, test } from 'vitest'
import { hashOf, noTotals, planFor, runSeeds, whatIsMissing } from './batch.ts'
import { FAULT_KINDS } from './faults.ts'
import { PageClock } from './page-clock.ts'
import { QUICK } from './pace.ts'
import { planOf } from './drawn-plan.ts'
import type { Plan } from './plan.ts'
import { isUsual } from './room-options.ts'
import { run, runInTurns } from './run.ts'
import { formatScenario, parseScenario } from './scenario.ts'
import { shrink } from './shrink.ts'
import type { Turns } from './turns.ts'

const TURNS: Turns = {
  end: () => new Promise((resolve) => setImmediate(resolve)),
  deferred: () => {
    let resolve!: () => void
    const promise = new Promise<void>((settle) => {
      resolve = settle
    })
    return { promise, resolve }
  },
}
const VARIANTS = ['plain', 'objects', 'rooms', 'pausing'] as const
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]

test('a seed is one plan, and a plan is one history', () => {
  for (const seed of SEEDS) {
    expect(planOf(seed)).toEqual(planOf(seed))
    expect(hashOf(run(planOf(seed)).history)).toBe(hashOf(run(planOf(seed), true).history))
  }
})

test('a plan with rooms is one history, too, however many promises there are', async () => {
  for (const seed of SEEDS.slice(0, 3)) {
    const plan = planFor(seed, 'rooms')
    const outcomes = [await runInTurns(plan, TURNS), await runInTurns(plan, TURNS, true)]
    expect(outcomes.map(({ failure }) => failure)).toEqual([null, null])
    expect(hashOf(outcomes[0]!.history)).toBe(hashOf(outcomes[1]!.history))
  }
})

test('a plan written down as a scenario plays the same', () => {
  for (const plan of SEEDS.flatMap((seed) => VARIANTS.map((variant) => planFor(seed, variant)))) {
    const parsed = parseScenario(formatScenario(plan, ['why']))
    expect(parsed).toEqual({ ok: true, value: plan })
  }
})

test('a scene says whose log goes on', () => {
  const scene = parseScenario('pages 0\none-side\nstays p2 p3\n')
  expect(scene).toMatchObject({ ok: true, value: { oneSide: true, stays: ['p2', 'p3'] } })
  if (scene.ok) expect(parseScenario(formatScenario(scene.value, []))).toEqual(scene)
})

test('what is no line of a scenario is refused, with its number', () => {
  for (const line of [
    't=5 freeze host',
    't=5 freeze nobody 5',
    't=5 melt p1',
    't=x crash p1',
    'core 012 crash',
    'core 01 nap',
    'pages',
    'pages -1',
    'pace link 5',
    't=5 append p1 log',
    'limits loose',
    'stays host',
    'one-side pause',
    'hosts',
    'early 012',
    'partition continue',
  ]) {
    expect(parseScenario(`pages 0 0\n${line}\n`)).toMatchObject({
      ok: false,
      error: expect.stringContaining('line 2'),
    })
  }
})

test('every kind of fault is drawn, each in some seeds and not in others', () => {
  const plans = Array.from({ length: 600 }, (_, seed) => planOf(seed))
  for (const kind of FAULT_KINDS) {
    const share =
      plans.filter(({ faults }) => faults.some((fault) => fault.kind === kind)).length /
      plans.length
    expect([kind, share > 0.02 && share < 0.5]).toEqual([kind, true])
  }
})

test('whatever the apps of a room may ask for is asked for in some rooms', () => {
  const all = Array.from({ length: 300 }, (_, seed) => planOf(seed).options)
  expect(all.filter(isUsual).length).toBeGreaterThan(150)
  expect(all.some(({ mayHost }) => mayHost.includes('0'))).toBe(true)
  expect(all.every(({ mayHost }) => mayHost.startsWith('1'))).toBe(true)
  expect(all.some(({ early }) => early.includes('1'))).toBe(true)
})

test('a failing plan shrinks to the fault that it needs', async () => {
  const plan: Plan = {
    ...planOf(3),
    faults: ['hang', 'freeze', 'crash', 'sleep', 'close'].map((kind, i) => ({
      atMs: 2_000 + i,
      kind: kind as 'hang',
      args: ['host', '4000'],
    })),
  }
  const outcomeOf = (plan: Plan) => {
    const failure = plan.faults.some(({ kind }) => kind === 'sleep')
      ? { checker: 'kept', what: 'gone' }
      : null
    return { plan, failure, history: [], timeline: null, marks: new Map(), simulatedMs: 0 }
  }
  const { outcome } = await shrink(outcomeOf(plan), outcomeOf)
  expect(outcome.plan.faults).toEqual([{ atMs: 2_003, kind: 'sleep', args: ['host', '125'] }])
  expect(outcome.plan).toMatchObject({ work: [], pace: QUICK, core: { sides: '1' } })
})

test('runs in which nothing was acknowledged, or nobody followed another, prove too little', () => {
  expect(
    whatIsMissing({ ...noTotals(), seeds: 1, invoked: 10, acknowledged: 2, reigns: 2 }),
  ).toContain('2 of 10')
  expect(
    whatIsMissing({ ...noTotals(), seeds: 10, invoked: 10, acknowledged: 10, reigns: 10 }),
  ).toContain('10 reigns')
  expect(
    whatIsMissing({ ...noTotals(), seeds: 5_000, invoked: 10, acknowledged: 10, reigns: 10_000 }),
  ).toContain('never met')
})

test('a batch counts what its runs went through', async () => {
  const totals = await runSeeds(99, 2, (plan) => runInTurns(plan, TURNS))
  expect(totals).toMatchObject({
    seeds: 2,
    hashes: [{ seed: 100, hash: expect.stringMatching(/^[0-9a-f]{8}$/) }],
  })
  expect(totals.reigns).toBeGreaterThan(1)
})

test('the clock of a page runs at its own pace, and shows a time when it says it does', () => {
  const clock = new PageClock(1_000, 500, 0.01)
  expect([clock.at(1_000), clock.at(2_000)]).toEqual([1_500, 2_510])
  for (const shown of [1_501, 1_777, 2_511]) {
    const atMs = clock.whenItShows(shown)
    expect([clock.at(atMs) >= shown, clock.at(atMs - 1) < shown]).toEqual([true, true])
  }
})
