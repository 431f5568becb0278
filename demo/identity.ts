// Owns what this page calls itself: a colour and an animal until its owner chooses, kept for this tab only
// so that three tabs are three runners.

import { ANIMALS, PERSON_COLORS, isPersonColor, type PersonColor } from './palette.ts'
import type { Person } from './people.ts'
import { nameOf, type Hello } from './shapes.ts'

/** `chosen`: its owner typed the name, so nothing else may change it. */
export type Identity = Person & { readonly chosen: boolean }

const STORED_AS = 'baton-demo-identity'

/** A fresh name in a colour that nobody here has, as long as there is one; `random` answers 0 up to 1. */
export function randomIdentity(
  random: () => number,
  taken: ReadonlySet<PersonColor> = new Set(),
): Identity {
  const color = pick(freeColors(taken), random)
  return {
    name: `${color[0]?.toUpperCase()}${color.slice(1)} ${pick(ANIMALS, random)}`,
    color,
    chosen: false,
  }
}

/** What is stored, or a fresh one where there is nothing usable. */
export function loadIdentity(
  storage: Pick<Storage, 'getItem'> | null,
  random: () => number,
): Identity {
  try {
    const stored: unknown = JSON.parse(storage?.getItem(STORED_AS) ?? 'null')
    if (typeof stored !== 'object' || stored === null) return randomIdentity(random)
    const { name, color, chosen } = stored as Readonly<Record<string, unknown>>
    const tidy = nameOf(name)
    if (tidy !== null && isPersonColor(color)) return { name: tidy, color, chosen: chosen === true }
  } catch {
    // Storage may be closed to this page, or hold what another program wrote: a fresh name serves as well.
  }
  return randomIdentity(random)
}

export function saveIdentity(storage: Pick<Storage, 'setItem'> | null, identity: Identity): void {
  try {
    storage?.setItem(STORED_AS, JSON.stringify(identity))
  } catch {
    // Storage may be closed or full; the name then lasts as long as the page.
  }
}

/**
 * Two runners in one colour are hard to tell apart, and a duplicated tab inherits its twin's name: the later one
 * of the two takes another, unless its owner chose it or no colour is free.
 */
export function mustRename(
  mine: Identity & Pick<Hello, 'id' | 'since'>,
  other: Hello,
  taken: ReadonlySet<PersonColor>,
): boolean {
  if (mine.chosen || mine.id === other.id || !comesAfter(mine, other)) return false
  const isColorFree = taken.size < PERSON_COLORS.length
  return mine.name === other.name || (mine.color === other.color && isColorFree)
}

type Arrival = Pick<Hello, 'id' | 'since'>

function comesAfter(mine: Arrival, other: Arrival): boolean {
  return mine.since === other.since ? mine.id > other.id : mine.since > other.since
}

function freeColors(taken: ReadonlySet<PersonColor>): readonly PersonColor[] {
  const free = PERSON_COLORS.filter((color) => !taken.has(color))
  return free.length === 0 ? PERSON_COLORS : free
}

function pick<const T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T
}
