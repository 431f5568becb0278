import { describe, expect, test } from 'vitest'
import type { Claim, Index, OpId, Seq, Term } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { SeqRun } from '../protocol/frames.ts'
import { peer } from '../protocol/testing-ids.ts'
import type { ReplicaState } from '../replica/replica-state.ts'
import type { Branch } from './branch.ts'
import type { Found } from './found.ts'
import { weigh, type Asked, type Verdict } from './weigh.ts'
import { emptyReplica } from '../replica/testing-words.ts'

const host = peer('h')
const claimOf = (term: number): Claim => ({ term: term as Term, host })
const FORK = 10

function message(index: number): Entry {
  const op = {
    action: 'append' as const,
    author: host,
    opId: index as OpId,
    key: 'k',
    value: new Uint8Array(1),
  }
  return { type: 'message', index: index as Index, seq: index as Seq, op }
}

const lackingUpTo = (seq: number): readonly SeqRun[] =>
  seq === 0 ? [] : [{ from: 1 as Seq, to: seq as Seq }]

type Side = {
  /** How many entries it holds after the fork. */
  readonly entries: number
  /** How many of these are stable. */
  readonly stable?: number
  /** How many messages its streams lack. */
  readonly lacks?: number
}

function branchOf({ entries, stable = 0, lacks = 0 }: Side, term = 1): Branch {
  return {
    position: { claim: claimOf(term), index: (FORK + entries) as Index },
    entries: Array.from({ length: entries }, (_, i) => message(FORK + 1 + i)),
    stable: (FORK + stable) as Index,
    past: 0 as Index,
    lacks: lackingUpTo(lacks),
    inSync: [],
  }
}

type Theirs = Side & {
  readonly copy: boolean
  /** How many entries after the fork its source has let go. */
  readonly torn?: number
  readonly canGoOn?: boolean
}

function foundOf(theirs: Theirs): Found {
  const branch = branchOf(theirs)
  const { log, history, ops, inSync, lastSeq, engine } = emptyReplica(true)
  const copy: ReplicaState = {
    log,
    history,
    ops,
    inSync,
    lastSeq,
    engine,
    lacks: branch.lacks,
  }
  return {
    fork: { number: 1, claim: claimOf(1), index: FORK as Index, seq: FORK as Seq },
    branch: { ...branch, entries: branch.entries.slice(theirs.torn ?? 0) },
    copy: theirs.copy ? copy : null,
    canGoOnWithCopy: theirs.canGoOn ?? false,
    piece: null,
  }
}

type Case = readonly [why: string, own: Side | null, theirs: Theirs, asked: Asked, verdict: Verdict]

const follows: Asked = 'what follows'

const ENTRIES: readonly Case[] = [
  ['continues ours', { entries: 0 }, { copy: false, entries: 2 }, follows, 'theirs goes on'],
  ['continues ours', { entries: 0 }, { copy: false, entries: 2 }, 'all', 'theirs goes on'],
  [
    'lacks the entries right after the fork',
    { entries: 0 },
    { copy: false, entries: 5, torn: 3, stable: 5 },
    follows,
    'ours goes on',
  ],
  ['ends at the fork', { entries: 2 }, { copy: false, entries: 0 }, follows, 'ours goes on'],
  [
    'is lighter',
    { entries: 2, stable: 2 },
    { copy: false, entries: 2, stable: 1 },
    follows,
    'ours goes on',
  ],
  ['weighs the same', { entries: 2 }, { copy: false, entries: 2 }, follows, 'ours goes on'],
  [
    'is heavier',
    { entries: 2, stable: 1 },
    { copy: false, entries: 2, stable: 2 },
    follows,
    'ask for all of it',
  ],
  [
    'is heavier, and has no streams',
    { entries: 2, stable: 1 },
    { copy: false, entries: 2, stable: 2 },
    'all',
    'ours goes on',
  ],
]

const COPIES: readonly Case[] = [
  [
    'is heavier',
    { entries: 2, stable: 1 },
    { copy: true, entries: 2, stable: 2 },
    'all',
    'theirs goes on',
  ],
  [
    'is lighter',
    { entries: 2, stable: 2 },
    { copy: true, entries: 2, stable: 1 },
    'all',
    'ours goes on',
  ],
  [
    'lacks more, though it is heavier',
    { entries: 2 },
    { copy: true, entries: 2, stable: 2, lacks: 1 },
    'all',
    'ours goes on',
  ],
  [
    'lacks more, though it goes on from ours',
    { entries: 0 },
    { copy: true, entries: 2, lacks: 1 },
    'all',
    'ours goes on',
  ],
  [
    'lacks less, though it is lighter',
    { entries: 2, stable: 2, lacks: 1 },
    { copy: true, entries: 2 },
    'all',
    'theirs goes on',
  ],
  [
    'ends where ours ends, and lacks less',
    { entries: 0, lacks: 1 },
    { copy: true, entries: 0 },
    'all',
    'theirs goes on',
  ],
  [
    'is an earlier end of ours, and lacks as much',
    { entries: 2, lacks: 1 },
    { copy: true, entries: 0, lacks: 1, canGoOn: true },
    'all',
    'ours goes on',
  ],
  [
    'is an earlier end of ours, and lacks less',
    { entries: 2, lacks: 1 },
    { copy: true, entries: 0, canGoOn: true },
    'all',
    'ours goes on with its streams',
  ],
  [
    'is an earlier end of ours and lacks less, but ours has let go what came since',
    { entries: 2, lacks: 1 },
    { copy: true, entries: 0, canGoOn: false },
    'all',
    'theirs goes on',
  ],
]

describe('[MG5 EL5b] of a log that gave its entries and', () => {
  test.each(ENTRIES)('%s: %o beside %o asked for %s: %s', (_why, own, theirs, asked, verdict) => {
    expect(weigh(own && branchOf(own), foundOf(theirs), asked)).toBe(verdict)
  })
})

describe('[MG5 EL5b] of a log that came whole and', () => {
  test.each(COPIES)('%s: %o beside %o asked for %s: %s', (_why, own, theirs, asked, verdict) => {
    expect(weigh(own && branchOf(own), foundOf(theirs), asked)).toBe(verdict)
  })
})

test('[MG2] an empty log gives way to any that can be continued', () => {
  const whole = { ...foundOf({ copy: true, entries: 2, lacks: 1 }), fork: null }
  expect(weigh(null, whole, 'all')).toBe('theirs goes on')
  const first = { ...foundOf({ copy: false, entries: 0 }), fork: null }
  const begun = { ...first, branch: { ...first.branch, entries: [message(1)] } }
  expect(weigh(null, begun, follows)).toBe('theirs goes on')
  const torn = { ...first, branch: { ...first.branch, entries: [message(2)] } }
  expect(weigh(null, torn, follows)).toBe('ours goes on')
})
