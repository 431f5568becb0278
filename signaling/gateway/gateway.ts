// Owns the gateway as a whole: which rooms it has a seat in, and how much they may take together.

import type { DialedSocket } from '../../transport/signaling-socket.ts'
import {
  GATEWAY_RETAINED_BYTES_MAX,
  GATEWAY_ROOMS_MAX,
  GATEWAY_ROOMS_PER_ADDRESS_MAX,
} from './gateway-limits.ts'
import { Seat } from './seat.ts'

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
  async seat(token: string, address: string): Promise<Seat | string> {
    if (!this.#isOpen) return 'This service is stopping.'
    const name = token.normalize('NFC') // as the room's topic is derived
    const seat = this.#seatByToken.get(name) ?? this.#take(name, address)
    if (seat === null)
      return 'The gateway is in as many rooms as it may, in all or for one address, or holds as much of them as it may. Try again in a minute.'
    return (await seat.ready()) ?? seat
  }

  close(): void {
    this.#isOpen = false
    for (const seat of [...this.#seatByToken.values()]) seat.leave('This service is stopping.')
  }

  #take(name: string, address: string): Seat | null {
    const ofAddress = [...this.#addressBySeat.values()].filter((one) => one === address).length
    if (
      this.#seatByToken.size >= GATEWAY_ROOMS_MAX ||
      ofAddress >= GATEWAY_ROOMS_PER_ADDRESS_MAX ||
      this.#retainedBytes >= GATEWAY_RETAINED_BYTES_MAX
    )
      return null
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

  get #retainedBytes(): number {
    let bytes = 0
    for (const seat of this.#seatByToken.values()) bytes += seat.retainedBytes
    return bytes
  }
}
