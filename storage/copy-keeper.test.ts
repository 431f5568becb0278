import { describe, expect, test } from 'vitest'
import type { OpId, PeerId } from '../protocol/ids.ts'
import { peer, topicOf } from '../protocol/testing-ids.ts'
import type { OverOp, PromisedOp, StoredCopy } from '../replica/copy.ts'
import { CopyPlaces } from '../replica/copy-places.ts'
import { shownBy } from '../replica/copy-scene.ts'
import type { Replica } from '../replica/replica.ts'
import { add, emptyReplica, op, replicaIn } from '../replica/testing-words.ts'
import { ManualTimers } from '../transport/manual-timers.ts'
import type { OpenedCopy } from '../replica/copy.ts'
import { CopyKeeper, type Surroundings, type Told } from './copy-keeper.ts'
import { FLUSH_MS, OPEN_WAIT_MS, RETRY_MIN_MS } from './keeping.ts'
import type { Kept } from './kept-batches.ts'
import { MemoryDisk } from './memory-store.ts'
import { MemoryLocks, MemoryTabs } from './memory-tabs.ts'
import { listRooms } from './stored-rooms.ts'
import { StoreError, type Store, type StoreProblem } from './store.ts'

const PLACES = new CopyPlaces(Uint8Array.of(82))

const CARD = {
  token: 'token',
  topic: topicOf('r'),
  seq: 0,
  bytes: 0,
  usedAtMs: 0,
  unshared: false,
}

/** All that is due in promises is done. */
async function calm(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve()
}

/** One user's device: its disk, its locks, the tabs that are open. */
class Device {
  readonly disk = new MemoryDisk()
  readonly locks = new MemoryLocks()
  readonly tabs = new MemoryTabs()
  readonly lives = new Set<PeerId>()
  readonly timers = new ManualTimers()
  /** What happens to the next writes. */
  problem: StoreProblem | null = null
  opens: (() => Promise<Store>) | null = null

  async passes(ms: number): Promise<void> {
    this.timers.advance(ms)
    await calm()
  }

  async opensTab(life: string): Promise<Tab> {
    const tab = new Tab(this, peer(life))
    await tab.opens()
    return tab
  }

  async store(): Promise<Store> {
    const store = this.disk.open()
    const write: Store['write'] = (batch, unless) =>
      this.problem === null
        ? store.write(batch, unless)
        : Promise.reject(new StoreError(this.problem))
    return { write, read: (...given) => store.read(...given), close: () => store.close() }
  }
}

class Tab implements Kept {
  readonly life: PeerId
  readonly said: string[] = []
  readonly keeper: CopyKeeper
  opened!: OpenedCopy
  replica!: Replica
  outbox: { promised: readonly PromisedOp[]; over: readonly OverOp[] } = { promised: [], over: [] }
  outboxMark = 0
  isAwaited = false
  isWhole = true
  readonly card = CARD
  readonly #device: Device
  #isDead = false
  #giveUpLock = () => {}
  #endCalls = () => {}

  constructor(device: Device, life: PeerId) {
    this.life = life
    this.#device = device
    let disarm = () => {}
    const channel = device.tabs.open()
    this.#endCalls = () => {
      disarm()
      channel.close()
    }
    const around: Surroundings = {
      openStore: () => this.#store(),
      lock: {
        request: (name, onTaken) => {
          this.#giveUpLock = device.locks.request(name, onTaken)
          return () => this.#giveUpLock()
        },
      },
      name: 'room',
      channel,
      lives: {
        hold: (own) => {
          device.lives.add(own)
          return () => device.lives.delete(own)
        },
        elsewhere: async () => new Set(device.lives),
      },
      clock: {
        now: () => device.timers.now,
        wakeAt: (at, call) => {
          disarm()
          disarm = at === Infinity ? () => {} : device.timers.after(at - device.timers.now, call)
        },
        cancel: () => disarm(),
      },
      onStored: () => {},
      onState: (state) => this.said.push(state),
      onError: (code) => this.said.push(code),
    }
    this.keeper = new CopyKeeper(PLACES, around)
  }

  get copy(): StoredCopy | null {
    const { log, history, ops, inSync, lastSeq, engine, lacks } = this.replica
    if (engine === null || !this.isWhole) return null
    const state = { log, history, ops, inSync, lastSeq, engine, lacks }
    const lives = [...this.opened.lives, this.life]
    return { state, stable: this.replica.lastIndex, lives, ...this.outbox }
  }

  async opens(): Promise<void> {
    this.opened = await this.keeper.open()
    const { state, promised, over } = this.opened
    this.replica = state === null ? emptyReplica(true) : replicaIn(state)
    this.outbox = { promised, over }
    this.keeper.keep(this)
    this.keeper.inputDone()
    await calm()
  }

  /** Entries come, as testing-words.ts names them. */
  async gets(...names: readonly string[]): Promise<void> {
    add(this.replica, ...names)
    this.keeper.inputDone()
    await calm()
  }

  promises(...promised: readonly PromisedOp[]): void {
    this.outbox = { ...this.outbox, promised }
    this.outboxMark++
    this.keeper.inputDone()
  }

  /** Its process ends, and says nothing. */
  crashes(): void {
    this.#isDead = true
    this.#device.lives.delete(this.life)
    this.#endCalls()
    this.#giveUpLock()
  }

  async closes(): Promise<void> {
    this.keeper.close()
    await calm()
  }

  /** What a dead tab asks of its store never comes. */
  async #store(): Promise<Store> {
    const store = await (this.#device.opens ?? (() => this.#device.store()))()
    const never = new Promise<never>(() => {})
    return {
      write: (batch, unless) => (this.#isDead ? never : store.write(batch, unless)),
      read: (...given) => (this.#isDead ? never : store.read(...given)),
      close: () => store.close(),
    }
  }
}

const promised = (author: string, n: number): PromisedOp => ({
  op: op(author, n),
  heard: 'nothing',
  wasSent: false,
})
const names = (items: readonly PromisedOp[]) =>
  items.map(({ op: { author, opId } }) => `${author[0]}${opId}`)

const over = (author: string, n: number): OverOp => ({
  author: peer(author),
  opId: n as OpId,
  code: 'room-full',
})

describe('[PE12 PE13] the copy of a room', () => {
  test('comes back to the next page, as it was at the last batch', async () => {
    const device = new Device()
    const first = await device.opensTab('m')
    expect(first.opened).toMatchObject({ state: null, promised: [] })
    await first.gets('1m', 'a1', 'm1')
    await device.passes(FLUSH_MS)
    const before = shownBy(first.replica)
    await first.gets('a2')
    first.crashes()
    const second = await device.opensTab('n')
    expect(shownBy(second.replica)).toBe(before)
    expect([...second.opened.lives]).toEqual([peer('m')])
    await second.gets('2n', 'a2')
    await device.passes(FLUSH_MS)
    second.crashes()
    const third = await device.opensTab('o')
    expect(shownBy(third.replica)).toBe(shownBy(second.replica))
    expect([...third.opened.lives]).toEqual([peer('m'), peer('n')])
  })

  test('[PE18] is in the list of rooms', async () => {
    const device = new Device()
    const tab = await device.opensTab('m')
    await tab.gets('1m', 'a1')
    expect(await listRooms(device.disk.open())).toEqual([])
    await device.passes(FLUSH_MS)
    expect(await listRooms(device.disk.open())).toEqual([CARD])
  })

  test('has all of a page that was closed', async () => {
    const device = new Device()
    const first = await device.opensTab('m')
    await first.gets('1m', 'a1')
    await first.closes()
    expect(shownBy((await device.opensTab('n')).replica)).toBe(shownBy(first.replica))
  })

  test('has all of a page that was left while a batch was on its way', async () => {
    const device = new Device()
    const first = await device.opensTab('m')
    first.isAwaited = true
    add(first.replica, '1m', 'a1')
    first.keeper.inputDone()
    add(first.replica, 'a2')
    first.keeper.left()
    await calm()
    first.crashes()
    expect(shownBy((await device.opensTab('n')).replica)).toBe(shownBy(first.replica))
  })

  test('is written on by the next tab, when the one that wrote is gone', async () => {
    const device = new Device()
    const [first, second] = [await device.opensTab('m'), await device.opensTab('n')]
    for (const tab of [first, second]) await tab.gets('1m', 'a1')
    await device.passes(FLUSH_MS)
    expect([first.keeper.storedUpTo, second.keeper.storedUpTo]).toEqual([2, 2])
    first.crashes()
    await calm()
    await second.gets('a2')
    await device.passes(FLUSH_MS)
    second.crashes()
    expect(shownBy((await device.opensTab('o')).replica)).toBe(shownBy(second.replica))
  })

  test('is written whole by a tab that brings another log, in the next generation', async () => {
    const device = new Device()
    const [first, second] = [await device.opensTab('m'), await device.opensTab('n')]
    await first.gets('1m', 'a1')
    await second.gets('1n', 'b1', 'b2')
    await device.passes(FLUSH_MS)
    expect(second.keeper.storedUpTo).toBe(0)
    first.crashes()
    await calm()
    await device.passes(FLUSH_MS)
    second.crashes()
    expect(shownBy((await device.opensTab('o')).replica)).toBe(shownBy(second.replica))
  })

  test('is not written by a tab that slept while another took the fence', async () => {
    const device = new Device()
    const asleep = await device.opensTab('m')
    await asleep.gets('1m', 'a1')
    await device.passes(FLUSH_MS)
    // Its lock was taken away, and it does not know.
    device.locks.loses('room')
    const awake = await device.opensTab('n')
    await awake.gets('2n', 'b1')
    await device.passes(FLUSH_MS)
    await asleep.gets('a2', 'a3')
    await device.passes(FLUSH_MS)
    awake.crashes()
    asleep.crashes()
    expect(shownBy((await device.opensTab('o')).replica)).toBe(shownBy(awake.replica))
  })

  test('is left alone while its peer awaits streams', async () => {
    const device = new Device()
    const first = await device.opensTab('m')
    await first.gets('1m', 'a1')
    await device.passes(FLUSH_MS)
    const before = shownBy(first.replica)
    first.isWhole = false
    await first.gets('a2')
    await device.passes(FLUSH_MS)
    first.crashes()
    expect(shownBy((await device.opensTab('n')).replica)).toBe(before)
  })
})

describe('[PE5] what a life has promised', () => {
  test('is there for the next one, which takes it over', async () => {
    const device = new Device()
    const first = await device.opensTab('m')
    first.promises(promised('a', 3), promised('m', 1))
    await device.passes(FLUSH_MS)
    first.crashes()
    const second = await device.opensTab('n')
    expect(names(second.opened.promised)).toEqual(['a3', 'm1'])
    await device.passes(FLUSH_MS)
    second.promises()
    await device.passes(FLUSH_MS)
    second.crashes()
    expect((await device.opensTab('o')).opened.promised).toEqual([])
  })

  test('stays with a life that another tab has', async () => {
    const device = new Device()
    const first = await device.opensTab('m')
    first.promises(promised('m', 1))
    await device.passes(FLUSH_MS)
    const second = await device.opensTab('n')
    expect(second.opened.promised).toEqual([])
    second.crashes()
    first.crashes()
    expect(names((await device.opensTab('o')).opened.promised)).toEqual(['m1'])
  })

  test('stays until the log that settled it is stored, by this tab or another', async () => {
    const device = new Device()
    const [first, second] = [await device.opensTab('m'), await device.opensTab('n')]
    for (const tab of [first, second]) await tab.gets('1m')
    second.promises(promised('n', 1))
    await device.passes(FLUSH_MS)
    await second.gets('n1')
    second.promises()
    await device.passes(FLUSH_MS)
    const outboxes = () => device.disk.map.read(PLACES.outbox, PLACES.over).length
    expect(outboxes()).toBe(1)
    await first.gets('n1')
    await device.passes(FLUSH_MS)
    second.promises()
    await device.passes(FLUSH_MS)
    expect(outboxes()).toBe(0)
  })

  test('is told with what was over for an earlier life', async () => {
    const device = new Device()
    const first = await device.opensTab('m')
    first.outbox = { promised: [], over: [over('m', 1)] }
    first.promises()
    await device.passes(FLUSH_MS)
    first.crashes()
    expect((await device.opensTab('n')).opened.over).toEqual([over('m', 1)])
  })
})

describe('[PE17] a disk that', () => {
  test('hangs as it is opened holds up a page for two seconds', async () => {
    const device = new Device()
    device.opens = () => new Promise(() => {})
    const tab = new Tab(device, peer('m'))
    let isOpen = false
    const opening = tab.opens().then(() => {
      isOpen = true
    })
    await device.passes(OPEN_WAIT_MS - 1)
    expect(isOpen).toBe(false)
    await device.passes(1)
    await opening
    expect(tab.opened.state).toBeNull()
    expect(tab.said).toEqual(['blocked', 'storage-failed'])
    await tab.gets('1m', 'a1')
  })

  test('cannot be opened leaves the room in memory', async () => {
    const device = new Device()
    device.opens = () => Promise.reject(new StoreError('failed'))
    const tab = await device.opensTab('m')
    expect(tab.said).toEqual(['unavailable', 'storage-failed'])
    await tab.gets('1m', 'a1')
  })

  test('is full is tried again', async () => {
    const device = new Device()
    const tab = await device.opensTab('m')
    device.problem = 'full'
    await tab.gets('1m', 'a1')
    await device.passes(FLUSH_MS)
    expect(tab.said).toEqual(['on', 'full', 'storage-full'])
    device.problem = null
    await device.passes(RETRY_MIN_MS)
    expect(tab.said.at(-1)).toBe('on')
    tab.crashes()
    expect(shownBy((await device.opensTab('n')).replica)).toBe(shownBy(tab.replica))
  })

  test('the browser emptied is written whole again', async () => {
    const device = new Device()
    const tab = await device.opensTab('m')
    await tab.gets('1m', 'a1')
    tab.promises(promised('m', 1))
    await device.passes(FLUSH_MS)
    device.disk.map.write([{ deleteFrom: PLACES.start, to: PLACES.end }])
    device.problem = 'closed'
    await tab.gets('a2')
    tab.keeper.hidden()
    device.problem = null
    await calm()
    await device.passes(FLUSH_MS)
    expect(tab.said).toEqual(['on', 'behind', 'storage-failed', 'on'])
    tab.crashes()
    const next = await device.opensTab('n')
    expect(shownBy(next.replica)).toBe(shownBy(tab.replica))
    expect(names(next.opened.promised)).toEqual(['m1'])
  })

  test('[PE14] has a damaged copy keeps it beside, and the room begins without', async () => {
    const device = new Device()
    const first = await device.opensTab('m')
    await first.gets('1m', 'a1')
    first.promises(promised('m', 1))
    await device.passes(FLUSH_MS)
    first.crashes()
    const { generations } = PLACES
    const [place, bytes] = device.disk.map.read(generations, PLACES.end)[0]!
    device.disk.map.write([{ put: place, bytes: bytes.with(0, bytes[0]! ^ 1) }])
    const second = await device.opensTab('n')
    expect(second.said).toEqual(['damaged', 'copy-damaged'])
    expect(second.opened.state).toBeNull()
    expect(names(second.opened.promised)).toEqual(['m1'])
    await second.gets('1n', 'b1')
    await device.passes(FLUSH_MS)
    expect(second.said.at(-1)).toBe('on')
    second.crashes()
    const third = await device.opensTab('o')
    expect(shownBy(third.replica)).toBe(shownBy(second.replica))
    expect(device.disk.map.has(PLACES.setAside)).toBe(true)
    expect(device.disk.map.has(place)).toBe(true)
  })

  test('goes with a page into the back/forward cache is opened again when the page is back', async () => {
    const device = new Device()
    const tab = await device.opensTab('m')
    await tab.gets('1m', 'a1')
    tab.keeper.left()
    await calm()
    const other = await device.opensTab('n')
    await other.gets('2n', 'b1')
    await device.passes(FLUSH_MS)
    await other.closes()
    tab.keeper.restored()
    await calm()
    await tab.gets('a2')
    await device.passes(FLUSH_MS)
    tab.crashes()
    expect(shownBy((await device.opensTab('o')).replica)).toBe(shownBy(tab.replica))
  })
})

test('[PE18] a tab of a room that is forgotten goes on in memory', async () => {
  const device = new Device()
  const tab = await device.opensTab('m')
  await tab.gets('1m', 'a1')
  await device.passes(FLUSH_MS)
  device.disk.map.write([{ deleteFrom: PLACES.start, to: PLACES.end }])
  device.tabs.open().say({ type: 'forgotten' } satisfies Told)
  await tab.gets('a2')
  await device.passes(FLUSH_MS)
  expect(tab.said).toEqual(['on', 'off'])
  expect(device.disk.map.read(PLACES.start, PLACES.end)).toEqual([])
})

describe('[PE15] the newest messages of a key', () => {
  test('are there before the rest is read', async () => {
    const device = new Device()
    const first = await device.opensTab('m')
    await first.gets('1m', ...Array.from({ length: 300 }, (_, n) => `a${n + 1}`))
    await device.passes(FLUSH_MS)
    first.crashes()
    const second = new Tab(device, peer('n'))
    const newest = await second.keeper.newest('k', { last: 3 })
    expect(newest!.messages.map(({ seq }) => seq)).toEqual([298, 299, 300])
    expect(newest!.seq).toBe(300)
    const behind = await second.keeper.newest('k', { after: 298 })
    expect(behind!.messages.map(({ seq }) => seq)).toEqual([299, 300])
    expect((await second.keeper.newest('no such key', {}))!.messages).toEqual([])
    await second.opens()
    expect(second.replica.lastSeq).toBe(300)
  })

  test('are none where there is no copy, or no store', async () => {
    const device = new Device()
    expect(await new Tab(device, peer('m')).keeper.newest('k', {})).toBeNull()
    device.opens = () => Promise.reject(new StoreError('failed'))
    expect(await new Tab(device, peer('n')).keeper.newest('k', {})).toBeNull()
  })
})
