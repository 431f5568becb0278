import { expect, test } from 'vitest'
import { peer, topicOf } from '../protocol/testing-ids.ts'
import { NONCE_BYTES, seal } from '../protocol/seal.ts'
import { Attempt } from './attempt.ts'
import { parseEnvelope } from './envelope.ts'
import { FakeNetwork } from './fake-peer.ts'
import { ManualTimers } from './manual-timers.ts'

/** What Chromium says of a connection with one data channel. */
const OFFER = [
  'v=0',
  'o=- 8316271948274019873 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:q3Xb',
  'a=ice-pwd:4hJq0bQn1iVnS2Wk1mH1y0cX',
  'a=ice-options:trickle',
  `a=fingerprint:sha-256 ${'A1:'.repeat(31)}A1`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
]
  .map((line) => `${line}\r\n`)
  .join('')

test('[SG2b] what a description says of sound and pictures is left out, and the rest fits a small envelope', () => {
  const network = new FakeNetwork()
  const texts: string[] = []
  const attempt = new Attempt({
    id: 'attempt',
    initiator: false,
    timers: new ManualTimers(),
    createPeer: () => network.createPeer({ initiator: false }),
    send: (text) => texts.push(text),
    onOpen: () => {},
    onEnd: () => {},
  })
  attempt.start()
  network.peers[0]!.emit('signal', { type: 'answer', sdp: OFFER })
  const left = OFFER.replace('a=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n', '')
  expect(left.length).toBe(OFFER.length - 44)
  expect(parseEnvelope(texts[0]!)).toEqual({ count: 1, signal: { type: 'answer', sdp: left } })

  const context = { topic: topicOf('T'), from: peer('A'), to: peer('B'), attempt: 'attempt' }
  const box = seal(new Uint8Array(32), context, texts[0]!, new Uint8Array(NONCE_BYTES))
  expect(box.length).toBe(((512 + NONCE_BYTES + 16) / 3) * 4)
})
