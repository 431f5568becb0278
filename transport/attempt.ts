// Owns one attempt at a direct path to one peer, from the wish to its end: the peer connection, the order and number
// of the signals that make it, its time limit. Who may attempt what, and when, is the connector's.

import type { Timers } from './clock.ts'
import { encodeEnvelope } from './envelope.ts'
import { CANDIDATES_MAX, CONNECT_TIMEOUT_MS } from './link-limits.ts'
import type { Link } from './link.ts'
import { startWebrtcLink } from './webrtc-link.ts'
import type { PeerSignal, WebRtcPeer } from './webrtc-peer.ts'

const MEDIA_LINES = /^a=(?:extmap-allow-mixed|msid-semantic:.*)\r\n/gm

export type AttemptOptions = {
  readonly id: string
  readonly initiator: boolean
  readonly timers: Timers
  readonly createPeer: () => WebRtcPeer
  /** Brings a text of ours to the other side's `receive`. */
  readonly send: (text: string) => void
  readonly onOpen: (link: Link) => void
  /** The attempt, or the link that came of it, is over: once. */
  readonly onEnd: (reason: string) => void
}

type State =
  | { readonly status: 'waiting'; readonly signals: PeerSignal[] }
  | { readonly status: 'connecting'; readonly peer: WebRtcPeer; readonly cancelTimeout: () => void }
  | { readonly status: 'open'; readonly peer: WebRtcPeer; readonly link: Link }
  | { readonly status: 'ended' }

export class Attempt {
  readonly path = 'direct'
  readonly id: string
  readonly initiator: boolean
  readonly #options: AttemptOptions
  #state: State = { status: 'waiting', signals: [] }
  readonly #told: PeerSignal[] = []
  /** Number of the last envelope, of this side and of the other. */
  #sent = 0
  #received = 0
  #isDescribed = false
  #candidates = 0

  constructor(options: AttemptOptions) {
    this.id = options.id
    this.initiator = options.initiator
    this.#options = options
  }

  get status(): State['status'] {
    return this.#state.status
  }

  get isOpen(): boolean {
    return this.#state.status === 'open'
  }

  /**
   * Whether an offer of this side is out and has no answer. An attempt that still waits to be made gives way to an
   * offer of the other side; one that was answered, or answers, is one that the other side gave up.
   */
  get isOffering(): boolean {
    return this.initiator && this.#state.status === 'connecting' && !this.#isDescribed
  }

  /** Makes the peer connection and hands it what has come so far. */
  start(): void {
    if (this.#state.status !== 'waiting') return
    const { signals } = this.#state
    let peer: WebRtcPeer
    try {
      peer = this.#options.createPeer()
    } catch (error) {
      return this.end((error as Error).message)
    }
    const cancelTimeout = this.#options.timers.after(CONNECT_TIMEOUT_MS, () => this.end('timeout'))
    this.#state = { status: 'connecting', peer, cancelTimeout }
    startWebrtcLink(peer, {
      open: (link) => this.#opened(peer, link),
      end: (reason) => this.end(reason),
    })
    peer.on('signal', (signal) => this.#tell(signal))
    for (const signal of signals) signalTo(peer, signal)
  }

  /**
   * A signal of the other side, unless it is a replay or one too many. Candidates go on coming when the link is open.
   */
  receive(count: number, signal: PeerSignal): void {
    if (count <= this.#received || !this.#admits(signal)) return
    this.#received = count
    const state = this.#state
    if (state.status === 'waiting') state.signals.push(signal)
    else if (state.status !== 'ended') signalTo(state.peer, signal)
  }

  /** Says again what was said so far; whoever has heard it ignores it. */
  repeat(): void {
    if (this.#state.status === 'connecting') for (const signal of this.#told) this.#send(signal)
  }

  end(reason: string): void {
    const state = this.#state
    if (state.status === 'ended') return
    this.#state = { status: 'ended' }
    if (state.status === 'connecting') {
      state.cancelTimeout()
      state.peer.destroy()
    }
    if (state.status === 'open') state.link.close(reason)
    this.#options.onEnd(reason)
  }

  #opened(peer: WebRtcPeer, link: Link): void {
    if (this.#state.status !== 'connecting') return
    this.#state.cancelTimeout()
    this.#state = { status: 'open', peer, link }
    this.#options.onOpen(link)
  }

  #tell(signal: PeerSignal): void {
    if (this.#state.status === 'ended') return
    const said = withoutMedia(signal)
    this.#told.push(said)
    this.#send(said)
  }

  #send(signal: PeerSignal): void {
    this.#sent++
    this.#options.send(encodeEnvelope({ count: this.#sent, signal }))
  }

  /** One description of the right kind, and a bounded number of candidates. */
  #admits(signal: PeerSignal): boolean {
    if (signal.type === 'candidate') {
      this.#candidates++
      return this.#candidates <= CANDIDATES_MAX
    }
    const awaited = this.initiator ? 'answer' : 'offer'
    if (this.#isDescribed || signal.type !== awaited) return false
    this.#isDescribed = true
    return true
  }
}

/** Without what browsers say of sound and pictures a description fits a quarter of the envelope. [SG2b] */
function withoutMedia(signal: PeerSignal): PeerSignal {
  if (signal.type === 'candidate') return signal
  return { ...signal, sdp: signal.sdp.replace(MEDIA_LINES, '') }
}

function signalTo(peer: WebRtcPeer, signal: PeerSignal): void {
  try {
    peer.signal(signal)
  } catch (error) {
    // For the browser it was no signal: nothing more comes of this attempt.
    peer.destroy(error as Error)
  }
}
