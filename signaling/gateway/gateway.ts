// Owns the gateway as a whole: which rooms it has a seat in, and the bounds of all rooms together.

import { fail, ok, type Result } from '../../protocol/result.ts'
import type { DialedSocket } from '../../transport/signaling-socket.ts'
import {
  GATEWAY_RETAINED_BYTES_MAX,
  GATEWAY_ROOMS_MAX,
  GATEWAY_ROOMS_PER_ADDRESS_MAX,
} from './gateway-limits.ts'
import { Seat } from './seat.ts'

const STOPPING = 'This service is stopping.'
const FULL =
  'The gateway is full: it is in too many rooms, in all or for this address, ' +
  'or these rooms hold too much. Try again in a minute.'

/** Makes a socket to the signaling service, on account of an address. */
export type Dial = (address: string) => DialedSocket

export class Gateway {
  readonly #dial: Dial
  readonly #seatByToken = new Map<string, Seat>()
  /** Who asked for each first. */
  readonly #addressBySeat = new Map<Seat, string>()
  #isOpen = true

  constructor(dial: Dial) {
    this.#dial = dial
  }

  /** A seat in the room of that token, once the room can answer; or why there is none. */
  async seat(token: string, address: string): Promise<Result<Seat>> {
    if (!this.#isOpen) return fail(STOPPING)
    const name = token.normalize('NFC') // as the room's topic is derived
    const seat = this.#seatByToken.get(name) ?? this.#sitDown(name, address)
    if (seat === null) return fail(FULL)
    const why = await seat.whyNotReady()
    return why === null ? ok(seat) : fail(why)
  }

  close(): void {
    this.#isOpen = false
    for (const seat of [...this.#seatByToken.values()]) seat.leave(STOPPING)
  }

  /** Null where there is no room for one more. */
  #sitDown(name: string, address: string): Seat | null {
    if (this.#isFull(address)) return null
    const seat: Seat = new Seat({
      token: name,
      dial: () => this.#dial(address),
      onGrown: () => {
        if (this.#retainedBytes > GATEWAY_RETAINED_BYTES_MAX)
          seat.leave('This room retains more than the gateway may hold.')
      },
      onLeft: () => {
        this.#seatByToken.delete(name)
        this.#addressBySeat.delete(seat)
      },
    })
    this.#seatByToken.set(name, seat)
    this.#addressBySeat.set(seat, address)
    return seat
  }

  #isFull(address: string): boolean {
    const ofAddress = [...this.#addressBySeat.values()].filter((one) => one === address)
    if (this.#seatByToken.size >= GATEWAY_ROOMS_MAX) return true
    if (ofAddress.length >= GATEWAY_ROOMS_PER_ADDRESS_MAX) return true
    return this.#retainedBytes >= GATEWAY_RETAINED_BYTES_MAX
  }

  get #retainedBytes(): number {
    let bytes = 0
    for (const seat of this.#seatByToken.values()) bytes += seat.retainedBytes
    return bytes
  }
}
