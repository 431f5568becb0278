// Owns what a service does for its local network beside introducing pages: it finds the addresses at which others reach
// it, answers STUN at its own port, and says both to pages.

import type { AddressInfo } from 'node:net'
import { bytesOf } from './address-bytes.ts'
import type { Log } from './log.ts'
import { networkNews, type Ends, type NetworkMessage } from './network-news.ts'
import { addressesForOthers, routedAddress } from './own-addresses.ts'
import { startStun, type StunServer } from './stun-server.ts'

export class Lan {
  #at: AddressInfo | null = null
  #routed: string | null = null
  #stun: StunServer | null = null
  #isClosed = false

  /** Call this once the service listens at `at`. Resolves with the hosts at which others reach it. */
  async open(at: AddressInfo, wantsStun: boolean, log: Log): Promise<readonly string[]> {
    this.#routed = await routedAddress()
    if (wantsStun) this.#stun = await stunAt(at, log)
    if (this.#isClosed) this.close() // while its port was being opened
    this.#at = at
    return hostsOf(at, this.#routed)
  }

  /** What a page is told before it joins; null for nothing. A machine may change its network meanwhile. */
  tell(ends: Ends): NetworkMessage | null {
    if (this.#at === null) return null
    const stunPort = this.#stun === null ? null : this.#at.port
    return networkNews({ hosts: hostsOf(this.#at, this.#routed), stunPort }, ends)
  }

  close(): void {
    this.#isClosed = true
    this.#stun?.close()
    this.#stun = null
  }
}

/** Addresses, as they stand in a URL, by which others reach what listens at `at`. */
export function hostsOf(
  { address, family }: AddressInfo,
  routed: string | null,
): readonly string[] {
  if (isEverywhere(address)) return addressesForOthers(routed)
  if (isLoopback(address)) return []
  return [family === 'IPv6' ? `[${address}]` : address]
}

/** Whether only this machine reaches what listens there. */
export function isLoopback(address: string): boolean {
  return address === '::1' || bytesOf(address)?.[0] === 127
}

export function isEverywhere(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

/** A service without STUN is still of use: pages then find paths in other ways, or are relayed. */
async function stunAt({ address, port }: AddressInfo, log: Log): Promise<StunServer | null> {
  const fail = (error: Error) =>
    log(
      'ERROR',
      `STUN is not answered (UDP port ${port}: ${error.message}). Where names of mDNS do not get ` +
        'through, pages are relayed. Choose another port, or switch STUN off with --no-stun.',
    )
  try {
    return await startStun(address, port, fail)
  } catch (error) {
    fail(error as Error)
    return null
  }
}
