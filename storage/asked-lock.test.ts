import { describe, expect, test } from 'vitest'
import { ManualTimers } from '../transport/manual-timers.ts'
import { ANSWER_MS, ASK_AGAIN_MS, askedLock } from './asked-lock.ts'
import { MemoryTabs } from './memory-tabs.ts'

const LOCK = 'the room'

/** Tabs that ask for one lock. `writes` has their names in the order in which they took it. */
class Scene {
  readonly timers = new ManualTimers()
  readonly tabs = new MemoryTabs()
  readonly writes: string[] = []
  readonly #gone = new Map<string, () => void>()

  comes(tab: string): void {
    const channel = this.tabs.open()
    const after = (ms: number, call: () => void) => this.timers.after(ms, call)
    const end = askedLock(tab, channel, after).request(LOCK, () => this.writes.push(tab))
    this.#gone.set(tab, () => {
      end()
      channel.close()
    })
  }

  goes(tab: string): void {
    this.#gone.get(tab)?.()
  }
}

describe('[PE13] the lock of the writer, where there are no locks', () => {
  test('is taken after a silence', () => {
    const scene = new Scene()
    scene.comes('a')
    scene.timers.advance(ANSWER_MS - 1)
    expect(scene.writes).toEqual([])
    scene.timers.advance(1)
    expect(scene.writes).toEqual(['a'])
  })

  test('stays with the tab that has it, however many ask', () => {
    const scene = new Scene()
    scene.comes('b')
    scene.timers.advance(ANSWER_MS)
    scene.comes('a')
    scene.comes('c')
    scene.timers.advance(60_000)
    expect(scene.writes).toEqual(['b'])
  })

  test('is taken by one of those that ask at once', () => {
    const scene = new Scene()
    for (const tab of ['c', 'a', 'b']) scene.comes(tab)
    scene.timers.advance(60_000)
    expect(scene.writes).toEqual(['a'])
  })

  test('is taken by another when its tab is gone', () => {
    const scene = new Scene()
    scene.comes('a')
    scene.timers.advance(ANSWER_MS)
    scene.comes('b')
    scene.timers.advance(ANSWER_MS)
    scene.goes('a')
    scene.timers.advance(ASK_AGAIN_MS + ANSWER_MS)
    expect(scene.writes).toEqual(['a', 'b'])
  })

  test('is not taken by a tab that has gone', () => {
    const scene = new Scene()
    scene.comes('a')
    scene.goes('a')
    scene.timers.advance(60_000)
    expect(scene.writes).toEqual([])
  })
})
