// Owns the UDP socket at which pages of this network learn their own address: who is answered, and how often. What a
// request and an answer are, stun.ts says. Nothing is kept of anybody but a count.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { subnetOf } from './address.ts'
import { isNearby } from './address-bytes.ts'
import { AddressRate } from './directory/address-rate.ts'
import { STUN_PER_ADDRESS_PER_MINUTE_MAX, STUN_PER_MINUTE_MAX } from './directory/service-limits.ts'
import { bindingAnswer, readBindingRequest } from './stun.ts'

/** Decides on datagrams. Pure but for its counts. */
export class StunDesk {
  readonly #rate = new AddressRate(STUN_PER_ADDRESS_PER_MINUTE_MAX)
  readonly #total = new AddressRate(STUN_PER_MINUTE_MAX)

  /** What is answered; null for silence. */
  answer(datagram: Uint8Array, source: RemoteInfo, nowMs: number): Uint8Array | null {
    // Others than pages of this network have no use for it, and could only have it shoot at somebody.
    if (!isNearby(source.address)) return null
    const request = readBindingRequest(datagram)
    if (request === null) return null
    if (!this.#rate.admits(subnetOf(source.address), nowMs)) return null
    if (!this.#total.admits('all', nowMs)) return null
    return bindingAnswer(request, source)
  }
}

export type StunServer = { close(): void }

/** Listens at an address. Rejects with Node's own error where that cannot be. */
export async function startStun(
  address: string,
  port: number,
  onFailed: (error: Error) => void,
): Promise<StunServer> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  const desk = new StunDesk()
  socket.on('message', (datagram, source) => {
    const answer = desk.answer(datagram, source, performance.now())
    // An answer that cannot be sent is lost like any other datagram: who asks asks again.
    if (answer !== null) socket.send(answer, source.port, source.address, () => {})
  })
  await bind(socket, address, port)
  socket.on('error', onFailed)
  return { close: () => socket.close() }
}

function bind(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.close()
      reject(error)
    }
    socket.once('error', fail)
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', fail)
      resolve()
    })
  })
}
