import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createTimers } from './worker-timers.ts'

/** A Worker whose timers the test fires. */
class FakeWorker {
  static last: FakeWorker
  static made = 0
  onmessage: ((event: { data: number }) => void) | null = null
  onerror: (() => void) | null = null
  readonly asked: (readonly [id: number, ms: number])[] = []
  isTerminated = false

  readonly url: string

  constructor(url: string) {
    this.url = url
    FakeWorker.last = this
    FakeWorker.made++
  }

  postMessage(timer: readonly [number, number]): void {
    this.asked.push(timer)
  }

  fire(ms: number): void {
    for (const [id, asked] of this.asked) if (asked === ms) this.onmessage?.({ data: id })
  }

  terminate(): void {
    this.isTerminated = true
  }
}

let rung: string[]
const ring = (name: string) => () => rung.push(name)

beforeEach(() => {
  rung = []
  FakeWorker.made = 0
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('in a Worker', () => {
  beforeEach(() => vi.stubGlobal('Worker', FakeWorker))

  test('timers run there, each once, and not after they were called off', () => {
    const timers = createTimers(true)
    timers.after(10, ring('ten'))
    const callOff = timers.after(20, ring('twenty'))
    callOff()
    FakeWorker.last.fire(10)
    FakeWorker.last.fire(10)
    FakeWorker.last.fire(20)
    vi.advanceTimersByTime(1_000)
    expect(rung).toEqual(['ten'])
  })

  test('a Worker that fails to start is done without, and what was asked of it is not lost', () => {
    const timers = createTimers(true)
    timers.after(10, ring('before'))
    FakeWorker.last.onerror?.()
    timers.after(20, ring('after'))
    vi.advanceTimersByTime(20)
    expect(rung).toEqual(['before', 'after'])
  })

  test('closing ends the Worker and all timers', () => {
    const timers = createTimers(true)
    timers.after(10, ring('ten'))
    timers.close()
    FakeWorker.last.fire(10)
    expect(FakeWorker.last.isTerminated).toBe(true)
    expect(rung).toEqual([])
  })

  test('those of a page that is seen run there once the page has had time to join', () => {
    const timers = createTimers(false)
    timers.after(10, ring('at once'))
    timers.after(1_010, ring('early'))
    expect(FakeWorker.made).toBe(0)
    vi.advanceTimersByTime(1_000)
    timers.after(20, ring('late'))
    expect(FakeWorker.last.asked.map(([, ms]) => ms)).toEqual([1_010, 20])
    vi.advanceTimersByTime(1_000)
    expect(rung).toEqual(['at once', 'early'])
    FakeWorker.last.fire(20)
    FakeWorker.last.fire(1_010)
    expect(rung).toEqual(['at once', 'early', 'late'])
  })

  test('a page that is gone before then starts none', () => {
    createTimers(false).close()
    vi.advanceTimersByTime(10_000)
    expect(FakeWorker.made).toBe(0)
  })
})

describe('where a policy forbids blob:', () => {
  const SCRIPT = 'https://a.example/games/baton.js?v=2'
  const FILE = 'https://a.example/games/baton-timers.js'

  test('the Worker is a file beside the script, and does what was asked of the first', () => {
    vi.stubGlobal('Worker', FakeWorker)
    const timers = createTimers(true, SCRIPT)
    timers.after(10, ring('ten'))
    FakeWorker.last.onerror?.()
    expect(FakeWorker.last.url).toBe(FILE)
    timers.after(20, ring('twenty'))
    FakeWorker.last.fire(10)
    FakeWorker.last.fire(20)
    timers.close()
    expect(rung).toEqual(['ten', 'twenty'])
    expect(FakeWorker.last.isTerminated).toBe(true)
  })

  test('so it is where the browser throws', () => {
    vi.stubGlobal('Worker', function Choosy(url: string) {
      if (url.startsWith('blob:')) throw new Error('refused by policy')
      return new FakeWorker(url)
    })
    createTimers(true, SCRIPT).after(10, ring('ten'))
    expect(FakeWorker.last.url).toBe(FILE)
    FakeWorker.last.fire(10)
    expect(rung).toEqual(['ten'])
  })

  test("where the file fails too, the timers are the page's own", () => {
    vi.stubGlobal('Worker', FakeWorker)
    createTimers(true, SCRIPT).after(10, ring('ten'))
    FakeWorker.last.onerror?.()
    FakeWorker.last.onerror?.()
    vi.advanceTimersByTime(10)
    expect(rung).toEqual(['ten'])
  })

  test.each([undefined, '', 'blob:https://a.example/1-2-3', 'data:text/javascript,0'])(
    'nothing can be beside a script of %s',
    (script) => {
      vi.stubGlobal('Worker', FakeWorker)
      createTimers(true, script).after(10, ring('ten'))
      FakeWorker.last.onerror?.()
      vi.advanceTimersByTime(10)
      expect(rung).toEqual(['ten'])
    },
  )

  test('a Worker that fails after closing gets no successor', () => {
    vi.stubGlobal('Worker', FakeWorker)
    const first = createTimers(true, SCRIPT)
    const { last } = FakeWorker
    first.close()
    last.onerror?.()
    expect(FakeWorker.last).toBe(last)
  })
})

test("where a policy refuses a Worker the timers are the page's own", () => {
  vi.stubGlobal('Worker', function Refused() {
    throw new Error('refused by policy')
  })
  createTimers(true).after(10, ring('ten'))
  vi.advanceTimersByTime(10)
  expect(rung).toEqual(['ten'])
})

test('so they are where there are no Workers', () => {
  vi.stubGlobal('Worker', undefined)
  const timers = createTimers(true)
  timers.after(10, ring('ten'))
  timers.after(20, ring('twenty'))
  vi.advanceTimersByTime(10)
  timers.close()
  vi.advanceTimersByTime(10)
  expect(rung).toEqual(['ten'])
})
