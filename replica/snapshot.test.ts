import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { SNAPSHOT_PARTS_AHEAD, SNAPSHOT_PART_BYTES, TAIL_ENTRIES_MAX } from '../protocol/limits.ts'
import { type Claim, type Index, type OpId, type Seq, type Term } from '../protocol/ids.ts'
import type { Action, Entry } from '../protocol/entry.ts'
import { peer } from '../protocol/testing-ids.ts'
import { Fetch, Sources } from './transfer.ts'
import type { Replica } from './replica.ts'
import { snapshotFor } from './snapshot.ts'
import type { Fetched } from './snapshot-reader.ts'
import { emptyReplica, writerOf } from './testing-words.ts'
import { NO_MOMENTS } from './surplus.ts'

const HOST: Claim = { term: 3 as Term, host: peer('h') }

/** A replica whose log was made by these actions, alternating between two authors. */
function replicaOf(
  actions: readonly { action: Action; key: string; size: number }[],
  replica = emptyReplica(true),
): Replica {
  append(replica, { type: 'reign', claim: HOST, inSync: [peer('s')] })
  for (const { action, key, size } of actions) {
    const author = peer(size % 2 === 0 ? 'a' : 'b')
    const op = {
      author,
      opId: ((replica.ops.last(author) ?? 0) + 1) as OpId,
      key,
      value: new Uint8Array(size).fill(size),
    }
    if (action === 'compact')
      append(replica, {
        type: 'compaction',
        op: { action, ...op, seq: replica.lastSeq, basis: HOST },
      })
    else
      append(replica, { type: 'message', seq: (replica.lastSeq + 1) as Seq, op: { action, ...op } })
  }
  return replica
}

type Unplaced = Entry extends infer E ? (E extends Entry ? Omit<E, 'index'> : never) : never

function append(replica: Replica, entry: Unplaced): void {
  const placed = { ...entry, index: (replica.lastIndex + 1) as Index } as Entry
  expect(replica.accepts(placed)).toBe(true)
  writerOf(replica).append(placed)
}

/** Carries a transfer through frames, as the wire would. */
function transfer({ parts }: { readonly parts: Iterator<Uint8Array> }): Fetched {
  const sources = new Sources()
  const fetch = new Fetch(peer('h'), 7)
  const queue = sources.start(peer('x'), 7, parts)
  for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
    const added = fetch.add(part)
    if (!added.ok) throw new Error(added.error)
    if (added.value !== null) return added.value
    queue.push(...sources.confirmed(peer('x'), 7, part.number))
  }
  throw new Error('the transfer stopped before its last part')
}

function contents(replica: Replica): unknown {
  const streams = [...(replica.engine?.keys ?? [])].map((key) => {
    const run = replica.engine!.replay(key, 0)!
    return [
      key,
      run.first,
      [...run.seqs],
      [...run.ends],
      new TextDecoder('latin1').decode(run.bytes),
      [...run.opIds],
      Array.from(run.authors, (n) => replica.engine!.authorName(n)),
    ]
  })
  return {
    streams,
    position: replica.position,
    lastSeq: replica.lastSeq,
    ops: [...replica.ops.rows],
    inSync: replica.inSync,
    history: replica.history.reigns,
  }
}

const actions = fc.array(
  fc.record({
    action: fc.constantFrom<Action>('append', 'append', 'append', 'relay', 'replace', 'compact'),
    key: fc.constantFrom('a', 'b', ''),
    size: fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 30_000 })),
  }),
  { maxLength: 80 },
)

describe('[LK13] a copy whose parts are made while the room goes on', () => {
  test('[LK13a] is of the moment in which it was asked for', () => {
    fc.assert(
      fc.property(
        actions,
        actions,
        fc.integer({ min: 1, max: 6 }),
        (before, meanwhile, partsBefore) => {
          const source = replicaOf(before)
          const atThatMoment = structuredClone(contents(source))
          const { parts } = snapshotFor(source, [], [])
          const made: Uint8Array[] = []
          for (let next = parts.next(); next.done !== true; next = parts.next()) {
            made.push(next.value)
            if (made.length >= partsBefore) break
          }
          replicaOf(meanwhile, source)
          const fetched = transfer({ parts: [...made, ...parts].values() })
          const copy = emptyReplica(false)
          if (fetched.extent === 'whole') expect(writerOf(copy).adopt(fetched.copy)).toBe(true)
          expect(contents(copy)).toEqual(atThatMoment)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('[LK13a] changes nothing in the room', () => {
    fc.assert(
      fc.property(actions, actions, (before, meanwhile) => {
        const source = replicaOf(before)
        const alone = replicaOf(before)
        snapshotFor(source, [], [])
        replicaOf(meanwhile, source)
        replicaOf(meanwhile, alone)
        expect(contents(source)).toEqual(contents(alone))
        expect(source.engine!.retainedBytes).toBe(alone.engine!.retainedBytes)
      }),
    )
  })

  test('never has more than two parts made for a frame, and one in store', () => {
    const source = replicaOf(
      Array.from({ length: 100 }, () => ({ action: 'append', key: 'k', size: 30_000 })),
    )
    let made = 0
    function* counted(): Generator<Uint8Array, undefined> {
      for (const part of snapshotFor(source, [], []).parts) {
        made++
        yield part
      }
    }
    const sources = new Sources()
    const sent = sources.start(peer('x'), 7, counted())
    expect(made).toBe(3)
    for (const { number } of sent) {
      const before = made
      const next = sources.confirmed(peer('x'), 7, number)
      expect(made - before).toBeLessThanOrEqual(2)
      expect(sent.push(...next) - 1 - number).toBeLessThanOrEqual(SNAPSHOT_PARTS_AHEAD)
    }
    expect(sent.at(-1)?.last).toBe(true)
    expect(sent.length).toBe(made)
  })
})

test('[LK13b] a few large messages behind many small ones do not share a part', () => {
  const small = Array.from(
    { length: 3_000 },
    () => ({ action: 'append', key: 'k', size: 10 }) as const,
  )
  const large = Array.from(
    { length: 3 },
    () => ({ action: 'append', key: 'k', size: 300_000 }) as const,
  )
  const source = replicaOf([...small, ...large])
  for (const part of snapshotFor(source, [], []).parts)
    expect(part.length).toBeLessThan(300_000 + SNAPSHOT_PART_BYTES)
})

describe('a snapshot', () => {
  test('[MG2] makes an equal replica of one that knew nothing', () => {
    fc.assert(
      fc.property(actions, (made) => {
        const source = replicaOf(made)
        const fetched = transfer(snapshotFor(source, [], []))
        expect(fetched.extent).toBe('whole')
        const copy = emptyReplica(false)
        if (fetched.extent === 'whole') expect(writerOf(copy).adopt(fetched.copy)).toBe(true)
        expect(contents(copy)).toEqual(contents(source))
      }),
      { numRuns: 100 },
    )
  })

  test('[MG2] of a source that is ahead is only what came after', () => {
    const source = replicaOf([{ action: 'append', key: 'k', size: 1 }])
    const ends = source.ends
    replicaOf([{ action: 'append', key: 'k', size: 2 }], source)
    const fetched = transfer(snapshotFor(source, ends, []))
    expect(fetched.extent === 'tail' && fetched.entries.map((entry) => entry.index)).toEqual([3, 4])
  })

  test('[MG5] for a log that went on elsewhere is what came after the fork', () => {
    const source = replicaOf([{ action: 'append', key: 'k', size: 1 }])
    const ends = source.ends
    replicaOf([{ action: 'append', key: 'k', size: 2 }], source)
    const elsewhere = {
      number: 9,
      claim: { ...HOST, term: 9 as Term },
      index: 99 as Index,
      seq: 90 as Seq,
    }
    const fetched = transfer(snapshotFor(source, [...ends, elsewhere], []))
    expect(fetched.extent === 'tail' && fetched.entries.map((entry) => entry.index)).toEqual([3, 4])
  })

  test('for a log that has nothing in common is the whole', () => {
    const source = replicaOf([{ action: 'append', key: 'k', size: 1 }])
    const elsewhere = {
      number: 9,
      claim: { ...HOST, term: 9 as Term },
      index: 99 as Index,
      seq: 90 as Seq,
    }
    expect(transfer(snapshotFor(source, [elsewhere], [])).extent).toBe('whole')
  })

  test('of a log that is longer than a tail holds no more of it than one', () => {
    const source = replicaOf([])
    source.log.keep({ entriesMax: Infinity, bytesMax: Infinity })
    const { ends } = source
    const grow = (count: number, size: number) => {
      for (let i = 0; i < count; i++)
        append(source, {
          type: 'message',
          seq: (source.lastSeq + 1) as Seq,
          op: {
            action: 'replace',
            author: peer('a'),
            opId: (source.lastSeq + 1) as OpId,
            key: 'k',
            value: new Uint8Array(size),
          },
        })
    }
    grow(TAIL_ENTRIES_MAX, 1)
    expect(transfer(snapshotFor(source, ends, [])).extent).toBe('tail')
    grow(1, 1)
    expect(transfer(snapshotFor(source, ends, [])).extent).toBe('whole')
    grow(200, 60_000)
    expect(transfer(snapshotFor(source, ends, [])).extent).toBe('whole')
  })

  test('by a source without streams is nothing', () => {
    expect(transfer(snapshotFor(emptyReplica(false), [], [])).extent).toBe('nothing')
  })

  test('is brought up to date by what was followed meanwhile', () => {
    const source = replicaOf([{ action: 'append', key: 'k', size: 1 }])
    const copy = snapshotFor(source, [], [])
    const follower = emptyReplica(false)
    writerOf(follower).startOver(
      source.lastIndex,
      source.lastSeq,
      source.history.reigns,
      source.ops.rows,
      NO_MOMENTS,
    )
    for (const replica of [source, follower])
      append(replica, {
        type: 'message',
        seq: 2 as Seq,
        op: {
          action: 'append',
          author: peer('c'),
          opId: 1 as OpId,
          key: 'k',
          value: new Uint8Array(3),
        },
      })
    const fetched = transfer(copy)
    if (fetched.extent === 'whole') expect(writerOf(follower).adopt(fetched.copy)).toBe(true)
    expect(contents(follower)).toEqual(contents(source))
  })
})

test('a room of many keys travels in parts of many keys each', () => {
  const actions = Array.from({ length: 2_000 }, (_, i) => ({
    action: 'append' as const,
    key: `key ${i}`,
    size: 20,
  }))
  const source = replicaOf(actions)
  const parts = [...snapshotFor(source, [], []).parts]
  const bytes = parts.reduce((sum, part) => sum + part.length, 0)
  expect(parts.length).toBeLessThan(3 + (2 * bytes) / SNAPSHOT_PART_BYTES)
  for (const part of parts) expect(part.length).toBeLessThanOrEqual(SNAPSHOT_PART_BYTES + 1_024)
  const fetched = transfer({ parts: parts.values() })
  if (fetched.extent !== 'whole') throw new Error('the whole was asked for')
  expect([...fetched.copy.engine!.keys]).toEqual([...source.engine!.keys])
})
