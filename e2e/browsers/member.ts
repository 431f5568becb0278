// Owns one page that is in a room: what it wrote down of it, and what a test may have it do. Waiting is done in the page,
// upon the room's own events.

import type * as BatonModule from '../../client/index.ts'
import type { Given } from '../stage.ts'
import type { Tab } from './driven.ts'

/** No test is about time; a busy machine must fail none. */
const PATIENCE_MS = 60_000

/** What the page keeps beside its room. */
type MemberPage = {
  readonly Baton: typeof BatonModule
  room: BatonModule.Room
  map: BatonModule.SharedMap<string>
  here: BatonModule.Presence<string>
  /** Under `log`. */
  given: Given[]
  /** Under `large`. */
  large: Uint8Array[]
  /** What the room complained of. */
  complaints: string[]
  sending: Promise<readonly number[]>
  /** Resolves as soon as something holds after an event of the room. */
  until(what: string, holds: () => boolean): Promise<void>
}

export type Standing = {
  readonly role: BatonModule.Role
  /** By their names. */
  readonly others: readonly string[]
  readonly path: 'direct' | 'relayed'
}

/** What a page has of the room beside its streams. */
export type Shown = {
  readonly map: readonly (readonly [string, string])[]
  readonly complaints: readonly string[]
}

export class Member {
  readonly name: string
  readonly #tab: Tab

  private constructor(name: string, tab: Tab) {
    this.name = name
    this.#tab = tab
  }

  /** Resolves when messages flow. */
  static async join(tab: Tab, url: string, name: string): Promise<Member> {
    await tab.goto(url)
    await tab.evaluate(enterRoom, { name, patienceMs: PATIENCE_MS })
    return new Member(name, tab)
  }

  /** Appends `count` messages at once, and waits for nothing. */
  startAppending(count: number): Promise<void> {
    return this.#tab.evaluate(
      ({ name, count }) => {
        const page = window as unknown as MemberPage
        const receipts = Array.from({ length: count }, async (_, n) => {
          const { seq } = await page.room.append('log', `${name}/${n}`)
          return seq
        })
        page.sending = Promise.all(receipts)
      },
      { name: this.name, count },
    )
  }

  /** Appends one message after the other, until this page hosts and `more` messages after that. */
  startWritingUntilHost(more: number): Promise<void> {
    return this.#tab.evaluate(
      ({ name, more }) => {
        const page = window as unknown as MemberPage
        page.sending = (async () => {
          const seqs: number[] = []
          for (let left = more; left > 0;) {
            const { seq } = await page.room.append('log', `${name}/later/${seqs.length}`)
            seqs.push(seq)
            if (page.room.status.role === 'host') left--
          }
          return seqs
        })()
      },
      { name: this.name, more },
    )
  }

  /** Resolves with the seqs of the receipts, once all are there. */
  receipts(): Promise<readonly number[]> {
    return this.#tab.evaluate(() => (window as unknown as MemberPage).sending)
  }

  /** Resolves with all that the page was given of the log, once it is as long as this. */
  log(length: number): Promise<readonly Given[]> {
    return this.#tab.evaluate(async (length) => {
      const { until, given } = window as unknown as MemberPage
      await until(`${length} messages are given`, () => given.length >= length)
      return given
    }, length)
  }

  /** Sends bytes that tell their places. */
  async sendLarge(length: number): Promise<void> {
    await this.#tab.evaluate(async (length) => {
      const bytes = new Uint8Array(length)
      for (let at = 0; at < length; at++) bytes[at] = (at * 31) ^ (at >> 8)
      await (window as unknown as MemberPage).room.replace('large', bytes)
    }, length)
  }

  /** Resolves with how many bytes the page was given of the nth large value, and how many of these are wrong. */
  largeValue(nth: number): Promise<{ length: number; wrong: number }> {
    return this.#tab.evaluate(async (nth) => {
      const { until, large } = window as unknown as MemberPage
      await until(`large value ${nth} is given`, () => large.length > nth)
      const bytes = large[nth]!
      let wrong = 0
      for (let at = 0; at < bytes.length; at++) {
        if (bytes[at] !== (((at * 31) ^ (at >> 8)) & 255)) wrong++
      }
      return { length: bytes.length, wrong }
    }, nth)
  }

  /** Resolves once the change is safe. */
  async setInMap(key: string, value: string): Promise<void> {
    await this.#tab.evaluate(
      async ([key, value]) => {
        await (window as unknown as MemberPage).map.set(key, value)
      },
      [key, value] as const,
    )
  }

  async deleteInMap(key: string): Promise<void> {
    await this.#tab.evaluate(async (key) => {
      await (window as unknown as MemberPage).map.delete(key)
    }, key)
  }

  /** Resolves once the page has this role, sees these others, and has this path to each. */
  untilSettled({ role, others, path }: Standing): Promise<void> {
    return this.#tab.evaluate(
      async ({ role, others, path }) => {
        const { until, here, room } = window as unknown as MemberPage
        const wanted = others.toSorted().join()
        await until(`this is a ${role}, ${path} to ${wanted}`, () => {
          const areLinked = room.peers.every((peer) => peer.path === path)
          const shown = [...here.value.values()].sort().join()
          return areLinked && shown === wanted && room.status.role === role
        })
      },
      { role, others, path },
    )
  }

  /** Resolves once the map has this in it, under `key`. */
  untilInMap(key: string, value: string | null): Promise<void> {
    return this.#tab.evaluate(
      async ([key, value]) => {
        const { until, map } = window as unknown as MemberPage
        await until(`${key} is ${value}`, () => (map.value.get(key) ?? null) === value)
      },
      [key, value] as const,
    )
  }

  shown(): Promise<Shown> {
    return this.#tab.evaluate(() => {
      const { map, complaints } = window as unknown as MemberPage
      return {
        map: [...map.value].sort(),
        complaints,
      }
    })
  }

  /** As a user closes the tab. */
  close(): Promise<void> {
    return this.#tab.close()
  }
}

/** Runs in the page, as its text. */
async function enterRoom({ name, patienceMs }: { name: string; patienceMs: number }) {
  const page = window as unknown as MemberPage
  const watchers = new Set<() => void>()
  const notify = () => {
    for (const watch of watchers) watch()
  }
  page.until = (what, holds) =>
    new Promise((resolve, reject) => {
      const watch = () => {
        if (!holds()) return
        watchers.delete(watch)
        clearTimeout(timer)
        resolve()
      }
      const inVain = () => {
        const { status, peers } = page.room
        const others = [...page.here.value.values()]
        const shown = { status, peers, others, given: page.given.length, wrong: page.complaints }
        reject(new Error(`waited in vain until ${what}; shown is ${JSON.stringify(shown)}`))
      }
      const timer = setTimeout(inVain, patienceMs)
      watchers.add(watch)
      watch()
    })

  const room = page.Baton.joinRoom()
  Object.assign(page, { room, given: [], large: [], complaints: [] })
  room.on('error', ({ code, message }) => page.complaints.push(`${code}: ${message}`))
  room.on('reset', ({ reason }) => page.complaints.push(`reset: ${reason}`))
  room.on('status', notify)
  room.on('peers', notify)
  const note = ({ seq, value }: Given) => {
    page.given.push({ seq, value })
    notify()
  }
  room.subscribe('log', note, { replay: true })
  room.subscribe<Uint8Array>('large', ({ value }) => {
    page.large.push(value)
    notify()
  })
  page.map = page.Baton.sharedMap<string>(room, 'map')
  page.map.subscribe(notify)
  page.here = page.Baton.presence(room, name)
  page.here.subscribe(notify)
  await Promise.all([room.ready, page.map.ready])
}
