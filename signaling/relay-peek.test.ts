import { describe, expect, test } from 'vitest'
import type { PeerId } from '../protocol/ids.ts'
import type { ToSignaling } from '../protocol/signals.ts'
import { peer } from '../protocol/testing-ids.ts'
import { keepsItsWord, peekRelay } from './relay-peek.ts'

const own = peer('O')
const other = peer('P')
const ownPeers = new Set<string>([own])
const packetFor = (to: PeerId): ToSignaling => ({ type: 'relay', to, session: 's', box: 'b' })
const peek = (text: string) => peekRelay(Buffer.from(text), ownPeers)

describe('[SG5] the first look at a frame', () => {
  test('tells a packet for a peer of the gateway from one for anyone else', () => {
    expect(peek(JSON.stringify(packetFor(own)))).toEqual({ ownPeer: own })
    expect(peek(JSON.stringify(packetFor(other)))).toEqual({ ownPeer: null })
  })

  test.each(['', '{"type":"relay"', '{"type":"heartbeat"}', '{ "type":"relay","to":"'])(
    'finds no packet in %j',
    (text) => expect(peek(text)).toBeNull(),
  )

  test('of one that is too short to name a peer finds none', () => {
    expect(peek('{"type":"relay",')).toEqual({ ownPeer: null })
    expect(peek(`{"type":"relay","to":"${own.slice(1)}`)).toEqual({ ownPeer: null })
  })
})

describe('[SG5] a message keeps the word of its frame', () => {
  test('when the frame looked like no packet, whatever it is', () => {
    expect(keepsItsWord(null, { type: 'bye' })).toBe(true)
    expect(keepsItsWord(null, packetFor(own))).toBe(true)
  })

  test('when it is a packet, and goes to the peer of the gateway that was named', () => {
    expect(keepsItsWord({ ownPeer: null }, packetFor(other))).toBe(true)
    expect(keepsItsWord({ ownPeer: own }, packetFor(own))).toBe(true)
    expect(keepsItsWord({ ownPeer: own }, packetFor(other))).toBe(false)
    expect(keepsItsWord({ ownPeer: null }, { type: 'bye' })).toBe(false)
  })
})
