// Owns how a peer is driven: what happens is fed to the pure peer in order, and what the peer orders is carried
// out in order, over the links that are open. It holds no rules.

import type { PeerId } from '../protocol/ids.ts'
import { encodeInPieces, parseFrame } from '../protocol/frame-codec.ts'
import { isControl } from '../protocol/frames.ts'
import type { ToSignaling } from '../protocol/signals.ts'
import type { Clock } from '../transport/clock.ts'
import type { Path } from '../transport/connector.ts'
import type { FrameBytes, Lane, Link } from '../transport/link.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerInput, PeerOutput } from '../peer/peer-io.ts'

/** What a peer tells its owner. Its other outputs are orders, which the shell carries out. */
export type PeerNews = Exclude<PeerOutput, { type: 'send' | 'signal' | 'connect' | 'disconnect' }>

export type ShellOptions = ShellEvents & {
  readonly peer: Peer
  readonly clock: Clock
  readonly signal: (message: ToSignaling) => void
  readonly connect: (peer: PeerId) => void
  readonly disconnect: (peer: PeerId, reason: string) => void
}

/** What a shell tells its owner. */
export type ShellEvents = {
  /** What concerns the app: messages, receipts, replays, resets, the roster. */
  readonly onOutput: (output: PeerNews) => void
  /** A link opened or closed. */
  readonly onLinks: () => void
  /** All outputs of one input have been carried out. */
  readonly onInputDone: () => void
  /** A bug of Baton's own showed: this peer leaves the room to the others. */
  readonly onBroken: (error: Error) => void
  /** A peer sent what no Baton sends; its link is closed. */
  readonly onMalformed: (peer: PeerId, what: string) => void
}

export class Shell {
  readonly #options: ShellOptions
  readonly #links = new Map<
    PeerId,
    { readonly link: Link; readonly number: number; readonly path: Path }
  >()
  readonly #inputs: PeerInput[] = []
  /** Links that were given frames which have not left. */
  readonly #toPump = new Set<Link>()
  /** Another frame came with the one that is handled. */
  #moreFollow = false
  #isFeeding = false
  #isStopped = false
  #linkNumbers = 0

  constructor(options: ShellOptions) {
    this.#options = options
  }

  /** Something happened. What comes while another input is handled waits its turn. */
  feed(input: PeerInput): void {
    if (this.#isStopped) return
    this.#inputs.push(input)
    if (this.#isFeeding) return
    this.#isFeeding = true
    const { peer, clock } = this.#options
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        for (const output of peer.handle(next, clock.now())) this.#carryOut(output)
        this.#pump()
        this.#options.onInputDone()
      }
    } catch (error) {
      this.stop()
      return this.#options.onBroken(error as Error)
    } finally {
      this.#isFeeding = false
    }
    clock.wakeAt(peer.wakeAtMs(clock.now()), () => this.feed({ type: 'ticked' }))
  }

  /** What carries the link to a peer; null while there is none. */
  pathTo(peer: PeerId): Path | null {
    return this.#links.get(peer)?.path ?? null
  }

  linked(peer: PeerId, link: Link, path: Path): void {
    this.#linkNumbers++
    const number = this.#linkNumbers
    this.#links.set(peer, { link, number, path })
    this.#options.onLinks()
    this.feed({ type: 'link-opened', peer, link: number, relayed: path === 'relayed' })
    link.listen({
      frame: (bytes, more) => this.#framed(peer, number, link, bytes, more),
      close: (reason) => {
        if (reason.startsWith('malformed')) this.#options.onMalformed(peer, reason)
        if (this.#links.get(peer)?.number === number) this.#links.delete(peer)
        this.#options.onLinks()
        this.feed({ type: 'link-closed', peer, link: number })
      },
    })
  }

  /** Nothing is fed any more. */
  stop(): void {
    this.#isStopped = true
    this.#options.clock.cancel()
  }

  #framed(peer: PeerId, number: number, link: Link, bytes: Uint8Array, more: boolean): void {
    this.#moreFollow = more
    const parsed = parseFrame(bytes)
    if (parsed.ok) return this.feed({ type: 'received', peer, link: number, frame: parsed.value })
    link.close(`malformed frame: ${parsed.error}`)
  }

  #carryOut(output: PeerOutput): void {
    switch (output.type) {
      case 'send': {
        const pieces = encodeInPieces(output.frame)
        const lane = isControl(output.frame.type) ? 'control' : 'data'
        for (const peer of output.to) this.#send(peer, pieces, lane)
        return
      }
      case 'signal':
        return this.#options.signal(output.message)
      case 'connect':
        return this.#options.connect(output.peer)
      case 'disconnect':
        return this.#options.disconnect(output.peer, 'no longer wanted')
      default:
        this.#pump()
        return this.#options.onOutput(output)
    }
  }

  #send(to: PeerId, bytes: FrameBytes, lane: Lane): void {
    const link = this.#links.get(to)?.link
    if (link === undefined) return
    link.send(bytes, lane)
    this.#toPump.add(link)
  }

  /**
   * Others wait for frames: these leave before the app is told, which may take its time. What several frames of one
   * packet bring about shares packets in its turn.
   */
  #pump(): void {
    if (this.#moreFollow) return
    for (const link of this.#toPump) link.pump()
    this.#toPump.clear()
  }
}
