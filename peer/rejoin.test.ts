import { expect, test } from 'vitest'
import type { Index } from '../protocol/ids.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import { HostRole } from '../host/host-role.ts'
import type { Replica } from '../replica/replica.ts'
import { Outbox } from './outbox.ts'
import { Pair } from './rejoining-pair.ts'
import { add, emptyReplica, op, writerOf } from '../replica/testing-words.ts'

const logOf = (replica: Replica) =>
  replica.log.after(0 as Index).flatMap((e) => ('op' in e ? [`${e.op.author[0]}${e.op.opId}`] : []))
const entriesOf = (...names: string[]) => add(emptyReplica(true), ...names).log.after(0 as Index)

function newHost(pair: Pair, claim: ReturnType<typeof claimOf>, ...log: string[]) {
  const replica = add(emptyReplica(true), ...log)
  pair.role = new HostRole(claim.host, claim, writerOf(replica), [])
  pair.role.lead([], [], 0)
  pair.fromSession(pair.session.follow(claim, true, 0))
  return { replica, rounds: pair.run() }
}

test('[MG3 MG4] an own op that only the lost branch had ordered reaches the new host', () => {
  const pair = new Pair()
  pair.outbox.add(op('m', 1), 1)
  pair.followsOld(claimOf(1, 'h'), entriesOf('1h', 'a1', 'm1'), 2)
  const { replica } = newHost(pair, claimOf(2, 'g'), '1h', 'a1')
  expect(logOf(replica)).toEqual(['a1', 'm1'])
})

test('[MG4] a receipt never rests on what an earlier host had called stable', () => {
  const pair = new Pair()
  // Stable up to 8 in the old branch; the new host's branch parted at 2.
  pair.followsOld(claimOf(1, 'h'), entriesOf('1h', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'), 8)
  pair.outbox.add(op('m', 1), 1)
  const claim = claimOf(2, 'g')
  pair.fromSession(pair.session.follow(claim, true, 0))
  const hello = pair.sent.at(-1) as { nonce: number }
  pair.fromSession(
    pair.session.receive({
      type: 'welcome',
      nonce: hello.nonce,
      resume: false,
      lacks: [],
      head: 3 as never,
      headSeq: 1 as never,
      history: [
        { number: 1, claim: claimOf(1, 'h'), index: 2 as never, seq: 1 as never },
        { number: 2, claim, index: 3 as never, seq: 1 as never },
      ],
      ops: [],
    }),
  )
  // The new host had m1 already (through another peer), at index 4, and says so; nothing of it is stable.
  pair.fromSession(
    pair.session.receive({
      type: 'entries',
      stable: 2 as never,
      entries: [{ type: 'message', index: 4 as never, seq: 2 as never, op: op('m', 1) as never }],
    }),
  )
  expect(pair.outcomes).toEqual([])
  pair.fromSession(
    pair.session.receive({
      type: 'repeated',
      nonce: hello.nonce,
      repeats: [
        { author: peer('m'), opId: 1 as never, index: 4 as never, seq: 2 as never, code: null },
      ],
    }),
  )
  expect(pair.outcomes).toEqual([])
})

test('[MG4] a receipt never rests on what an earlier host had called stable, nor on a repeat before the head', () => {
  const pair = new Pair()
  pair.followsOld(claimOf(1, 'h'), entriesOf('1h', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'), 8)
  pair.outbox.add(op('m', 1), 1)
  const claim = claimOf(2, 'g')
  pair.fromSession(pair.session.follow(claim, true, 0))
  const hello = pair.sent.at(-1) as { nonce: number }
  pair.fromSession(
    pair.session.receive({
      type: 'welcome',
      nonce: hello.nonce,
      resume: false,
      lacks: [],
      head: 4 as never,
      headSeq: 2 as never,
      history: [
        { number: 1, claim: claimOf(1, 'h'), index: 2 as never, seq: 1 as never },
        { number: 2, claim, index: 3 as never, seq: 1 as never },
      ],
      ops: [],
    }),
  )
  // m1 was index 4 of the new log: submitted by another peer that had set it aside, and not stable.
  pair.fromSession(
    pair.session.receive({
      type: 'repeated',
      nonce: hello.nonce,
      repeats: [
        { author: peer('m'), opId: 1 as never, index: 4 as never, seq: 2 as never, code: null },
      ],
    }),
  )
  expect(pair.outcomes).toEqual([])
})

test('[MG3] an op of another author that cannot come in does not keep out what stands behind it', () => {
  const pair = new Pair()
  // m joined the lost branch between x2 and x3, so x3 is all it can set aside; the new host never saw x2.
  const claim = claimOf(2, 'g')
  pair.outbox.setAside([op('x', 3)])
  pair.outbox.add(op('m', 1), 1)
  const { replica } = newHost(pair, claim, '1h', 'x1')
  expect(logOf(replica)).toContain('m1')
})

test('[MG3] own ops around a refusal come back from a lost branch, and the exchange ends', () => {
  const pair = new Pair()
  for (const n of [1, 2, 3]) pair.outbox.add(op('m', n), n)
  // All three are stable in the old branch, so they have left the outbox; m2 was refused there.
  pair.followsOld(claimOf(1, 'h'), entriesOf('1h', 'm1', 'm2x', 'm3'), 4)
  expect(pair.outbox.pending).toBe(0)
  pair.outbox.add(op('m', 4), 4)
  const { replica, rounds } = newHost(pair, claimOf(2, 'g'), '1h')
  expect(rounds).toBeLessThan(20)
  expect(logOf(replica)).toEqual(['m1', 'm3', 'm4'])
})

test('[MG4] ops of an absent author around a refusal come back from a lost branch', () => {
  const pair = new Pair()
  pair.followsOld(claimOf(1, 'h'), entriesOf('1h', 'x1', 'x2x', 'x3'), 4)
  const { replica } = newHost(pair, claimOf(2, 'g'), '1h')
  expect(logOf(replica)).toEqual(['x1', 'x3'])
})

test('[MG3 MG4] ops that their author still holds do not count as taken because a later one came first', () => {
  const replica = emptyReplica(true)
  const role = new HostRole(peer('g'), claimOf(2, 'g'), writerOf(replica), [])
  role.lead([], [], 0)
  for (const name of 'mx')
    role.hello(
      peer(name),
      {
        type: 'hello',
        claim: claimOf(2, 'g'),
        nonce: 1,
        position: replica.position,
        headSeq: replica.lastSeq,
        stable: 0 as Index,
        past: 0 as Index,
        complete: true,
        lacks: [],
        canHost: true,
        visible: true,
        replay: null,
      },
      0,
    )
  // m had joined the lost branch after x2, so it can set aside x3 alone; x itself holds all three.
  role.receive(peer('m'), { type: 'submit', nonce: 1, floor: 1 as never, ops: [op('x', 3)] }, 0)
  const outputs = role.receive(
    peer('x'),
    { type: 'submit', nonce: 1, floor: 1 as never, ops: [op('x', 1), op('x', 2), op('x', 3)] },
    0,
  )
  expect(
    outputs.flatMap((o) =>
      o.type === 'send' && o.body.type === 'repeated'
        ? o.body.repeats.filter((r) => r.index === 0)
        : [],
    ),
  ).toEqual([])
  expect(logOf(replica)).toEqual(['x1', 'x2', 'x3'])
})

test('[RE5] a peer that fell behind the tail is told that every key may have changed', () => {
  const pair = new Pair()
  pair.followsOld(claimOf(1, 'h'), entriesOf('1h', 'a1'), 2)
  // The same host goes on for longer than its tail reaches back, while m is cut off; then m greets it again.
  const replica = add(emptyReplica(true), '1h')
  pair.role = new HostRole(peer('h'), claimOf(1, 'h'), writerOf(replica), [])
  add(replica, ...Array.from({ length: 9_000 }, (_, i) => `a${i + 1}`))
  const resets: unknown[] = []
  const original = pair.fromSession.bind(pair)
  pair.fromSession = (outputs) => {
    resets.push(...outputs.filter(({ type }) => type === 'reset'))
    original(outputs)
  }
  pair.session.unlinked()
  pair.fromSession(pair.session.linked(0))
  pair.run()
  expect(resets).toEqual([{ type: 'reset', seq: 1, headSeq: 9_000, keys: 'all', reason: 'missed' }])
})

function fellBehind(pair: Pair, log: string[]) {
  const replica = add(emptyReplica(true), '1h')
  pair.role = new HostRole(peer('h'), claimOf(1, 'h'), writerOf(replica), [])
  add(replica, ...log)
  pair.session.unlinked()
  pair.fromSession(pair.session.linked(0))
  pair.run()
}

test('[MG4] an op in the part of the log that m kept gets its receipt, though m has to start over', () => {
  const pair = new Pair()
  pair.outbox.add(op('m', 1), 1)
  pair.followsOld(claimOf(1, 'h'), entriesOf('1h', 'm1'), 1)
  fellBehind(pair, ['m1', ...Array.from({ length: 9_000 }, (_, i) => `a${i + 1}`)])
  expect(pair.outcomes).toEqual(['1 settled'])
})

test("[MG4] an op that the host had ordered out of m's sight gets its receipt in a quiet room", () => {
  const pair = new Pair()
  pair.followsOld(claimOf(1, 'h'), entriesOf('1h', 'a1'), 2)
  pair.outbox.add(op('m', 1), 1)
  fellBehind(pair, [...Array.from({ length: 9_000 }, (_, i) => `a${i + 1}`), 'm1'])
  expect(pair.outcomes).toEqual(['1 settled'])
})

test('[MG5] an op whose receipt never came is not in conflict when it is refused once more', () => {
  const outbox = new Outbox(peer('m'), 'host')
  outbox.add(op('m', 1), 1)
  outbox.placed(peer('m'), 1 as never, { index: 5 as never, seq: 0 as never, code: 'room-full' })
  outbox.cutBack(3 as never, [])
  outbox.reconnected()
  expect(
    outbox.placed(peer('m'), 1 as never, { index: 7 as never, seq: 0 as never, code: 'room-full' }),
  ).toEqual([])
})

test('[MG2] a failed takeover made the log longer: the next host is greeted with all of it, and goes on there', () => {
  const pair = new Pair()
  pair.followsOld(claimOf(1, 'h'), entriesOf('1h', 'a1'), 2)
  add(pair.mine, 'a2', '2g', 'a3')
  const [greeting] = pair.session.follow(claimOf(4, 'i'), true, 0)
  expect(greeting).toMatchObject({
    type: 'send',
    body: { type: 'hello', position: { claim: claimOf(2, 'g'), index: 5 } },
  })
  const { nonce } = (greeting as { body: { nonce: number } }).body
  const outputs = pair.session.receive({
    type: 'welcome',
    nonce,
    resume: true,
    lacks: [],
    head: 5 as never,
    headSeq: 3 as never,
    history: [],
    ops: [],
  })
  expect(
    outputs.flatMap((output) =>
      output.type === 'deliver' ? output.messages.map(({ seq }) => seq) : [],
    ),
  ).toEqual([2, 3])
})
