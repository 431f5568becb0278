// Owns scenario files: a plan as text, one line each, that says the same whatever becomes of the drawing of plans.
//
//   # why this scene is kept
//   pages 0 0 1500                    join times of p1, p2, p3
//   ends 12000                        end of the faults
//   ops 10 from 500 until 9000        a mixed workload; or one line for each act
//   t=2000 freeze host 8200
//   t=2100 append p2 "log" 3
//   t=2200 change p1 "list" 1         of a shared object: list, map, value or log; or of its presence
//   t=2300 listen-after p1 "log" 9    of an app over a room: listen, listen-to-all, listen-to-lists,
//                                     listen-after, stop-listening; then all pages have rooms
//   core 0110 crash                   optional: whom the second phase heals, and what becomes of the others
//   limits tight                      optional
//   one-side                          optional: of hosts that pause no two give receipts beside each other
//   stays p2 p3                       optional: pages whose log must go on, so that no reset takes back what they have
//   hosts 110                         optional: which pages may host, by page number, round and round
//   early 010                         optional: which pages have receipts as soon as ops are ordered
//   partition pause                   optional
//   disks                             optional: pages that may host keep what they hold, and come back with it
//   seed 7                            optional: of the time that each frame takes
//   pace link 1-8 spikes 0.1          optional; what is not named is quick

import { fail, ok, type Result } from '../protocol/result.ts'
import { FAULTS, type Fault, type FaultKind, type Word } from './faults.ts'
import { WAYS } from './app.ts'
import { ACTIONS } from '../checks/history.ts'
import { QUICK, type Pace } from './pace.ts'
import { workOf } from './drawn-plan.ts'
import type { Core, Plan, Work } from './plan.ts'
import { Random } from './random.ts'
import { linesOf, USUAL } from './room-options.ts'
import { isShareName } from './shared-objects.ts'
import { isTarget } from './targets.ts'

const FATES = ['crash', 'freeze', 'cut']

export function formatScenario(plan: Plan, why: readonly string[]): string {
  const { joinsAtMs, endsAtMs, core, oneSide, stays, tight, options, disks } = plan
  const { seed, pace, faults, work } = plan
  return [
    ...why.map((line) => `# ${line}`),
    `pages ${joinsAtMs.join(' ')}`,
    `ends ${endsAtMs}`,
    `core ${core.sides} ${core.fate}`,
    ...(oneSide ? ['one-side'] : []),
    ...(stays.length > 0 ? [`stays ${stays.join(' ')}`] : []),
    ...(tight ? ['limits tight'] : []),
    ...linesOf(options),
    ...(disks ? ['disks'] : []),
    `seed ${seed}`,
    ...paceLine(pace),
    ...faults.map(({ atMs, kind, args }) => `t=${atMs} ${[kind, ...args].join(' ')}`),
    ...work.map(
      ({ atMs, who, action, key, times }) =>
        `t=${atMs} ${action} ${who} ${JSON.stringify(key)} ${times}`,
    ),
    '',
  ].join('\n')
}

/** What is not quick, if anything is. */
function paceLine(pace: Pace): string[] {
  const words = Object.entries(pace)
    .filter(([name, value]) => String(value) !== String(QUICK[name as keyof Pace]))
    .map(([name, value]) => `${name} ${typeof value === 'number' ? value : value.join('-')}`)
  return words.length > 0 ? [`pace ${words.join(' ')}`] : []
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
    options: USUAL,
    disks: false,
    joinsAtMs: [0, 0, 0],
    faults: [],
    work: [],
    endsAtMs: 10_000,
    core: { sides: '1', fate: 'crash' },
    oneSide: false,
    stays: [],
  }
  const allOps: Ops[] = []
  for (const [at, line] of text.split('\n').entries()) {
    const [first = '', ...rest] = line.trim().split(/\s+/)
    if (first === '' || first.startsWith('#')) continue
    if (first === 'ops') allOps.push(opsIn(rest))
    else if (!readLine(draft, first, rest))
      return fail(`line ${at + 1} is none of a scenario: ${line}`)
  }
  if (!allOps.every(isRight)) return fail('an ops line says `ops 10 from 500 until 9000`')
  for (const { perSecond, fromMs, untilMs } of allOps)
    draft.work.push(...workOf(new Random(draft.seed).fork('ops'), perSecond, untilMs, fromMs))
  draft.work.sort((a, b) => a.atMs - b.atMs)
  draft.faults.sort((a, b) => a.atMs - b.atMs)
  return ok(draft)
}

/** A mixed workload. */
type Ops = { readonly perSecond: number; readonly fromMs: number; readonly untilMs: number }

function opsIn([perSecond, , fromMs, , untilMs]: readonly string[]): Ops {
  return { perSecond: Number(perSecond), fromMs: Number(fromMs), untilMs: Number(untilMs) }
}

function isRight({ perSecond, fromMs, untilMs }: Ops): boolean {
  return perSecond > 0 && fromMs >= 0 && untilMs >= fromMs
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
    case 'hosts':
      draft.options = { ...draft.options, mayHost: rest[0] ?? '' }
      return isDigits(rest[0])
    case 'early':
      draft.options = { ...draft.options, early: rest[0] ?? '' }
      return isDigits(rest[0])
    case 'partition':
      draft.options = { ...draft.options, partition: 'pause' }
      return rest[0] === 'pause'
    case 'disks':
      draft.disks = true
      return rest.length === 0
    case 'core':
      draft.core = { sides: rest[0] ?? '', fate: rest[1] as Core['fate'] }
      return isDigits(rest[0]) && FATES.includes(draft.core.fate)
    case 'one-side':
      draft.oneSide = true
      return rest.length === 0
    case 'stays':
      draft.stays = rest
      return rest.length > 0 && rest.every((word) => /^p[1-9]\d*$/.test(word))
    case 'pace':
      return readPace(draft, rest)
  }
  return /^t=\d+$/.test(first) && readEvent(draft, Number(first.slice(2)), rest)
}

function readPace(draft: Draft, words: readonly string[]): boolean {
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i] as keyof Pace
    if (!Object.hasOwn(QUICK, name)) return false
    const numbers = (words[i + 1] ?? '').split('-').map(Number)
    const expected = typeof QUICK[name] === 'number' ? 1 : 2
    if (numbers.length !== expected || numbers.some(Number.isNaN)) return false
    draft.pace = { ...draft.pace, [name]: expected === 1 ? numbers[0] : numbers }
  }
  return true
}

function readEvent(draft: Draft, atMs: number, [kind = '', ...args]: readonly string[]): boolean {
  if (isDeed(kind)) return readWork(draft, atMs, kind, args)
  if (!isFaultKind(kind)) return false
  const words: readonly Word[] = FAULTS[kind]
  if (args.length !== words.length) return false
  if (!words.every((word, i) => isA(word, args[i]!))) return false
  draft.faults.push({ atMs, kind, args })
  return true
}

function readWork(
  draft: Draft,
  atMs: number,
  action: Work['action'],
  [who = '', quoted = '', times = '1']: readonly string[],
): boolean {
  if (!isTarget(who) && who !== 'all') return false
  if (!/^"[^"\\]*"$/.test(quoted) || !isCount(times)) return false
  const key = JSON.parse(quoted) as string
  if (action === 'change' && !isShareName(key)) return false
  draft.work.push({ atMs, who, action, key, times: Number(times) })
  return true
}

function isDeed(word: string): word is Work['action'] {
  return ['replay', 'change', 'stop-listening', ...WAYS, ...ACTIONS].includes(word)
}

function isFaultKind(word: string): word is FaultKind {
  return Object.hasOwn(FAULTS, word)
}

function isA(word: Word, arg: string): boolean {
  switch (word) {
    case 'page':
    case 'other':
      return isTarget(arg)
    case 'sides':
      return /^[012]+$/.test(arg)
    case 'ms':
    case 'number':
      return isCount(arg)
  }
}

function isDigits(word: string | undefined): boolean {
  return /^[01]+$/.test(word ?? '')
}

function isCount(word: string | undefined): boolean {
  return word !== undefined && /^\d+$/.test(word)
}
