import { expect, test } from 'vitest'
import type { Term } from '../protocol/ids.ts'
import { encodeFrame } from '../protocol/frame-codec.ts'
import type { Frame } from '../protocol/frames.ts'
import { peer } from '../protocol/testing-ids.ts'
import type { Link, LinkEvents } from '../transport/link.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerOutput } from '../peer/peer-io.ts'
import { Shell } from './shell.ts'

/** A shell around a peer that orders this at each input; what happens is written down. */
function shellThatOrders(outputs: readonly PeerOutput[]): {
  readonly shell: Shell
  readonly happened: string[]
  /** Frames that came in one packet. */
  readonly come: (...frames: readonly Frame[]) => void
} {
  let events: LinkEvents | undefined
  const happened: string[] = []
  const shell = new Shell({
    peer: { handle: () => outputs, wakeAtMs: () => 0 } as unknown as Peer,
    clock: { now: () => 0, wakeAt: () => {}, cancel: () => {} },
    signal: () => {},
    connect: () => {},
    disconnect: () => {},
    onOutput: ({ type }) => happened.push(type),
    onLinks: () => {},
    onInputDone: () => happened.push('input done'),
    onBroken: (error) => happened.push(error.message),
    onMalformed: () => {},
  })
  const link: Link = {
    queuedBytes: 0,
    send: () => happened.push('queued'),
    pump: () => happened.push('left'),
    close: () => {},
    listen: (listener) => {
      events = listener
    },
  }
  shell.linked(peer('a'), link, 'direct')
  happened.length = 0
  const come = (...frames: readonly Frame[]) => {
    for (const [i, frame] of frames.entries())
      events?.frame(encodeFrame(frame), i + 1 < frames.length)
  }
  return { shell, happened, come }
}

test('[LK4] frames leave before the app is told what came', () => {
  const frame = { type: 'ping', at: 1, term: 1 as Term } as const
  const { shell, happened } = shellThatOrders([
    { type: 'send', to: [peer('a')], frame },
    { type: 'deliver', messages: [] },
    { type: 'send', to: [peer('a'), peer('b')], frame },
  ])
  shell.feed({ type: 'ticked' })
  expect(happened).toEqual(['queued', 'left', 'deliver', 'queued', 'left', 'input done'])
})

test('[LK4] what the frames of one packet bring about leaves together', () => {
  const frame = { type: 'ping', at: 1, term: 1 as Term } as const
  const { happened, come } = shellThatOrders([{ type: 'send', to: [peer('a')], frame }])
  come(frame, frame)
  expect(happened).toEqual(['queued', 'input done', 'queued', 'left', 'input done'])
})
