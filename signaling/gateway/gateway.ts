// Owns the gateway as a whole: which rooms it has a seat in, and how much they may take together.

import type { DialedSocket } from '../../transport/signaling-socket.ts'
import { GATEWAY_RETAINED_BYTES_MAX, GATEWAY_ROOMS_MAX } from './limits.ts'
import { Seat } from './seat.ts'

/** Makes a socket to the signaling service, on account of an address. */
export type Dial = (address: string) => DialedSocket

export class Gateway {
  readonly #dial: Dial
  readonly #seatByToken = new Map<string, Seat>()
  #isOpen = true

  constructor(dial: Dial) {
    this.#dial = dial
  }

  /** A seat in the room of that token, once the room can answer; or why there is none. */
  async seat(token: string, address: string): Promise<Seat | string> {
    if (!this.#isOpen) return 'This service is stopping.'
    const name = token.normalize('NFC') // as the room's topic is derived
    const seat = this.#seatByToken.get(name) ?? this.#take(name, address)
    if (seat === null) return `The gateway is in ${GATEWAY_ROOMS_MAX} rooms, or holds as much of them as it may. Try again later.`
    return (await seat.ready()) ?? seat
  }

  close(): void {
    this.#isOpen = false
    for (const seat of [...this.#seatByToken.values()]) seat.leave('This service is stopping.')
  }

  #take(name: string, address: string): Seat | null {
    if (this.#seatByToken.size >= GATEWAY_ROOMS_MAX || this.#retainedBytes >= GATEWAY_RETAINED_BYTES_MAX) return null
    const seat: Seat = new Seat({
      token: name,
      dial: () => this.#dial(address),
      onGrown: () => {
        if (this.#retainedBytes > GATEWAY_RETAINED_BYTES_MAX) seat.leave('This room retains more than the gateway may hold.')
      },
      onLeft: () => void this.#seatByToken.delete(name),
    })
    this.#seatByToken.set(name, seat)
    return seat
  }

  get #retainedBytes(): number {
    let bytes = 0
    for (const seat of this.#seatByToken.values()) bytes += seat.retainedBytes
    return bytes
  }
}
