import { describe, expect, test } from 'vitest'
import {
  BATCH_WAIT_MS,
  FLUSH_BYTES,
  FLUSH_MS,
  Keeping,
  OPEN_WAIT_MS,
  RELAYS_MS,
  RETRY_MAX_MS,
  RETRY_MIN_MS,
  type Due,
  type KeepingInput,
} from './keeping.ts'

const due = (what: Due['what'], more: Partial<Due> = {}): Due => ({
  what,
  bytes: what === 'nothing' ? 0 : 100,
  isRest: false,
  isAwaited: false,
  wasFolded: false,
  ...more,
})
const NOTHING = due('nothing')
const MESSAGES = due('messages')

/** A page's keeping, moved by hand. What it orders is a word each. */
class Scene {
  nowMs = 0
  readonly keeping = new Keeping(0)

  does(input: KeepingInput): string {
    return this.keeping
      .handle(input, this.nowMs)
      .map((output) => {
        if (output.type === 'state') return output.state
        return output.type === 'error' ? output.code : output.type
      })
      .join(' ')
  }

  opened(found: 'none' | 'copy' | 'damaged' | 'newer' = 'copy'): string {
    return this.does({ type: 'opened', found })
  }

  looked(what: Due): string {
    return this.does({ type: 'looked', due: what })
  }

  written(what = NOTHING): string {
    return this.does({ type: 'written', due: what })
  }

  refused(problem: 'full' | 'failed' | 'closed' | 'fenced'): string {
    return this.does({ type: 'refused', problem })
  }

  /** Time passes up to the next thing that is due, at most so long. */
  passes(ms: number): string {
    const until = this.nowMs + ms
    const heard: string[] = []
    while (this.keeping.wakeAtMs <= until) {
      this.nowMs = Math.max(this.nowMs, this.keeping.wakeAtMs)
      heard.push(this.does({ type: 'ticked' }))
    }
    this.nowMs = until
    return heard.filter((words) => words !== '').join(' ')
  }
}

function opened(): Scene {
  const scene = new Scene()
  scene.opened()
  return scene
}

describe('[PE12] a batch goes out', () => {
  test('a quarter of a second after the first change, however many follow', () => {
    const scene = opened()
    expect(scene.looked(MESSAGES)).toBe('')
    expect(scene.passes(FLUSH_MS - 50)).toBe('')
    expect(scene.looked(MESSAGES)).toBe('')
    expect(scene.passes(50)).toBe('write')
  })

  test('at once where there is much, or somebody waits for it', () => {
    expect(opened().looked(due('messages', { bytes: FLUSH_BYTES }))).toBe('write')
    expect(opened().looked(due('messages', { isAwaited: true }))).toBe('write')
  })

  test('of relays alone later, unless something else comes', () => {
    const scene = opened()
    scene.looked(due('relays'))
    expect(scene.passes(RELAYS_MS - 1)).toBe('')
    expect(scene.passes(1)).toBe('write')
    const other = opened()
    other.looked(due('relays'))
    other.passes(1_000)
    expect(other.looked(MESSAGES)).toBe('write')
  })

  test('one at a time; what came meanwhile follows', () => {
    const scene = opened()
    scene.looked(due('messages', { isAwaited: true }))
    expect(scene.looked(due('messages', { isAwaited: true }))).toBe('')
    expect(scene.written(due('messages', { isAwaited: true }))).toBe('write')
    expect(scene.written()).toBe('')
    scene.looked(MESSAGES)
    expect(scene.passes(FLUSH_MS)).toBe('write')
    scene.looked(MESSAGES)
    scene.passes(FLUSH_MS - 1)
    expect(scene.written(MESSAGES)).toBe('')
    expect(scene.passes(1)).toBe('write')
  })

  test('right after the one before, where both are parts of one', () => {
    const scene = opened()
    scene.looked(due('messages', { isAwaited: true }))
    expect(scene.written(due('messages', { isRest: true }))).toBe('write')
  })

  test('when the page is hidden or left; then its store is closed', () => {
    const scene = opened()
    expect(scene.does({ type: 'hidden', due: NOTHING })).toBe('')
    expect(scene.does({ type: 'hidden', due: MESSAGES })).toBe('write')
    scene.written()
    expect(scene.does({ type: 'left', due: MESSAGES })).toBe('write close')
    expect(scene.passes(100_000)).toBe('')
  })

  test('when the page is left, also behind one that is on its way', () => {
    const scene = opened()
    scene.looked(due('messages', { isAwaited: true }))
    expect(scene.does({ type: 'left', due: due('relays') })).toBe('write close')
  })

  test('of a page that comes back once its store is open again', () => {
    const scene = opened()
    expect(scene.does({ type: 'left', due: NOTHING })).toBe('close')
    expect(scene.does({ type: 'restored' })).toBe('open')
    scene.looked(MESSAGES)
    expect(scene.passes(FLUSH_MS)).toBe('')
    expect(scene.opened()).toBe('')
    expect(scene.passes(1)).toBe('write')
  })
})

describe('[PE17] a disk', () => {
  test('that is opened is on', () => {
    const scene = new Scene()
    expect(scene.keeping.state).toBe('opening')
    expect(scene.opened('none')).toBe('on')
  })

  test('that cannot be opened is unavailable, and this join stays in memory', () => {
    const scene = new Scene()
    expect(scene.does({ type: 'open-failed' })).toBe('unavailable storage-failed')
    expect(scene.looked(due('messages', { isAwaited: true })) + scene.passes(1e6)).toBe('')
  })

  test('that hangs as it is opened is blocked, whatever it says later', () => {
    const scene = new Scene()
    expect(scene.passes(OPEN_WAIT_MS)).toBe('blocked storage-failed')
    expect(scene.opened()).toBe('')
    expect(scene.looked(due('messages', { isAwaited: true }))).toBe('')
  })

  test('that hangs with a batch is behind until the batch is written', () => {
    const scene = opened()
    scene.looked(due('messages', { isAwaited: true }))
    expect(scene.passes(BATCH_WAIT_MS)).toBe('behind storage-failed')
    expect(scene.looked(due('messages', { isAwaited: true }))).toBe('')
    expect(scene.written()).toBe('on')
  })

  test('that is full is tried again, more and more seldom, and told of once', () => {
    const scene = opened()
    scene.looked(due('messages', { isAwaited: true }))
    expect(scene.refused('full')).toBe('full storage-full')
    for (let ms = RETRY_MIN_MS; ms < RETRY_MAX_MS; ms *= 2) {
      expect(scene.passes(ms - 1)).toBe('')
      expect(scene.passes(1)).toBe('write')
      expect(scene.refused('full')).toBe('')
    }
    expect(scene.passes(RETRY_MAX_MS)).toBe('write')
    expect(scene.written()).toBe('on')
    scene.looked(due('messages', { isAwaited: true }))
    expect(scene.refused('full')).toBe('full storage-full')
    expect(scene.passes(RETRY_MIN_MS)).toBe('write')
  })

  test('that is full is tried again when something was folded', () => {
    const scene = opened()
    scene.looked(due('messages', { isAwaited: true }))
    scene.refused('full')
    scene.passes(500)
    expect(scene.looked(MESSAGES)).toBe('')
    expect(scene.looked(due('messages', { wasFolded: true }))).toBe('write')
  })

  test('that the browser closes is opened again, and on once the copy is written', () => {
    const scene = opened()
    scene.looked(due('messages', { isAwaited: true }))
    expect(scene.refused('closed')).toBe('behind storage-failed open')
    expect(scene.opened('none')).toBe('')
    expect(scene.looked(MESSAGES)).toBe('')
    expect(scene.passes(FLUSH_MS)).toBe('write')
    expect(scene.written()).toBe('on')
  })

  test('with a damaged copy is damaged until another one is written', () => {
    const scene = new Scene()
    expect(scene.opened('damaged')).toBe('damaged copy-damaged')
    scene.looked(due('messages', { isAwaited: true }))
    expect(scene.written(due('messages', { isRest: true }))).toBe('write')
    expect(scene.written()).toBe('on')
  })

  test('with a copy of a newer form is left alone', () => {
    const scene = new Scene()
    expect(scene.opened('newer')).toBe('newer copy-newer')
    expect(scene.looked(due('messages', { isAwaited: true }))).toBe('')
    expect(scene.does({ type: 'left', due: MESSAGES })).toBe('')
  })

  test('of which another tab took the fence stays on', () => {
    const scene = opened()
    scene.looked(due('messages', { isAwaited: true }))
    expect(scene.refused('fenced')).toBe('deposed')
    expect(scene.keeping.state).toBe('on')
  })
})
