// Owns who listens to which messages. A subscription with a replay begins where the replay ends: what is
// retained comes first, then every message after it, without gap or repeat. [RE5]

import type { Message, SubscribeOptions } from './api.ts'
import { checkListener } from './argument-checks.ts'

export type Listener = (message: Message) => void
export type OnReplay = (messages: readonly Message[]) => void

type Subscription = {
  readonly key: string
  readonly listener: Listener
  /** Where its replays start; null for one without. */
  readonly after: number | null
  /** Hears each replay whole. */
  readonly onReplay: OnReplay | undefined
  /** The last message it was given, or where it was asked to start. */
  seq: number
  /** Waiting for a replay; live messages are part of its answer. */
  isReplaying: boolean
}

/**
 * Fetches the retained messages of a key. The answer must come in the very moment in which the room stands where the
 * answer was made: one turn later a live message could already be lost.
 */
export type Replay = (key: string, after: number, answer: OnReplay) => void

export class Subscriptions {
  readonly #replay: Replay
  readonly #report: (error: unknown) => void
  readonly #byKey = new Map<string, Set<Subscription>>()
  readonly #everything = new Set<Listener>()

  /** `report` is told of listeners that throw: one app's bug must not end a room. */
  constructor(replay: Replay, report: (error: unknown) => void) {
    this.#replay = replay
    this.#report = report
  }

  /** `after` null: from now on. */
  add(
    key: string,
    listener: Listener,
    after: number | null,
    onReplay?: OnReplay | undefined,
  ): () => void {
    const subscription: Subscription = {
      key,
      listener,
      after,
      onReplay,
      seq: after ?? 0,
      isReplaying: false,
    }
    const subscriptions = this.#byKey.get(key) ?? new Set()
    this.#byKey.set(key, subscriptions.add(subscription))
    if (after !== null) this.#catchUp(subscription)
    return () => {
      subscriptions.delete(subscription)
      const isLast = subscriptions.size === 0 && this.#byKey.get(key) === subscriptions
      if (isLast) this.#byKey.delete(key)
    }
  }

  /** @throws BatonError `bad-argument` for what nobody can call. */
  addForAll(listener: Listener): () => void {
    checkListener(listener)
    // Two registrations of one function are two listeners.
    const own: Listener = (message) => listener(message)
    this.#everything.add(own)
    return () => {
      this.#everything.delete(own)
    }
  }

  deliver(message: Message): void {
    for (const listener of this.#everything) this.#call(listener, message)
    for (const subscription of this.#byKey.get(message.key) ?? [])
      if (!subscription.isReplaying) this.#give(subscription, message)
  }

  /**
   * Messages after `seq` do not stand any more, or some were missed. Subscriptions with replay start over from there,
   * those that hear replays whole from their beginning.
   */
  reset(seq: number, keys: readonly string[] | 'all'): void {
    for (const [key, subscriptions] of this.#byKey) {
      if (keys !== 'all' && !keys.includes(key)) continue
      for (const subscription of subscriptions) {
        subscription.seq = Math.min(subscription.seq, seq)
        if (subscription.after !== null && !subscription.isReplaying) this.#catchUp(subscription)
      }
    }
  }

  clear(): void {
    this.#byKey.clear()
    this.#everything.clear()
  }

  #catchUp(subscription: Subscription): void {
    subscription.isReplaying = true
    const { key, onReplay, after } = subscription
    const asked = onReplay === undefined ? subscription.seq : after!
    this.#replay(key, asked, (messages) => {
      if (!this.#isOn(subscription)) return
      if (onReplay !== undefined) return this.#giveWhole(subscription, onReplay, messages, asked)
      // A reset came in between: what was answered may not reach back far enough.
      if (subscription.seq < asked) return this.#catchUp(subscription)
      subscription.isReplaying = false
      for (const message of messages)
        if (this.#isOn(subscription)) this.#give(subscription, message)
    })
  }

  /** Nobody has unsubscribed it. */
  #isOn(subscription: Subscription): boolean {
    return this.#byKey.get(subscription.key)?.has(subscription) === true
  }

  #giveWhole(
    subscription: Subscription,
    onReplay: OnReplay,
    messages: readonly Message[],
    asked: number,
  ): void {
    subscription.isReplaying = false
    subscription.seq = messages.at(-1)?.seq ?? asked
    this.#call(onReplay, messages)
  }

  #give(subscription: Subscription, message: Message): void {
    subscription.seq = message.seq
    this.#call(subscription.listener, message)
  }

  #call<Heard>(listener: (heard: Heard) => void, heard: Heard): void {
    try {
      listener(heard)
    } catch (error) {
      this.#report(error)
    }
  }
}

/** After which message a subscription with these options begins; null for one that hears from now on. */
export function startOf({
  replay = false,
  after,
  onReplay,
}: SubscribeOptions<never>): number | null {
  const fromStart = replay || onReplay !== undefined ? 0 : null
  return after ?? fromStart
}
