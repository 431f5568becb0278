import { describe, expect, test } from 'vitest'
import { PROTOCOL_VERSION } from '../../protocol/limits.ts'
import { refusal } from './refusals.ts'
import { claimOf, peerId, DirectoryScene, topic } from './directory-scene.ts'

describe('joining', () => {
  test('[SG3] the first peer learns that it is alone and that nobody ever hosted', () => {
    const a = new DirectoryScene().join('a')
    expect(a.heard()).toEqual([
      { type: 'joined', members: [], claim: null, hostHere: false, relay: true },
    ])
  })

  test('[SG3] a joiner learns the others, what each has told, and the standing reign', () => {
    const scene = new DirectoryScene()
    scene.room('a', 'b')
    const c = scene.join('c')
    expect(c.heard()).toEqual([
      {
        type: 'joined',
        members: [
          { peer: peerId('a'), term: 1 },
          { peer: peerId('b'), term: 1 },
        ],
        claim: claimOf(1, 'a'),
        hostHere: true,
        relay: true,
      },
    ])
  })

  test('[SG4] the others hear of a joiner, once', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a')
    scene.join('b')
    expect(a.heard()).toEqual([{ type: 'peer-joined', peer: peerId('b') }])
  })

  test('[SG1] rooms do not hear of each other', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a')
    scene.join('b', { topic: topic('another') })
    expect(a.heard()).toEqual([])
    expect(scene.directory.rooms).toBe(2)
  })

  test('[SG3] a joiner that knows a higher reign is believed, and the others are told', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a')
    const b = scene.join('b', { claim: claimOf(7, 'z') })
    expect(a.heard()).toEqual([
      { type: 'peer-joined', peer: peerId('b') },
      { type: 'host', claim: claimOf(7, 'z') },
    ])
    expect(b.heard()).toMatchObject([{ type: 'joined', claim: claimOf(7, 'z'), hostHere: false }])
  })

  test('[SG3] a joiner that knows a lower reign learns the standing one', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a')
    a.claim(5, 'vacant')
    a.heard()
    const b = scene.join('b', { claim: claimOf(4, 'b') })
    expect(b.heard()).toMatchObject([{ type: 'joined', claim: claimOf(5, 'a'), hostHere: true }])
    expect(a.heard()).toEqual([{ type: 'peer-joined', peer: peerId('b') }])
  })

  test('[SG3] of two reigns of one term the one with the higher id stands', () => {
    const scene = new DirectoryScene()
    const a = scene.join('a', { claim: claimOf(3, 'a') })
    scene.join('b', { claim: claimOf(3, 'b') })
    expect(a.heard()).toContainEqual({ type: 'host', claim: claimOf(3, 'b') })
  })

  test('[SG6] another version is refused', () => {
    const a = new DirectoryScene().join('a', { version: PROTOCOL_VERSION + 1 })
    expect(a.heard()).toEqual([refusal('version')])
    expect(a.closedWith).toEqual({ code: 1008, reason: 'version' })
  })

  test('[SG6] joining twice, or speaking before joining, is answered and changes nothing', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a')
    a.join()
    expect(a.heard()).toEqual([refusal('bad-state')])
    const b = scene.open('b')
    b.send({ type: 'know', claim: claimOf(9, 'b') })
    b.claim(9, 'vacant')
    expect(b.heard()).toEqual([refusal('bad-state'), refusal('bad-state')])
    expect(a.heard()).toEqual([])
  })

  test('[SG6] a name such as __proto__ is a peer like any other', () => {
    const scene = new DirectoryScene()
    const a = scene.join('__proto__', { topic: topic('constructor') })
    const b = scene.join('hasOwnProperty', { topic: topic('constructor') })
    b.send({ type: 'signal', to: peerId('__proto__'), attempt: 'x', box: 'sealed' })
    expect(a.heard()).toContainEqual({
      type: 'signal',
      from: peerId('hasOwnProperty'),
      attempt: 'x',
      box: 'sealed',
    })
  })
})

describe('the same peer over a newer connection', () => {
  test('[SG4] takes the place of the old one, and nobody hears of it', () => {
    const scene = new DirectoryScene()
    const { a, b: oldB } = scene.room('a', 'b')
    const newB = scene.join('b', { claim: claimOf(1, 'a') })
    expect(oldB.heard()).toEqual([refusal('replaced')])
    expect(oldB.closedWith).toEqual({ code: 4001, reason: 'replaced' })
    expect(newB.heard()).toMatchObject([{ type: 'joined', members: [{ peer: peerId('a') }] }])
    expect(a.heard()).toEqual([])
  })

  test('[SG4] outlives the later close of the old one', () => {
    const scene = new DirectoryScene()
    const { a, b: oldB } = scene.room('a', 'b')
    const newB = scene.join('b')
    oldB.close()
    expect(a.heard()).toEqual([])
    newB.heard()
    a.send({ type: 'signal', to: peerId('b'), attempt: 'x', box: 'sealed' })
    expect(newB.heard()).toEqual([
      { type: 'signal', from: peerId('a'), attempt: 'x', box: 'sealed' },
    ])
    expect(scene.directory.peers).toBe(2)
  })

  test('[SG6] finds its place even in a full room', () => {
    const scene = new DirectoryScene({ peersPerRoomMax: 2 })
    scene.room('a', 'b')
    expect(scene.join('b').heard()).toMatchObject([{ type: 'joined' }])
  })
})

describe('leaving', () => {
  test('[SG4] the others hear at once that a socket closed', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    b.close()
    expect(a.heard()).toEqual([{ type: 'peer-left', peer: peerId('b'), why: 'closed' }])
  })

  test('[SG4] after a goodbye the close is silent', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    b.send({ type: 'bye' })
    expect(a.heard()).toEqual([{ type: 'peer-left', peer: peerId('b'), why: 'bye' }])
    expect(b.closedWith).toEqual({ code: 1000, reason: 'bye' })
    b.close()
    expect(a.heard()).toEqual([])
  })

  test('[SG3] an empty room is forgotten whole', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    b.close()
    a.send({ type: 'bye' })
    expect([scene.directory.rooms, scene.directory.peers, scene.directory.nextWakeAt()]).toEqual([
      0,
      0,
      null,
    ])
    expect(scene.join('c').heard()).toMatchObject([{ type: 'joined', claim: null }])
  })

  test('[SG3] an empty room whose host may return is kept for a while, and counts for none', () => {
    const scene = new DirectoryScene()
    scene.room('a').a.close()
    scene.join('b', { topic: topic('another') })
    expect(scene.directory.rooms).toBe(1)
    expect(scene.join('c').heard()).toMatchObject([{ type: 'joined', claim: claimOf(1, 'a') }])
    expect(scene.directory.rooms).toBe(2)
  })

  test('[SG6] what a dismissed connection still sends is ignored', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    b.send({ type: 'bye' })
    a.heard()
    b.join()
    b.send({ type: 'signal', to: peerId('a'), attempt: 'x', box: 'sealed' })
    expect(a.heard()).toEqual([])
  })
})

describe('passing envelopes on', () => {
  test('[SG2] the service itself says from whom an envelope is', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    a.send({ type: 'signal', to: peerId('b'), attempt: '1', box: 'sealed' })
    expect(b.heard()).toEqual([{ type: 'signal', from: peerId('a'), attempt: '1', box: 'sealed' }])
    expect(a.heard()).toEqual([])
  })

  test('[SG6] to itself, to nobody and to a peer of another room get one and the same answer', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a')
    const elsewhere = scene.join('x', { topic: topic('another') })
    elsewhere.heard()
    for (const to of ['a', 'nobody', 'x'])
      a.send({ type: 'signal', to: peerId(to), attempt: '1', box: 'sealed' })
    expect(a.heard()).toEqual([refusal('no-peer'), refusal('no-peer'), refusal('no-peer')])
    expect(elsewhere.heard()).toEqual([])
  })
})

describe('bounds', () => {
  test('[SG6] a connection that does not join is closed after 5 s', () => {
    const scene = new DirectoryScene()
    const a = scene.open('a')
    scene.pass(4_999)
    expect(a.closedWith).toBeNull()
    scene.pass(1)
    expect(a.heard()).toEqual([refusal('idle')])
    expect(a.closedWith).toEqual({ code: 1008, reason: 'idle' })
    expect(scene.directory.nextWakeAt()).toBeNull()
  })

  test('[SG6] a page that says nothing for 35 s is closed, and its room told', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    scene.pass(30_000)
    a.send({ type: 'heartbeat' })
    expect(a.heard()).toEqual([{ type: 'heartbeat' }])
    scene.pass(5_000)
    expect(b.closedWith).toEqual({ code: 1008, reason: 'idle' })
    expect(a.heard()).toEqual([{ type: 'peer-left', peer: peerId('b'), why: 'closed' }])
    expect(a.closedWith).toBeNull()
  })

  test('[SG6] a room takes only so many peers', () => {
    const scene = new DirectoryScene({ peersPerRoomMax: 2 })
    const { a } = scene.room('a', 'b')
    const c = scene.join('c')
    expect(c.heard()).toEqual([refusal('room-full')])
    expect(c.closedWith).toEqual({ code: 1013, reason: 'room-full' })
    expect(a.heard()).toEqual([])
  })

  test('[SG6] the service takes only so many rooms, and one more when one has gone', () => {
    const scene = new DirectoryScene({ roomsMax: 1 })
    const { a } = scene.room('a')
    const b = scene.join('b', { topic: topic('second') })
    expect(b.heard()).toEqual([refusal('too-many-rooms')])
    a.send({ type: 'bye' })
    expect(scene.join('c', { topic: topic('third') }).heard()).toMatchObject([{ type: 'joined' }])
  })

  test('[SG6] an address may join only so often in a minute, and others do not pay for it', () => {
    const scene = new DirectoryScene({ joinsPerAddressPerMinuteMax: 2 })
    for (const name of ['a', 'b']) expect(scene.join(name).closedWith).toBeNull()
    expect(scene.join('c').closedWith).toEqual({ code: 1013, reason: 'too-many-joins' })
    expect(scene.join('d', { address: '10.0.0.2' }).closedWith).toBeNull()
    scene.nowMs += 60_000
    expect(scene.join('e').closedWith).toBeNull()
  })
})
