// Owns the planted faults in the room of a page. They are played with one on every page.

export const PLANTED_IN_ROOMS = [
  {
    name: 'a reset begins behind what the streams lack',
    variant: 'rooms',
    file: 'peer/followed-log.ts',
    find: 'return changed === null ? lastSeq : (Math.min(changed - 1, lastSeq) as Seq)',
    replace: 'return changed === null ? lastSeq : lastSeq',
  },
  {
    name: 'what was sent in one turn is fed twice',
    variant: 'rooms',
    file: 'client/operations.ts',
    find: 'this.#unfed = []\n    this.#connection.feed',
    replace: 'if (submissions.length !== 2) this.#unfed = []\n    this.#connection.feed',
  },
  {
    name: 'a refusal is told as a receipt',
    variant: 'rooms',
    file: 'client/operations.ts',
    find: "if (outcome.type === 'refused') return this.#refuse(outcome.ticket, outcome.code)",
    replace:
      "if (outcome.type === 'refused') return this.#receipts.get(outcome.ticket)?.resolve({ seq: 0 })",
  },
  {
    name: 'a message comes twice at the end of a replay',
    variant: 'rooms',
    file: 'client/subscriptions.ts',
    find: 'if (!subscription.isReplaying) this.#give(subscription, message)',
    replace: 'this.#give(subscription, message)',
  },
  {
    name: 'a subscription begins again where it was',
    variant: 'rooms',
    file: 'client/subscriptions.ts',
    find: 'subscription.seq = Math.min(subscription.seq, seq)',
    replace: '',
  },
  {
    name: 'a reset before the answer is forgotten',
    variant: 'rooms',
    file: 'client/subscriptions.ts',
    find: 'if (subscription.seq < asked) return this.#catchUp(subscription)',
    replace: '',
  },
  {
    name: 'a whole replay goes on from where the last one ended',
    variant: 'rooms',
    file: 'client/subscriptions.ts',
    find: 'const asked = onReplay === undefined ? subscription.seq : after!',
    replace: 'const asked = subscription.seq',
  },
  {
    name: 'an answer shows other keys, too',
    variant: 'rooms',
    file: 'client/asked-replays.ts',
    find: 'of items.filter((item) => item.key === key)',
    replace: 'of items',
  },
  {
    name: 'a change of path is no news',
    variant: 'rooms',
    file: 'client/room-status.ts',
    find: "'hostId', 'signaling', 'path'] as const",
    replace: "'hostId', 'signaling'] as const",
  },
  {
    name: 'a host is told of again',
    variant: 'rooms',
    file: 'client/room-status.ts',
    find: 'if (hostId === this.#id) return null',
    replace: '',
  },
]
