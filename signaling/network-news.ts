// Owns what a page that came from this network is told of it before it joins: at which addresses others open what it
// opened, and where STUN is. Pages from elsewhere are told nothing.

import type { FromSignaling } from '../protocol/signals.ts'
import { isNearby } from './address-bytes.ts'
import { STUN_SERVERS_MAX } from './directory/service-limits.ts'

export type NetworkMessage = Extract<FromSignaling, { type: 'network' }>

/** The two ends of a page's connection. */
export type Ends = {
  /** The page's address, as far as proxies are believed. */
  readonly far: string
  /** The address of this machine that the connection came to. */
  readonly near: string
}

/** Tells a page of the network; null where nothing is to be told. */
export type TellNetwork = (ends: Ends) => NetworkMessage | null

export type Network = {
  /** Addresses of this machine for others, the likeliest one first. */
  readonly hosts: readonly string[]
  /** Where STUN is answered; null where it is not. */
  readonly stunPort: number | null
}

export function networkNews(
  { hosts, stunPort }: Network,
  { far, near }: Ends,
): NetworkMessage | null {
  if (!isNearby(far)) return null
  // By the address that it came to, the page gets through for certain.
  const known = hosts.includes(near) ? [near] : []
  const servers = stunPort === null ? [] : [...new Set([...known, ...hosts])]
  const stun = servers.slice(0, STUN_SERVERS_MAX).map((host) => `stun:${host}:${stunPort}`)
  return { type: 'network', hosts, stun }
}
