// Owns what the room is in the end for each page: as its replica holds it, or, where the page holds
// no streams, as replays answer.

import type { Retained } from '../checks/history.ts'
import { whatWaits } from './calm.ts'
import type { Page } from './page.ts'
import { retainedIn, type Streams } from './said.ts'
import type { Steps } from './turns.ts'
import type { World } from './world.ts'

/** A page that is live in a calm room has its answer within a few round trips. */
const SHOWN_WITHIN_MS = 20_000
const LOOK_EVERY_MS = 250

/**
 * Writes them all at one time. Names a page that is not answered; null where all show their end.
 * While replays are on their way, pages may tell of themselves. So the time is one when nobody waits.
 */
export function* showFinalStates(world: World): Steps<string | null> {
  const pages = world.livePages
  const keys = keysIn(world)
  const answers = pages.map((page) =>
    page.peer.replica.complete ? null : new Answers(world, page, keys),
  )
  const untilMs = world.nowMs + SHOWN_WITHIN_MS
  const unanswered = () => pages.find((_, at) => answers[at]?.areAll === false)
  const isTime = () => unanswered() === undefined && whatWaits(pages) === null
  while (!isTime() && world.nowMs < untilMs)
    yield* world.scheduler.runUntil(world.nowMs + LOOK_EVERY_MS)
  const forgotten = unanswered()
  if (forgotten !== undefined) return `${forgotten.name} gets no replay`
  pages.forEach((page, at) => {
    world.scribe.final(page, answers[at]?.streams ?? streamsOf(page))
  })
  return null
}

/** Of all messages that were ever sent. */
function keysIn(world: World): Set<string> {
  return new Set(
    world.scribe.history.flatMap((event) => (event.type === 'invoked' ? [event.key] : [])),
  )
}

function streamsOf({ peer: { replica } }: Page): Streams {
  const streams = new Map<string, readonly Retained[]>()
  for (const key of replica.engine?.keys ?? [])
    streams.set(key, retainedIn(replica.engine!.replay(key, 0)!))
  return streams
}

/** What a page is answered that asks for all keys. */
class Answers {
  readonly streams = new Map<string, Retained[]>()
  #awaited: number

  constructor(world: World, page: Page, keys: ReadonlySet<string>) {
    this.#awaited = keys.size
    for (const key of keys)
      world.appOf(page).ask(key, 0, (items) => {
        this.#awaited--
        const messages = items.flatMap(retainedIn)
        if (messages.length > 0) this.streams.set(key, messages)
      })
  }

  get areAll(): boolean {
    return this.#awaited === 0
  }
}
