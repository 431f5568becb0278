// Owns which promises a run is judged by: those of the history, what a scene says beyond, and what
// apps show in the end.

import { CHECKERS } from '../checks/index.ts'
import type { HistoryEvent } from '../checks/history.ts'
import { objectsEqual } from '../checks/objects-equal.ts'
import { oneSide } from '../checks/one-side.ts'
import { presenceRight } from '../checks/presence-right.ts'
import { roomTold } from '../checks/room-told.ts'
import type { Plan } from './plan.ts'
import type { World } from './world.ts'

export type Failure = { readonly checker: string; readonly what: string }

/** `isPlain`: so little went wrong, and so quick is everything, that the room owes its figures. */
export function judgeHistory(history: readonly HistoryEvent[], isPlain: boolean): Failure | null {
  for (const [checker, find] of Object.entries(CHECKERS)) {
    if (checker === 'availability' && !isPlain) continue
    const what = find(history)
    if (what !== null) return { checker, what }
  }
  return null
}

/** What a scene says of its pages beyond what any room promises. */
export function judgeScene({ pages, scribe }: World, plan: Plan): Failure | null {
  const what = plan.oneSide ? oneSide(scribe.history) : null
  if (what !== null) return { checker: 'oneSide', what }
  for (const page of pages) {
    if (!plan.stays.includes(page.name)) continue
    const reset = scribe.history.find(
      (event) => event.peer === page.id && event.type === 'reset' && event.reason === 'rewound',
    )
    if (reset !== undefined)
      return { checker: 'stays', what: `the log of ${page.name} gave way at ${reset.atMs} ms` }
  }
  return null
}

export function judgeObjects(world: World): Failure | null {
  const shown = world.livePages.flatMap((page) => {
    const shared = world.appOf(page).shared
    return shared === null ? [] : [{ page: page.name, objects: shared.shown }]
  })
  const midById = new Map(
    world.pages.flatMap((page) => [...(world.appOf(page).shared?.midById ?? [])]),
  )
  const what = objectsEqual(shown, midById, world.scribe.history)
  return what === null ? null : { checker: 'objects equal', what }
}

/** Where pages have rooms: whether those told their apps what their peers told them. */
export function judgeRooms(world: World): Failure | null {
  const what = roomTold(world.roomRecords, world.scribe.history)
  return what === null ? null : { checker: 'room told', what }
}

/** `isCalm`: no page that is here had a reason to go from a board. */
export function judgePresence(world: World, isCalm: boolean): Failure | null {
  const boards = world.livePages.flatMap((page) => {
    const presence = world.appOf(page).shared?.presence
    if (!presence) return []
    const { mine, others } = presence
    const flickered = isCalm ? presence.flickered : null
    return [{ id: page.id, name: page.name, mine, others, flickered }]
  })
  const what = presenceRight(boards)
  return what === null ? null : { checker: 'presence', what }
}
