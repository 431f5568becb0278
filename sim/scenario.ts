// Owns scenario files: a plan as text, one line each, that says the same whatever becomes of the drawing of plans.
//
//   # why this scene is kept
//   pages 0 0 1500                    join times of p1, p2, p3
//   ends 12000                        end of the faults
//   ops 10 from 500 until 9000        a mixed workload; or one line for each act
//   t=2000 freeze host 8200
//   t=2100 append p2 "log" 3
//   t=2200 change p1 "list" 1         of a shared object: list, map, value or log; or of its presence
//   core 0110 crash                   optional: whom the second phase heals, and what becomes of the others
//   limits tight                      optional
//   seed 7                            optional: of the time that each frame takes
//   pace link 1-8 spikes 0.1          optional; what is not named is quick

import { fail, ok, type Result } from '../protocol/result.ts'
import { FAULTS, type Fault, type FaultKind } from './faults.ts'
import { ACTIONS } from '../checks/history.ts'
import { QUICK, type Pace } from './pace.ts'
import { workOf, type Core, type Plan, type Work } from './plan.ts'
import { Random } from './random.ts'
import { isShareName } from './shared-objects.ts'

const FATES = ['crash', 'freeze', 'cut']

export function formatScenario(plan: Plan, why: readonly string[]): string {
  const pace = Object.entries(plan.pace).filter(
    ([name, value]) => String(value) !== String(QUICK[name as keyof Pace]),
  )
  return [
    ...why.map((line) => `# ${line}`),
    `pages ${plan.joinsAtMs.join(' ')}`,
    `ends ${plan.endsAtMs}`,
    `core ${plan.core.sides} ${plan.core.fate}`,
    ...(plan.tight ? ['limits tight'] : []),
    `seed ${plan.seed}`,
    ...(pace.length > 0
      ? [
          `pace ${pace.map(([name, value]) => `${name} ${typeof value === 'number' ? value : value.join('-')}`).join(' ')}`,
        ]
      : []),
    ...plan.faults.map(({ atMs, kind, args }) => `t=${atMs} ${[kind, ...args].join(' ')}`),
    ...plan.work.map(
      ({ atMs, who, action, key, times }) =>
        `t=${atMs} ${action} ${who} ${JSON.stringify(key)} ${times}`,
    ),
    '',
  ].join('\n')
}

type Draft = { -readonly [Field in keyof Plan]: Plan[Field] } & {
  readonly faults: Fault[]
  readonly work: Work[]
}

export function parseScenario(text: string): Result<Plan> {
  const draft: Draft = {
    seed: 1,
    tight: false,
    pace: QUICK,
    joinsAtMs: [0, 0, 0],
    faults: [],
    work: [],
    endsAtMs: 10_000,
    core: { sides: '1', fate: 'crash' },
  }
  const ops: { readonly perSecond: number; readonly fromMs: number; readonly untilMs: number }[] =
    []
  for (const [at, line] of text.split('\n').entries()) {
    const words = line.trim().split(/\s+/)
    const [first = '', ...rest] = words
    if (first === '' || first.startsWith('#')) continue
    if (first === 'ops')
      ops.push({ perSecond: Number(rest[0]), fromMs: Number(rest[2]), untilMs: Number(rest[4]) })
    else if (!readLine(draft, first, rest))
      return fail(`line ${at + 1} is none of a scenario: ${line}`)
  }
  for (const { perSecond, fromMs, untilMs } of ops)
    draft.work.push(...workOf(new Random(draft.seed).fork('ops'), perSecond, untilMs, fromMs))
  if (
    ops.some(
      ({ perSecond, fromMs, untilMs }) => !(perSecond > 0 && fromMs >= 0 && untilMs >= fromMs),
    )
  )
    return fail('an ops line says `ops 10 from 500 until 9000`')
  draft.work.sort((a, b) => a.atMs - b.atMs)
  draft.faults.sort((a, b) => a.atMs - b.atMs)
  return ok(draft)
}

function readLine(draft: Draft, first: string, rest: readonly string[]): boolean {
  switch (first) {
    case 'pages':
      draft.joinsAtMs = rest.map(Number)
      return rest.length > 0 && rest.every(isCount)
    case 'ends':
      draft.endsAtMs = Number(rest[0])
      return isCount(rest[0])
    case 'seed':
      draft.seed = Number(rest[0])
      return isCount(rest[0])
    case 'limits':
      draft.tight = rest[0] === 'tight'
      return draft.tight
    case 'core':
      draft.core = { sides: rest[0] ?? '', fate: rest[1] as Core['fate'] }
      return /^[01]+$/.test(draft.core.sides) && FATES.includes(draft.core.fate)
    case 'pace':
      return readPace(draft, rest)
  }
  return /^t=\d+$/.test(first) && readEvent(draft, Number(first.slice(2)), rest)
}

function readPace(draft: Draft, words: readonly string[]): boolean {
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i] as keyof Pace
    const numbers = (words[i + 1] ?? '').split('-').map(Number)
    if (
      !Object.hasOwn(QUICK, name) ||
      numbers.some(Number.isNaN) ||
      numbers.length !== (typeof QUICK[name] === 'number' ? 1 : 2)
    )
      return false
    draft.pace = { ...draft.pace, [name]: numbers.length === 1 ? numbers[0] : numbers }
  }
  return true
}

function readEvent(draft: Draft, atMs: number, [kind = '', ...args]: readonly string[]): boolean {
  if (kind === 'replay' || kind === 'change' || (ACTIONS as readonly string[]).includes(kind)) {
    const [who = '', key = '', times = '1'] = args
    if (!isTarget(who) && who !== 'all') return false
    if (!/^"[^"\\]*"$/.test(key) || !isCount(times)) return false
    if (kind === 'change' && !isShareName(JSON.parse(key) as string)) return false
    return (
      draft.work.push({
        atMs,
        who,
        action: kind as Work['action'],
        key: JSON.parse(key) as string,
        times: Number(times),
      }) > 0
    )
  }
  if (!Object.hasOwn(FAULTS, kind)) return false
  const expected = FAULTS[kind as FaultKind]
  if (args.length !== expected.length) return false
  const areRight = expected.every((word, i) =>
    word === 'page' || word === 'other'
      ? isTarget(args[i]!)
      : word === 'sides'
        ? /^[012]+$/.test(args[i]!)
        : isCount(args[i]),
  )
  return areRight && draft.faults.push({ atMs, kind: kind as FaultKind, args }) > 0
}

function isTarget(word: string): boolean {
  return /^(host|standby|p[1-9]\d*|~\d+)$/.test(word)
}

function isCount(word: string | undefined): boolean {
  return word !== undefined && /^\d+$/.test(word)
}
