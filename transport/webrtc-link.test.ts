import { beforeEach, describe, expect, test } from 'vitest'
import { PACKET_BYTES_MAX } from '../protocol/limits.ts'
import { FakeNetwork, type FakePeer } from './fake-peer.ts'
import { HIGH_WATER_BYTES, LOW_WATER_BYTES } from './link-limits.ts'
import type { Link } from './link.ts'
import { startWebrtcLink } from './webrtc-link.ts'

let peer: FakePeer
let link: Link
let events: string[]

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

beforeEach(() => {
  peer = new FakeNetwork().createPeer({ initiator: false }) as FakePeer
  events = []
  startWebrtcLink(peer, {
    open(opened) {
      events.push('open')
      link = opened
      link.listen({
        frame: (bytes) => events.push(`frame ${bytes}`),
        close: (reason) => events.push(`close ${reason}`),
      })
    },
    end: (reason) => events.push(`end ${reason}`),
  })
})

describe('a link on a connection', () => {
  test('is open when the first data comes before the connection says so', async () => {
    peer.emit('data', Uint8Array.of(3, 1, 9))
    peer.emit('connect')
    await nextTurn()
    expect(events).toEqual(['open', 'frame 9'])
  })

  test('sends the frames of one turn as one packet', async () => {
    peer.emit('connect')
    for (let n = 0; n < 100; n++) link.send(Uint8Array.of(n), 'data')
    expect(peer.sent).toEqual([])
    await nextTurn()
    expect(peer.sent.length).toBe(1)
  })

  test('hands the channel no more than its high water, and goes on when it has drained', async () => {
    peer.emit('connect')
    expect(peer._channel.bufferedAmountLowThreshold).toBe(LOW_WATER_BYTES)
    link.send(new Uint8Array(4 * HIGH_WATER_BYTES), 'data')
    await nextTurn()
    expect(peer.sent.length).toBe(HIGH_WATER_BYTES / PACKET_BYTES_MAX)
    peer.drain()
    expect(peer.sent.length).toBe((2 * HIGH_WATER_BYTES) / PACKET_BYTES_MAX)
    expect(link.queuedBytes).toBeGreaterThan(2 * HIGH_WATER_BYTES)
  })

  test('ends with the reason that the connection gave', async () => {
    peer.emit('connect')
    peer.destroy(new Error('Ice connection failed.'))
    await nextTurn()
    expect(events).toEqual(['open', 'end Ice connection failed.', 'close Ice connection failed.'])
  })

  test('ends when the channel refuses a packet', async () => {
    peer.emit('connect')
    peer.isClosing = true
    link.send(Uint8Array.of(1), 'data')
    await nextTurn()
    expect(events).toContain('close the channel is closing')
  })

  test('ends when the other side sends what is no packet', async () => {
    peer.emit('connect')
    peer.emit('data', Uint8Array.of(255))
    await nextTurn()
    expect(peer.isDestroyed).toBe(true)
    expect(events).toContain('close malformed: a unit with header 255')
  })

  test('ends when more is queued than a peer may be behind', async () => {
    peer.emit('connect')
    const frame = new Uint8Array(8 * 1024 * 1024)
    for (let n = 0; n < 20; n++) link.send(frame, 'data')
    expect(link.queuedBytes).toBe(0)
    await nextTurn()
    expect(events).toContain('close queue-full')
  })
})
