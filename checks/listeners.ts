// Owns what the listeners of one app must have been shown. Each builds its view of a key as an app
// does: what it is given comes behind, a reset takes back what comes after its seq, and a whole
// replay begins anew. In the end the view is what the room holds, from where the listener began.

import type { Retained } from './history.ts'
import type { EventOf } from './checker.ts'
import type { Told } from './told-to-app.ts'

type ToldOf<Type extends Told['type']> = Extract<Told, { type: Type }>
type Invoked = ReadonlyMap<string, EventOf<'invoked'>>

type View = {
  readonly listener: number
  readonly key: string
  /** The seq after which it is to be shown all; null where it hears from some moment on. */
  from: number | null
  readonly isWhole: boolean
  /** The seq of the last message that it was given, or where it begins. */
  last: number
  messages: Retained[]
  /** It takes replays whole, and one is due. */
  awaitsList: boolean
  wasReset: boolean
}

export class ListenersOf {
  readonly #invoked: Invoked
  readonly #views = new Map<number, View>()
  /** Replays under way, by key: messages that come meanwhile are part of the answer. */
  readonly #openByKey = new Map<string, number>()
  /** Who has yet to be given the message that came last. */
  #due: { readonly message: ToldOf<'message'>; readonly listeners: Set<number> } | null = null
  #wrong: string | null = null

  constructor(told: readonly Told[], invoked: Invoked) {
    this.#invoked = invoked
    for (const item of told) this.#wrong ??= this.#follow(item)
  }

  /** `final`: what the room holds for this page in the end; undefined where the page has ended. */
  wrongWith(final: EventOf<'final'> | undefined): string | null {
    this.#wrong ??= this.#missed()
    if (final === undefined) return this.#wrong
    const streams = new Map(final.streams)
    for (const view of this.#views.values())
      this.#wrong ??= this.#differs(view, streams.get(view.key) ?? [])
    return this.#wrong
  }

  #follow(item: Told): string | null {
    switch (item.type) {
      case 'listens': {
        const { listener, key, from, isWhole } = item
        const last = from ?? 0
        this.#views.set(listener, {
          listener,
          key,
          from,
          isWhole,
          last,
          messages: [],
          awaitsList: isWhole,
          wasReset: false,
        })
        return null
      }
      case 'stops':
        this.#views.delete(item.listener)
        this.#due?.listeners.delete(item.listener)
        return null
      case 'message':
        return item.listener === 0 ? this.#came(item) : this.#given(item)
      case 'list':
        return this.#listed(item)
      case 'asks':
        this.#openByKey.set(item.key, this.#open(item.key) + 1)
        return null
      case 'answered':
        this.#openByKey.set(item.key, this.#open(item.key) - 1)
        return null
      case 'reset':
        return this.#reset(item)
      default:
        return null
    }
  }

  #open(key: string): number {
    return this.#openByKey.get(key) ?? 0
  }

  /** A message of the room: all who listen to its key are given it, and wait for no replay. */
  #came(message: ToldOf<'message'>): string | null {
    const missed = this.#missed()
    const isReplaying = this.#open(message.key) > 0
    const listeners = [...this.#views.values()].filter(
      ({ key, from }) => key === message.key && (from === null || !isReplaying),
    )
    this.#due = { message, listeners: new Set(listeners.map(({ listener }) => listener)) }
    return missed
  }

  #given({ listener, key, seq, mid }: ToldOf<'message'>): string | null {
    const view = this.#views.get(listener)
    const name = `listener ${listener} of "${key}" was given ${mid} as ${seq}`
    if (view === undefined) return `${name}, and listens no more`
    if (view.awaitsList) return `${name} before its replay`
    if (view.from !== null && seq <= view.last) return `${name} after ${view.last}`
    if (view.from === null && this.#due?.message.mid !== mid) return `${name}, which is not new`
    if (this.#due?.message.mid === mid) this.#due.listeners.delete(listener)
    view.messages.push([seq, mid])
    view.last = seq
    return null
  }

  #listed({ listener, messages }: ToldOf<'list'>): string | null {
    const view = this.#views.get(listener)
    if (view === undefined) return `listener ${listener} was given a replay, and listens no more`
    const { key, from } = view
    const early = messages.find(([seq]) => seq <= from!)
    if (early !== undefined)
      return `listener ${listener} of "${key}" was given ${early[1]} as ${early[0]}, and begins after ${from}`
    view.messages = [...messages]
    view.last = messages.at(-1)?.[0] ?? from!
    view.awaitsList = false
    return null
  }

  #reset({ seq, keys }: ToldOf<'reset'>): string | null {
    const missed = this.#missed()
    for (const view of this.#views.values()) {
      if (keys !== 'all' && !keys.includes(view.key)) continue
      view.messages = view.messages.filter(([at]) => at <= seq)
      view.last = Math.min(view.last, seq)
      view.awaitsList = view.isWhole
      view.wasReset = true
      // What is numbered anew from there on is new to it. A whole replay has one beginning for ever.
      if (view.from !== null && !view.isWhole) view.from = Math.min(view.from, seq)
    }
    return missed
  }

  #missed(): string | null {
    const due = this.#due
    this.#due = null
    const [listener] = due?.listeners ?? []
    if (due === null || listener === undefined) return null
    const { key, mid, seq } = due.message
    return `listener ${listener} of "${key}" was not given ${mid} as ${seq}`
  }

  #differs(view: View, stream: readonly Retained[]): string | null {
    const { from, key, listener } = view
    if (from === null) return null
    const name = `listener ${listener} of "${key}" after ${from}`
    if (view.awaitsList) return `${name} never got its replay`
    // What a compaction folded the view has one by one, if it was given it in time. A compaction
    // that was undone with its branch the view has still, where the branches part behind it.
    const undone = view.wasReset ? this.#foldedIn(view.messages) : 0
    const start = Math.max(from, this.#foldedIn(stream), undone)
    const shown = this.#retained(view.messages).filter(([seq]) => seq > start)
    const held = stream.filter(([seq]) => seq > start)
    for (let i = 0; i < Math.max(shown.length, held.length); i++) {
      if (show(shown[i]) === show(held[i])) continue
      return `${name} was shown ${show(shown[i])} where the room holds ${show(held[i])}`
    }
    return null
  }

  /** Up to where the first message folds what was before; 0 where it folds nothing. */
  #foldedIn([first]: readonly Retained[]): number {
    return first !== undefined && this.#actionOf(first[1]) === 'compact' ? first[0] : 0
  }

  /** Relays are heard once, and a replace stands alone. */
  #retained(messages: readonly Retained[]): readonly Retained[] {
    const kept = messages.filter(([, mid]) => this.#actionOf(mid) !== 'relay')
    const replaced = kept.findLastIndex(([, mid]) => this.#actionOf(mid) === 'replace')
    return kept.slice(Math.max(0, replaced))
  }

  #actionOf(mid: string): string | undefined {
    return this.#invoked.get(mid)?.action
  }
}

function show(message: Retained | undefined): string {
  return message === undefined ? 'nothing' : `${message[1]} as ${message[0]}`
}
