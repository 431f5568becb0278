// Owns at which addresses of this machine others in its networks reach it, the likeliest one first.

import { createSocket } from 'node:dgram'
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'

export type Interfaces = { readonly [name: string]: readonly NetworkInterfaceInfo[] | undefined }

/** Networks within this machine, and tunnels: containers, virtual machines, VPNs. */
const INWARD =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|podman|cni|lxc|utun|tun|tap|wg|tailscale|zt)/i
/** For documentation (RFC 5737): nothing is there, and nothing is sent there. */
const ANYWHERE = '192.0.2.1'

/**
 * IPv4 addresses by which others reach this machine. First those of real networks, the one by which this machine itself
 * reaches the internet before all others; last what a machine gives itself where nobody gave it an address.
 */
export function addressesForOthers(
  routed: string | null,
  interfaces: Interfaces = networkInterfaces(),
): readonly string[] {
  const rank = (name: string, address: string) =>
    (address.startsWith('169.254.') ? 4 : 0) +
    (INWARD.test(name) ? 2 : 0) +
    (address === routed ? 0 : 1)
  return Object.entries(interfaces)
    .flatMap(([name, infos = []]) =>
      infos
        .filter(({ family, internal }) => family === 'IPv4' && !internal)
        .map(({ address }) => ({ address, rank: rank(name, address) })),
    )
    .sort((a, b) => a.rank - b.rank)
    .map(({ address }) => address)
}

/** The address from which this machine would speak to the internet; null without a way there. Nothing is sent. */
export function routedAddress(): Promise<string | null> {
  const socket = createSocket('udp4')
  return new Promise((resolve) => {
    const found = (address: string | null) => {
      socket.close()
      resolve(address)
    }
    socket.once('error', () => found(null))
    socket.connect(9, ANYWHERE, () => found(socket.address().address))
  })
}
