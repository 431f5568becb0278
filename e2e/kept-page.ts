// A page that keeps the copy of a room: a replica that it alone adds to, without peers. Tests ask it what it has.

import { createTimers } from '../transport/worker-timers.ts'
import { browserClock } from '../transport/browser-clock.ts'
import { toBase64Url } from '../protocol/base64url.ts'
import {
  NO_OP,
  type Index,
  type OpId,
  type PeerId,
  type Seq,
  type Term,
  type Topic,
} from '../protocol/ids.ts'
import { ReplicaWriter } from '../replica/replica-writer.ts'
import { browserSurroundings } from '../storage/browser-surroundings.ts'
import { CopyKeeper } from '../storage/copy-keeper.ts'
import { deriveRoom } from '../protocol/token.ts'
import * as device from '../storage/device.ts'
import { placesOf } from '../storage/room-cards.ts'

type Opened = {
  /** How long it took. */
  readonly ms: number
  readonly seq: number
  /** Seqs of the last ten messages of a key, which were read before all else; and how long it took. */
  readonly newest: readonly number[]
  readonly newestMs: number
}

declare global {
  interface Window {
    kept: {
      /** Opens the room; answers the last seq that lay there. */
      open(topic: string): Promise<Opened>
      /** Says so many messages; with `awaits` each waits until the one before is stored. */
      say(count: number, bytes: number, awaits: boolean): Promise<void>
      /** Resolves once all that was said is stored. */
      stored(): Promise<void>
      /** Seqs of the messages, as the streams have them; and their texts, joined. */
      shows(): { readonly count: number; readonly seq: number; readonly rising: boolean }
      states: string[]
      device: typeof device
      topicOf(token: string): Topic
    }
  }
}

const KEYS = ['k', 'l', 'm']
const timers = createTimers(false)
const after = (ms: number, call: () => void) => timers.after(ms, call)
const name = () => toBase64Url(crypto.getRandomValues(new Uint8Array(16)))

let room: ReplicaWriter
let keeper: CopyKeeper
let waiting: { readonly index: Index; readonly resolve: () => void }[] = []
const life = name() as PeerId
const states: string[] = []

function isStored(index: Index): Promise<void> {
  if (keeper.storedUpTo >= index) return Promise.resolve()
  return new Promise((resolve) => waiting.push({ index, resolve }))
}

function onStored(index: Index): void {
  const due = waiting.filter((one) => one.index <= index)
  waiting = waiting.filter((one) => one.index > index)
  for (const { resolve } of due) resolve()
}

const next = () => (room.replica.lastIndex + 1) as Index

window.kept = {
  states,
  device,
  topicOf: (token) => deriveRoom(token).topic,
  async open(topic) {
    const begin = performance.now()
    keeper = new CopyKeeper(
      placesOf(topic),
      browserSurroundings(topic, name(), after, {
        clock: browserClock(timers),
        onStored,
        onState: (state) => states.push(state),
        onError: (code) => states.push(code),
      }),
    )
    const opening = keeper.open()
    const newest = await keeper.newest(KEYS[0]!, { last: 10 })
    const newestMs = performance.now() - begin
    const { state, lives } = await opening
    room = state === null ? ReplicaWriter.empty(true) : new ReplicaWriter(state)
    const ms = performance.now() - begin
    const { replica } = room
    const term = ((replica.history.latest?.term ?? 0) + 1) as Term
    room.append({ type: 'reign', index: next(), claim: { term, host: life }, inSync: [] })
    keeper.keep({
      life,
      replica,
      get copy() {
        return {
          state: room.completeState!,
          stable: replica.lastIndex,
          promised: [],
          over: [],
          lives: [...lives, life],
        }
      },
      outbox: { promised: [], over: [] },
      outboxMark: 0,
      get card() {
        const { lastSeq, engine } = replica
        const bytes = engine?.retainedBytes ?? 0
        return { token: topic, topic, seq: lastSeq, bytes, usedAtMs: Date.now(), unshared: true }
      },
      get isAwaited() {
        return waiting.length > 0
      },
    })
    keeper.inputDone()
    addEventListener('pagehide', () => keeper.left())
    const seqs = newest?.messages.map(({ seq }) => seq) ?? []
    return { ms, seq: replica.lastSeq, newest: seqs, newestMs }
  },
  async say(count, bytes, awaits) {
    for (let n = 0; n < count; n++) {
      const { replica } = room
      const seq = (replica.lastSeq + 1) as Seq
      const key = KEYS[seq % KEYS.length]!
      const opId = ((replica.ops.last(life) ?? NO_OP) + 1) as OpId
      const value = new Uint8Array(bytes).fill(seq % 251)
      const op = { action: 'append', author: life, opId, key, value } as const
      room.append({ type: 'message', index: next(), seq, op })
      const stored = awaits ? isStored(replica.lastIndex) : null
      if (awaits || n % 64 === 63) keeper.inputDone()
      if (stored !== null) await stored
      else if (n % 4096 === 4095) await new Promise((resolve) => setTimeout(resolve))
    }
    keeper.inputDone()
  },
  async stored() {
    const stored = isStored(room.replica.lastIndex)
    keeper.inputDone()
    await stored
  },
  shows() {
    const { engine, lastSeq } = room.replica
    const seqs = KEYS.flatMap((key) => [...(engine!.replay(key, 0)?.seqs ?? [])])
    const rising = seqs.toSorted((a, b) => a - b).every((seq, at) => seq === at + 1)
    return { count: seqs.length, seq: lastSeq, rising }
  },
}
