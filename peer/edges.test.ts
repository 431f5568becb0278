import { expect, test } from 'vitest'
import { NO_TERM, type Index, type PeerId, type Term } from '../protocol/ids.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import { Election } from '../host/election.ts'
import { HostRole, type HostOutput } from '../host/host-role.ts'
import type { Replica } from '../replica/replica.ts'
import { Peer } from './peer.ts'
import { add, emptyReplica, op, writerOf } from '../replica/testing-words.ts'

const hello = (replica: Replica, nonce: number, more = {}) => ({
  type: 'hello' as const,
  claim: claimOf(2, 'g'),
  nonce,
  position: replica.position,
  headSeq: replica.lastSeq,
  stable: 0 as Index,
  past: 0 as Index,
  complete: true,
  lacks: [],
  canHost: true,
  visible: true,
  replay: null,
  ...more,
})
const rosters = (outputs: readonly HostOutput[], to: PeerId) =>
  outputs.filter((o) => o.type === 'send' && o.body.type === 'roster' && o.to.includes(to))

test('[EL2] a follower that greets again, on a link the host takes for the same, is told the roster again', () => {
  const replica = emptyReplica(true)
  const role = new HostRole(peer('g'), claimOf(2, 'g'), writerOf(replica), [])
  role.lead([], [], 0)
  role.hello(peer('m'), hello(replica, 1, { canHost: false }), 0)
  // The old link is dead and took the last roster with it; the host has not noticed that it closed.
  expect(
    rosters(role.hello(peer('m'), hello(replica, 2, { canHost: false }), 0), peer('m')),
  ).toHaveLength(1)
})

test('[MG4 EL5] the first entry of a reign names nobody in sync who has to start over', () => {
  const replica = add(emptyReplica(true), '1h', 'a1')
  const role = new HostRole(peer('g'), claimOf(2, 'g'), writerOf(replica), [])
  const elsewhere = { claim: claimOf(1, 'z'), index: 2 as never }
  role.lead([{ from: peer('s'), hello: hello(replica, 1, { position: elsewhere }) }], [], 0)
  expect(replica.log.at(3 as never)).toMatchObject({ type: 'reign', inSync: [] })
})

test('[EL4] who was told that the host lives withdraws its suspicion', () => {
  const election = new Election(peer('m'), true, NO_TERM, {
    isLinked: () => false,
    isKnown: () => false,
    isComplete: () => true,
    mayStandIn: () => false,
  })
  election.signaled(
    {
      type: 'joined',
      members: [{ peer: peer('h'), term: 4 as Term }],
      claim: claimOf(4, 'h'),
      hostHere: true,
    },
    0,
    50,
  )
  election.succession([peer('m')])
  election.hostSilent(0)
  const outputs = [
    ...election.signaled(
      { type: 'denied', term: 5 as Term, why: 'host-alive', claim: claimOf(4, 'h'), retryMs: 0 },
      1,
      50,
    ),
    ...election.hostHeard(),
  ]
  expect(outputs).toContainEqual({
    type: 'signal',
    message: { type: 'suspect', term: 4, suspected: false },
  })
})

test('[MG1 MG4] a successor that leaves during the handover has not confirmed anything by that', () => {
  const replica = emptyReplica(true)
  const role = new HostRole(peer('g'), claimOf(2, 'g'), writerOf(replica), [])
  role.lead([], [], 0)
  for (const name of 'gsm') role.hello(peer(name), hello(replica, 1, { canHost: name === 's' }), 0)
  const report = (name: string) =>
    role.receive(
      peer(name),
      { type: 'report', nonce: 1, index: replica.lastIndex, complete: true, visible: true },
      0,
    )
  for (const name of 'gsm') report(name)
  expect(replica.inSync).toEqual([peer('s')])
  role.receive(peer('m'), { type: 'submit', nonce: 1, floor: 1 as never, ops: [op('m', 1)] }, 0)
  role.handOver(0)
  const outputs = role.left(peer('s'))
  // No in-sync entry says that s counts no more, and yet the op is told to be stable.
  const stable = outputs.flatMap((o) =>
    o.type === 'send' && o.body.type === 'entries' ? [o.body.stable] : [],
  )
  expect(stable.filter((index) => index >= replica.lastIndex)).toEqual([])
})

test('[EL1] a hello to the lower claim of one term is answered with the higher one', () => {
  const machine = new Peer(
    { self: peer('m'), canHost: true, visible: true, durability: 'standby' },
    0,
  )
  machine.handle(
    {
      type: 'signaled',
      message: {
        type: 'joined',
        members: [{ peer: peer('s'), term: 0 as Term }],
        claim: claimOf(4, 'z'),
        hostHere: true,
      },
    },
    0,
  )
  machine.handle({ type: 'link-opened', peer: peer('s'), link: 1 }, 0)
  const frame = {
    ...hello(emptyReplica(false), 1),
    claim: claimOf(4, 'm'),
    position: null,
    term: 4 as Term,
  }
  expect(machine.handle({ type: 'received', peer: peer('s'), link: 1, frame }, 0)).toMatchObject([
    { type: 'send', frame: { type: 'reign', claim: claimOf(4, 'z') } },
  ])
})

test('[SG3] who holds nothing follows the reign that signaling names, though it heard of a higher dead one', () => {
  const machine = new Peer(
    { self: peer('m'), canHost: true, visible: true, durability: 'standby' },
    0,
  )
  machine.handle(
    {
      type: 'signaled',
      message: { type: 'joined', members: [], claim: claimOf(2, 'a'), hostHere: false },
    },
    0,
  )
  expect(machine.claim).toEqual(claimOf(2, 'a'))
  machine.handle({ type: 'signaling-closed' }, 100)
  machine.handle(
    {
      type: 'signaled',
      message: {
        type: 'joined',
        members: [{ peer: peer('b'), term: 1 as Term }],
        claim: claimOf(1, 'b'),
        hostHere: true,
      },
    },
    200,
  )
  expect(machine.claim).toEqual(claimOf(1, 'b'))
})
