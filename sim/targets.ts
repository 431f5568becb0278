// Owns how a schedule names the page or link that it means: by number (`p2`), by office (`host`,
// `standby`), or by place among those that are there now (`~3`, counted round and round). Where
// there is none, its act does not happen.

import type { Link } from './link.ts'
import type { Page } from './page.ts'
import type { World } from './world.ts'

export function isTarget(word: string): boolean {
  return /^(host|standby|p[1-9]\d*|~\d+)$/.test(word)
}

export function pageNamed(world: World, name: string): Page | null {
  if (name === 'host') return world.host ?? null
  if (name === 'standby') return firstStandby(world)
  if (name.startsWith('p')) return world.livePages.find((page) => page.name === name) ?? null
  return counted(world.livePages, name)
}

/** A link of this page, named by its other end. */
export function linkNamed(world: World, page: Page, name: string): Link | null {
  const links = world.network.linksOf(page)
  if (name.startsWith('~')) return counted([...links.values()], name)
  const other = pageNamed(world, name)
  return other === null ? null : (links.get(other.id) ?? null)
}

function firstStandby(world: World): Page | null {
  const inSync = world.host?.peer.replica.inSync ?? []
  const pages = inSync.map((id) => world.pageOf(id))
  return pages.find((page) => page?.alive === true) ?? null
}

function counted<T>(all: readonly T[], name: string): T | null {
  return all[Number(name.slice(1)) % Math.max(1, all.length)] ?? null
}
