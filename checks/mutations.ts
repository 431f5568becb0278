// Owns ways to spoil a good history in one place, and which checkers have to notice. What a mutation breaks is told by
// the history alone: where it would break nothing, it does not offer itself.

import type { HistoryEvent, Retained } from './history.ts'
import { authorOf, branchOf, entryOf, invokedByMid, only, termOf, type EventOf } from './checker.ts'
import type { CheckerName } from './index.ts'
import { Lineage } from './lineage.ts'
import { Survivors } from './survivors.ts'

type History = readonly HistoryEvent[]

export type Mutation = {
  readonly name: string
  /** These find it, each of them; of the others only those that `may`. Where it is null, some checker does. */
  readonly must: readonly CheckerName[] | null
  readonly may?: readonly CheckerName[]
  /** All the places where it can be done, as what becomes of the history. */
  readonly places: (history: History) => (() => History)[]
}

/** A message as one peer was given it, `at` its place in the history; `stretch` counts the peer's resets before it. */
type Gift = { readonly at: number; readonly event: EventOf<'delivered'>; readonly stretch: number }

/** What each peer was given, in order. */
function gifts(history: History): Gift[][] {
  const byPeer = new Map<string, Gift[]>()
  const stretches = new Map<string, number>()
  for (const [at, event] of history.entries()) {
    if (event.type === 'reset') stretches.set(event.peer, (stretches.get(event.peer) ?? 0) + 1)
    if (event.type === 'delivered')
      entryOf(byPeer, event.peer, (): Gift[] => []).push({
        at,
        event,
        stretch: stretches.get(event.peer) ?? 0,
      })
  }
  return [...byPeer.values()]
}

/** Pairs that one peer was given one right after the other, on one branch and without a reset in between. */
function neighbours(history: History): [Gift, Gift][] {
  return gifts(history).flatMap((given) =>
    given.slice(1).flatMap((second, i): [Gift, Gift][] => {
      const first = given[i]!
      return first.stretch === second.stretch && first.event.branch === second.event.branch
        ? [[first, second]]
        : []
    }),
  )
}

function put(history: History, at: number, ...events: readonly HistoryEvent[]): History {
  return history.with(at, events[0]!).toSpliced(at + 1, 0, ...events.slice(1))
}

/** Renames messages wherever they are shown or told of, but not where they are sent. */
function rename(history: History, names: ReadonlyMap<string, string>): History {
  const named = (mid: string) => names.get(mid) ?? mid
  const all = (messages: readonly Retained[]) =>
    messages.map(([seq, mid]): Retained => [seq, named(mid)])
  return history.map((event) => {
    if (
      event.type === 'delivered' ||
      event.type === 'acknowledged' ||
      event.type === 'refused' ||
      event.type === 'conflict'
    )
      return { ...event, mid: named(event.mid) }
    if (event.type === 'replayed') return { ...event, entries: all(event.entries) }
    if (event.type === 'final')
      return {
        ...event,
        streams: event.streams.map(([key, messages]) => [key, all(messages)] as const),
      }
    return event
  })
}

function eachOf<Type extends HistoryEvent['type']>(
  history: History,
  type: Type,
  place: (event: EventOf<Type>, at: number) => (() => History) | null,
): (() => History)[] {
  return history.flatMap((event, at) => {
    const found = event.type === type ? place(event as EventOf<Type>, at) : null
    return found === null ? [] : [found]
  })
}

/** Who shows an end state. */
function finishers(history: History): Set<string> {
  return new Set(only(history, 'final').map(({ peer }) => peer))
}

function conflicts(history: History): Set<string> {
  return new Set(only(history, 'conflict').map(({ mid }) => mid))
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a message that nobody sent',
    must: ['noCreation'],
    places: (history) => {
      const invoked = invokedByMid(history)
      return eachOf(history, 'delivered', ({ mid }) =>
        invoked.get(mid)?.action === 'relay'
          ? () =>
              history.map((event) =>
                event.type === 'delivered' && event.mid === mid
                  ? { ...event, mid: 'nobody/1' }
                  : event,
              )
          : null,
      )
    },
  },
  {
    name: 'a message under another key',
    must: ['noCreation'],
    places: (history) => {
      const invoked = invokedByMid(history)
      return eachOf(history, 'delivered', (event, at) =>
        invoked.get(event.mid)?.action === 'relay'
          ? () => put(history, at, { ...event, key: `${event.key}!` })
          : null,
      )
    },
  },
  {
    name: 'a message that was refused',
    must: ['noCreation'],
    may: ['availability'],
    places: (history) => {
      const branches = new Map<string, string>()
      const given = new Map<string, string>()
      const broken = conflicts(history)
      return history.flatMap((event, at) => {
        const branch = branchOf(event)
        if (branch !== null) branches.set(event.peer, branch)
        if (event.type === 'delivered') given.set(`${event.peer} ${event.mid}`, event.branch)
        if (
          event.type !== 'acknowledged' ||
          broken.has(event.mid) ||
          given.get(`${event.peer} ${event.mid}`) !== branches.get(event.peer)
        )
          return []
        return [
          () =>
            put(history, at, {
              atMs: event.atMs,
              peer: event.peer,
              type: 'refused',
              mid: event.mid,
              code: 'room-full',
            }),
        ]
      })
    },
  },
  {
    name: 'a message twice in a row',
    must: ['noDuplicates'],
    places: (history) =>
      eachOf(history, 'delivered', (event, at) => () => put(history, at, event, event)),
  },
  {
    name: 'a message again after another',
    must: ['noDuplicates', 'totalOrder'],
    may: ['authorOrder', 'replayIsFold'],
    places: (history) =>
      neighbours(history).map(
        ([first, second]) =>
          () =>
            put(history, second.at, second.event, { ...first.event, atMs: second.event.atMs }),
      ),
  },
  {
    name: 'two messages in the wrong order',
    must: ['totalOrder'],
    // A replay or a reset right behind them meets a page that stands elsewhere.
    may: ['replayIsFold', 'noDuplicates'],
    places: (history) =>
      neighbours(history)
        .filter(
          ([first, second]) =>
            authorOf(first.event.mid) !== authorOf(second.event.mid) &&
            !history
              .slice(first.at, second.at)
              .some(({ type, peer }) => type === 'replayed' && peer === first.event.peer),
        )
        .map(
          ([first, second]) =>
            () =>
              put(put(history, first.at, { ...second.event, atMs: first.event.atMs }), second.at, {
                ...first.event,
                atMs: second.event.atMs,
              }),
        ),
  },
  {
    name: 'two messages in each other’s places',
    must: ['agreement'],
    may: ['authorOrder', 'replayIsFold', 'kept'],
    places: (history) => {
      const count = new Map<string, number>()
      for (const { branch, seq } of only(history, 'delivered'))
        count.set(`${branch} ${seq}`, (count.get(`${branch} ${seq}`) ?? 0) + 1)
      return neighbours(history)
        .filter(([{ event }]) => count.get(`${event.branch} ${event.seq}`)! > 1)
        .map(
          ([first, second]) =>
            () =>
              put(
                put(history, first.at, {
                  ...first.event,
                  key: second.event.key,
                  mid: second.event.mid,
                }),
                second.at,
                { ...second.event, key: first.event.key, mid: first.event.mid },
              ),
        )
    },
  },
  {
    name: 'a receipt for another place',
    must: ['agreement'],
    may: ['kept'],
    places: (history) => {
      const given = new Map<string, string>()
      return history.flatMap((event, at) => {
        if (event.type === 'delivered')
          given.set(event.mid, `${given.get(event.mid) ?? ''} ${event.peer} `)
        if (event.type === 'reset') given.clear()
        return event.type === 'acknowledged' && given.get(event.mid)?.includes(` ${event.peer} `)
          ? [() => put(history, at, { ...event, seq: event.seq + 1 })]
          : []
      })
    },
  },
  {
    name: 'a message left out',
    must: ['noGaps'],
    places: (history) =>
      gifts(history).flatMap((given) =>
        given
          .filter(
            ({ stretch }, i) =>
              given[i - 1]?.stretch === stretch && given[i + 1]?.stretch === stretch,
          )
          .map(
            ({ at, event }) =>
              () =>
                history
                  .toSpliced(at, 1)
                  .filter((other) => other.type !== 'replayed' || other.peer !== event.peer),
          ),
      ),
  },
  {
    name: 'a miss that is not announced',
    must: ['noGaps'],
    may: ['replayIsFold', 'noGhosts'],
    places: (history) => {
      const finished = finishers(history)
      return eachOf(history, 'reset', (event, at) => {
        const before = history.findLast(
          (other, i) =>
            i < at &&
            other.peer === event.peer &&
            (other.type === 'delivered' || other.type === 'reset'),
        )
        const after = history.find(
          (other, i) =>
            i > at &&
            other.peer === event.peer &&
            (other.type === 'delivered' || other.type === 'reset'),
        )
        if (
          event.reason !== 'missed' ||
          event.headSeq === event.seq ||
          before?.type !== 'delivered' ||
          !finished.has(event.peer)
        )
          return null
        // A rewind takes the gap back, too.
        if (after?.type === 'reset' && after.reason === 'rewound') return null
        return () => history.toSpliced(at, 1)
      })
    },
  },
  {
    name: 'a rewind that is not announced',
    must: null,
    places: (history) => {
      const invoked = invokedByMid(history)
      const [final] = only(history, 'final')
      return eachOf(history, 'reset', (event, at) => {
        const after = history.find(
          (other, i) =>
            i > at &&
            other.peer === event.peer &&
            (other.type === 'delivered' || other.type === 'reset'),
        )
        if (final === undefined || event.reason !== 'rewound' || after?.type !== 'delivered')
          return null
        // What the page was to forget; where all of it came back to the same places nothing is amiss.
        const forgotten = new Map<number, string>()
        for (const other of history.slice(0, at)) {
          if (other.peer !== event.peer) continue
          if (other.type === 'reset') forgotten.clear()
          if (other.type === 'delivered' && other.seq > event.seq)
            forgotten.set(other.seq, other.mid)
        }
        const differs = final.streams.some(([, messages]) =>
          messages.some(
            ([seq, mid]) =>
              forgotten.has(seq) &&
              forgotten.get(seq) !== mid &&
              invoked.get(mid)?.action !== 'compact',
          ),
        )
        return differs ? () => history.toSpliced(at, 1) : null
      })
    },
  },
  {
    name: 'an author’s messages crossed',
    must: ['authorOrder'],
    places: (history) => {
      const invoked = invokedByMid(history)
      return neighbours(history)
        .filter(
          ([{ event: first }, { event: second }]) =>
            authorOf(first.mid) === authorOf(second.mid) &&
            first.key === second.key &&
            invoked.get(first.mid)?.action === invoked.get(second.mid)?.action,
        )
        .map(
          ([{ event: first }, { event: second }]) =>
            () =>
              rename(
                history,
                new Map([
                  [first.mid, second.mid],
                  [second.mid, first.mid],
                ]),
              ),
        )
    },
  },
  {
    name: 'a message moved before the fork',
    must: ['totalOrder'],
    may: ['replayIsFold', 'noGhosts', 'agreement', 'authorOrder', 'noDuplicates'],
    places: (history) =>
      gifts(history).flatMap((given) =>
        given.slice(1).flatMap((second, i) => {
          const first = given[i]!
          if (first.stretch !== second.stretch || first.event.branch === second.event.branch)
            return []
          return [
            () =>
              put(put(history, first.at, { ...second.event, atMs: first.event.atMs }), second.at, {
                ...first.event,
                atMs: second.event.atMs,
              }),
          ]
        }),
      ),
  },
  {
    name: 'a page back in an earlier term',
    must: ['totalOrder'],
    places: (history) => {
      const first = new Map<string, string>()
      return history.flatMap((event, at) => {
        const branch = branchOf(event)
        if (branch !== null && !first.has(event.peer)) first.set(event.peer, branch)
        const earlier = first.get(event.peer)
        return branch !== null && earlier !== undefined && termOf(earlier) < termOf(branch)
          ? [
              () =>
                put(history, at, event, {
                  atMs: event.atMs,
                  peer: event.peer,
                  type: 'live',
                  branch: earlier,
                }),
            ]
          : []
      })
    },
  },
  {
    name: 'an acknowledged message gone',
    must: ['kept'],
    may: ['replayIsFold'],
    places: (history) => {
      const invoked = invokedByMid(history)
      const survivors = new Survivors(history)
      const broken = conflicts(history)
      return eachOf(history, 'acknowledged', (event) => {
        if (
          invoked.get(event.mid)?.key !== 'log' ||
          invoked.get(event.mid)?.action !== 'append' ||
          !survivors.holds(event) ||
          broken.has(event.mid)
        )
          return null
        return () =>
          history.map((other) =>
            other.type === 'final'
              ? {
                  ...other,
                  streams: other.streams.map(
                    ([key, messages]) =>
                      [key, messages.filter(([, mid]) => mid !== event.mid)] as const,
                  ),
                }
              : other,
          )
      })
    },
  },
  {
    name: 'holders gone that nothing made go',
    must: ['kept'],
    may: ['availability'],
    places: (history) => {
      const invoked = invokedByMid(history)
      const survivors = new Survivors(history)
      const broken = conflicts(history)
      return eachOf(history, 'acknowledged', (event) => {
        const action = invoked.get(event.mid)?.action
        if (
          (action !== 'append' && action !== 'replace') ||
          survivors.holds(event) ||
          broken.has(event.mid)
        )
          return null
        return () => history.filter((other) => other.type !== 'fault' || other.kind === 'partition')
      })
    },
  },
  {
    name: 'a message missing in a replay',
    must: ['replayIsFold'],
    places: (history) => {
      const lineage = new Lineage(history)
      return eachOf(history, 'replayed', (event, at) => {
        const left = event.entries[1]
        const stand = history.findLast(
          (other, i) =>
            i < at &&
            other.peer === event.peer &&
            (other.type === 'delivered' || other.type === 'reset'),
        )
        const seq =
          stand?.type === 'delivered'
            ? stand.seq
            : stand?.type === 'reset'
              ? (stand.headSeq ?? 0)
              : 0
        // Of a page that was given nothing yet only its last message tells where it stands.
        if (
          left === undefined ||
          (stand === undefined && event.entries.length < 3) ||
          lineage.log(event.branch).knownFrom(Math.max(seq, event.entries.at(-1)![0])) > left[0]
        )
          return null
        return () => put(history, at, { ...event, entries: event.entries.toSpliced(1, 1) })
      })
    },
  },
  {
    name: 'a relayed message in a replay',
    must: ['replayIsFold'],
    may: ['noGhosts'],
    places: (history) => {
      const invoked = invokedByMid(history)
      return gifts(history).flatMap((given) =>
        given
          .filter(({ event }) => invoked.get(event.mid)?.action === 'relay')
          .flatMap(({ at, event, stretch }) => {
            const found = history.findIndex(
              (other, i) =>
                i > at &&
                other.type === 'replayed' &&
                other.peer === event.peer &&
                other.key === event.key &&
                other.branch === event.branch &&
                other.after < event.seq,
            )
            const replayed = history[found]
            if (
              replayed?.type !== 'replayed' ||
              given.some(
                (other) => other.at > at && other.at < found && other.stretch !== stretch,
              ) ||
              history
                .slice(at, found)
                .some(({ type, peer }) => type === 'reset' && peer === event.peer)
            )
              return []
            return [
              () =>
                put(history, found, {
                  ...replayed,
                  entries: [...replayed.entries, [event.seq, event.mid] as const].sort(
                    ([a], [b]) => a - b,
                  ),
                }),
            ]
          }),
      )
    },
  },
  {
    name: 'compacted messages back in the end',
    must: ['noGhosts'],
    places: (history) => {
      const invoked = invokedByMid(history)
      const acknowledged = new Set(only(history, 'acknowledged').map(({ mid }) => mid))
      const finished = finishers(history)
      const lineage = new Lineage(history)
      const [final] = only(history, 'final')
      if (final === undefined || lineage.log(final.branch).knownFrom(final.lastSeq) > 1) return []
      return final.streams.flatMap(([key, [first]]) => {
        const op = first && invoked.get(first[1])
        if (op?.action !== 'compact' || !acknowledged.has(op.mid) || !finished.has(op.peer))
          return []
        const messages = lineage
          .log(final.branch)
          .ofKey(key, 0, final.lastSeq)
          .filter(({ mid }) => invoked.get(mid)?.action !== 'relay')
        const replaced = messages.findLastIndex(({ mid }) => invoked.get(mid)?.action === 'replace')
        const whole = messages
          .slice(Math.max(0, replaced))
          .map(({ seq, mid }): Retained => [seq, mid])
        return [
          () =>
            history.map((other) =>
              other.type === 'final'
                ? {
                    ...other,
                    streams: other.streams.map(
                      ([name, stream]) => [name, name === key ? whole : stream] as const,
                    ),
                  }
                : other,
            ),
        ]
      })
    },
  },
  {
    name: 'a second host in a term',
    must: ['oneHost'],
    places: (history) =>
      only(history, 'fault').some(({ signaling }) => signaling !== undefined)
        ? []
        : eachOf(
            history,
            'live',
            (event, at) => () =>
              put(history, at, { ...event, branch: `${termOf(event.branch)}:another` }),
          ),
  },
  {
    name: 'a page that hosts for another',
    must: ['oneHost'],
    places: (history) => {
      if (only(history, 'fault').some(({ kind }) => kind === 'partition')) return []
      const joined = new Set<string>()
      return history.flatMap((event, at) => {
        if (event.type === 'joined') joined.add(event.peer)
        const other = [...joined].find(
          (peer) =>
            peer !== event.peer &&
            !history
              .slice(0, at)
              .some(
                (before) =>
                  before.peer === peer &&
                  branchOf(before) !== null &&
                  termOf(branchOf(before)!) > termOf(branchOf(event) ?? '0:'),
              ),
        )
        return event.type === 'hosting' && other !== undefined
          ? [() => put(history, at, { ...event, peer: other })]
          : []
      })
    },
  },
  {
    name: 'an end on another branch',
    must: ['converged'],
    places: (history) =>
      finishers(history).size < 2
        ? []
        : eachOf(
            history,
            'final',
            (event, at) => () =>
              put(history, at, { ...event, branch: `${termOf(event.branch) + 1}:another` }),
          ),
  },
  {
    name: 'an end that waits',
    must: ['converged'],
    places: (history) =>
      eachOf(history, 'final', (event, at) => () => put(history, at, { ...event, pending: 1 })),
  },
  {
    name: 'an end that is not shown',
    must: ['converged'],
    may: ['availability'],
    places: (history) => eachOf(history, 'final', (_, at) => () => history.toSpliced(at, 1)),
  },
  {
    name: 'an end with less',
    must: ['converged'],
    may: ['kept', 'replayIsFold'],
    places: (history) =>
      finishers(history).size < 2
        ? []
        : eachOf(history, 'final', (event, at) => {
            const [first, ...rest] = event.streams
            return first === undefined
              ? null
              : () =>
                  put(history, at, { ...event, streams: [[first[0], first[1].slice(1)], ...rest] })
          }),
  },
  {
    name: 'an operation without an outcome',
    must: ['noneForgotten'],
    may: ['availability'],
    places: (history) => {
      const finished = finishers(history)
      const broken = conflicts(history)
      return eachOf(history, 'acknowledged', ({ peer, mid }, at) =>
        finished.has(peer) && !broken.has(mid) ? () => history.toSpliced(at, 1) : null,
      )
    },
  },
  {
    name: 'a page that waits in a quiet room',
    must: ['noneForgotten'],
    places: (history) =>
      eachOf(history, 'quiet', (event, at) => () => put(history, at, { ...event, pending: 2 })),
  },
  {
    name: 'a rewind that the new host could have spared',
    must: ['nothingTakenBack'],
    places: (history) =>
      eachOf(history, 'reset', (event, at) =>
        event.reason === 'rewound' ? () => put(history, at, { ...event, avoidable: true }) : null,
      ),
  },
  {
    name: 'a receipt twice',
    must: ['oneOutcome'],
    places: (history) =>
      eachOf(history, 'acknowledged', (event, at) => () => put(history, at, event, event)),
  },
  {
    name: 'an unknown outcome besides a receipt',
    must: ['oneOutcome'],
    places: (history) =>
      eachOf(
        history,
        'acknowledged',
        (event, at) => () =>
          put(history, at, event, {
            atMs: event.atMs,
            peer: event.peer,
            type: 'refused',
            mid: event.mid,
            code: 'receipt-unknown',
          }),
      ),
  },
  {
    name: 'a conflict without a receipt',
    must: ['oneOutcome'],
    places: (history) =>
      eachOf(
        history,
        'refused',
        (event, at) => () => put(history, at, event, { ...event, type: 'conflict' }),
      ),
  },
  {
    name: 'a receipt told to another page',
    must: ['oneOutcome'],
    may: ['agreement', 'noGhosts', 'availability'],
    places: (history) =>
      eachOf(
        history,
        'acknowledged',
        (event, at) => () => put(history, at, { ...event, peer: `${event.peer}!` }),
      ),
  },
  {
    name: 'a room that stands still after a fault',
    must: ['availability'],
    places: (history) => {
      const last = history.findLastIndex(({ type }) => type === 'fault')
      const finished = finishers(history)
      const fault = history[last]
      if (
        fault?.type !== 'fault' ||
        only(history, 'fault').some(({ kind }) => kind === 'partition')
      )
        return []
      const live = new Set(
        history.slice(0, last).flatMap((event) => (event.type === 'live' ? [event.peer] : [])),
      )
      const op = history.findIndex(
        (event) =>
          event.atMs >= fault.atMs &&
          event.type === 'invoked' &&
          finished.has(event.peer) &&
          live.has(event.peer),
      )
      return op < last
        ? []
        : [
            () =>
              history.map((event, at) =>
                at > op ? { ...event, atMs: event.atMs + 20_000 } : event,
              ),
          ]
    },
  },
  {
    name: 'too much memory',
    must: ['bounded'],
    places: (history) =>
      eachOf(
        history,
        'sample',
        (event, at) => () => put(history, at, { ...event, bytes: 2 ** 40 }),
      ),
  },
]
