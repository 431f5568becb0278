// Owns what leaves a peer while it handles one input: its orders, and its frames. They go over
// links or, where a host writes to itself, round to its own door. It does not know what frames say.

import { NO_TERM, type PeerId, type Term } from '../protocol/ids.ts'
import type { FrameBody } from '../protocol/frames.ts'
import type { ToSignaling } from '../protocol/signals.ts'
import type { PeerLinks } from './peer-links.ts'
import type { PeerOutput } from './peer-io.ts'

export class Post {
  readonly #self: PeerId
  readonly #links: PeerLinks
  readonly #term: () => Term | undefined
  /** Frames to this peer itself; handled before the input that made them is over. */
  readonly #toSelf: FrameBody[] = []
  #outputs: PeerOutput[] = []

  /** `term`: of the reign that is followed. */
  constructor(self: PeerId, links: PeerLinks, term: () => Term | undefined) {
    this.#self = self
    this.#links = links
    this.#term = term
  }

  send(to: readonly PeerId[], body: FrameBody): void {
    if (to.includes(this.#self)) this.#toSelf.push(body)
    const others = to.filter((peer) => this.#links.has(peer))
    if (others.length === 0) return
    const frame = { ...body, term: this.#term() ?? NO_TERM }
    this.#outputs.push({ type: 'send', to: others, frame })
  }

  sendAll(to: PeerId, bodies: readonly FrameBody[]): void {
    for (const body of bodies) this.send([to], body)
  }

  /** To everyone that is linked. */
  sendAround(body: FrameBody): void {
    this.send(this.#links.peers, body)
  }

  signal(message: ToSignaling): void {
    this.#outputs.push({ type: 'signal', message })
  }

  disconnect(peer: PeerId): void {
    this.#outputs.push({ type: 'disconnect', peer })
  }

  order(output: PeerOutput): void {
    this.#outputs.push(output)
  }

  /** The next frame that this peer wrote to itself. */
  nextToSelf(): FrameBody | undefined {
    return this.#toSelf.shift()
  }

  drain(): PeerOutput[] {
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }
}
