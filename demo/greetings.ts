// Owns the exchange of names: relays are not kept, so everyone says its name to those who come, and asks when it
// may have missed some.

import type { Room } from '../client/api.ts'
import { conflate } from './conflate.ts'
import { mustRename, randomIdentity, type Identity } from './identity.ts'
import { HELLO_INTERVAL_MS } from './board-limits.ts'
import type { Store } from './model.ts'
import { personHeard, personKnown, personOf } from './people.ts'
import { readHello } from './shapes.ts'

export type Names = {
  /** This page goes by this name from now on, and tells everyone. */
  introduce(me: Identity): void
  tell(): void
  /** Tells, and asks everyone for theirs. */
  ask(): void
}

export function exchangeNames(room: Room, store: Store, renamed: (me: Identity) => void): Names {
  const since = Date.now()
  const greet = conflate<{ ask: boolean }>(({ ask }) => {
    const { name, color } = store.model.me
    room.relay('hello', { id: room.id, name, color, since, ask }).catch(() => {
      // Only leaving stops a relay, and then nobody here needs a name.
    })
  }, HELLO_INTERVAL_MS)

  /** The room's id for this page is another one after it came back from the back/forward cache. */
  function knowMyself(): void {
    store.set({ myId: room.id, people: personKnown(store.model.people, room.id, store.model.me) })
  }

  function introduce(me: Identity): void {
    store.set({ me })
    knowMyself()
    greet.offer({ ask: false })
  }

  room.subscribe('hello', ({ value }) => {
    const hello = readHello(value)
    if (hello === null || hello.id === room.id) return
    store.set({ people: personHeard(store.model.people, value) })
    const taken = new Set(store.model.peers.map(({ id }) => personOf(store.model.people, id).color))
    if (mustRename({ ...store.model.me, id: room.id, since }, hello, taken)) {
      const me = randomIdentity(Math.random, taken)
      introduce(me)
      renamed(me)
    } else if (hello.ask) greet.offer({ ask: false })
  })

  knowMyself()
  return {
    introduce,
    tell: () => greet.offer({ ask: false }),
    ask() {
      knowMyself()
      greet.offer({ ask: true })
    },
  }
}
