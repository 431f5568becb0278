// Finds out whether tests may build networks of their own (namespaces, a bridge, a packet filter), and installs the
// tools for it where it can.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const PROBE = 'baton-probe'

/** Why no network can be built here; null where one can. */
export function whyNoNetworks() {
  if (process.platform !== 'linux') return 'networks of their own are built on Linux only'
  if (process.getuid?.() !== 0)
    return 'only root may build a network: run the tests as root, or in a container'
  const hasTools = runs('ip', '-V') && runs('nft', '-v')
  if (!hasTools && !install()) return 'there is no ip or no nft: install iproute2 and nftables'
  const isAllowed = runs('ip', 'netns', 'add', PROBE)
  const canFilter =
    isAllowed &&
    runs(
      'ip',
      'netns',
      'exec',
      PROBE,
      'nft',
      'add table bridge probe; add chain bridge probe links { type filter hook forward priority 0; policy accept; }',
    )
  if (isAllowed) runs('ip', 'netns', 'del', PROBE)
  if (!isAllowed) return 'this container may not add network namespaces: it lacks CAP_SYS_ADMIN'
  return canFilter ? null : 'this kernel does not filter on bridges'
}

function install() {
  if (!existsSync('/etc/debian_version')) return false
  console.log('Installing iproute2 and nftables, to cut networks with…')
  return (
    runs('apt-get', 'update', '-qq') &&
    runs('apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'iproute2', 'nftables')
  )
}

function runs(command, ...args) {
  return (
    spawnSync(command, args, {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0
  )
}
