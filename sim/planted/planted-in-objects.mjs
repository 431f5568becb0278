// Owns the planted faults in shared objects and presence. They are played with these on every page.

const FOLD = 'client/shared/optimistic-fold.ts'
const BOARD = 'client/shared/presence-board.ts'

export const PLANTED_IN_OBJECTS = [
  {
    name: 'a fold holds what is not confirmed',
    variant: 'objects',
    file: FOLD,
    find: 'this.#kind.folding(this.#confirmed,',
    replace: 'this.#kind.folding(this.value,',
  },
  {
    name: 'an object is not read anew after a reset',
    variant: 'objects',
    file: 'client/subscriptions.ts',
    find: 'if (subscription.after !== null && !subscription.isReplaying) this.#catchUp(subscription)',
    replace: '',
  },
  {
    name: 'what others did shows late',
    variant: 'objects',
    file: FOLD,
    find: 'if (!isForeseen) this.#shown = undefined',
    replace: 'if (this.#shown === undefined) this.#shown = undefined',
  },
  {
    name: 'a log is folded to its end',
    variant: 'objects',
    file: 'client/shared/kinds.ts',
    find: 'folding: (state) => state[0] as Value',
    replace: 'folding: (state) => state.at(-1) as Value',
  },
  {
    name: 'nobody says that it is still here',
    variant: 'objects',
    file: BOARD,
    find: 'if (isAsked) this.#tellState()',
    replace: '',
  },
  {
    name: 'who is gone stays on the board',
    variant: 'objects',
    file: BOARD,
    find: 'if (nowMs >= this.#goneAtMs(other)) isChanged',
    replace: 'if (nowMs < this.#goneAtMs(other) && other.isReplaced) isChanged',
  },
  {
    name: 'a new host has no time to hear of all',
    file: BOARD,
    find: 'isReplaced ? 0 : this.#liveSinceMs + PRESENCE_NEW_HOST_MS',
    replace: '0',
  },
]
