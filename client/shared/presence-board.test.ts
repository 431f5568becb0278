import { describe, expect, test } from 'vitest'
import { PRESENCE_ABSENT_MS, PRESENCE_NEW_HOST_MS } from '../../protocol/limits.ts'
import type { PeerId } from '../../protocol/ids.ts'
import type { Value } from '../../protocol/value.ts'
import { leftNote, PresenceBoard } from './presence-board.ts'

const id = (name: string) => name as PeerId
const SELF = id('me')
const TIMES = { intervalMs: 1_000, timeoutMs: 3_000 }

/** The board of `me`; the test plays the others, and owns the clock. */
class Scene {
  nowMs = 50_000
  readonly board = new PresenceBoard<unknown>('hello', TIMES, this.nowMs)

  /** Live for long; `a` and `b` are listed and have spoken. */
  static usual(): Scene {
    const scene = new Scene()
    scene.board.live(scene.nowMs)
    scene.board.next(SELF)
    scene.board.arrived()
    scene.board.listed([id('a'), id('b')], scene.nowMs)
    for (let i = 0; i < PRESENCE_NEW_HOST_MS / 500; i++) {
      scene.hears('a')
      scene.hears('b', 'x', true)
      scene.pass(500)
    }
    scene.board.next(SELF)
    scene.board.arrived()
    return scene
  }

  hears(peer: string, state: unknown = 'x', asks = false): void {
    this.board.heard({ peer, state, ...(asks && { asks }) } as Value, SELF, this.nowMs)
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.board.ticked(this.nowMs)
  }

  get names(): string {
    return [...this.board.value.keys()].join('')
  }

  tells(): unknown {
    const told = this.board.next(SELF)
    this.board.arrived()
    return told
  }
}

describe('what this page tells', () => {
  test('it tells of itself and asks, once messages flow', () => {
    const scene = new Scene()
    scene.board.ask()
    expect(scene.tells()).toBe(null)
    scene.board.live(scene.nowMs)
    expect(scene.tells()).toEqual({ peer: 'me', state: 'hello', asks: true })
    expect(scene.tells()).toBe(null)
  })

  test('whoever asks is answered, own questions are not', () => {
    const scene = Scene.usual()
    scene.hears('me', 'hello', true)
    expect(scene.tells()).toBe(null)
    scene.hears('c', 'new', true)
    expect(scene.tells()).toEqual({ peer: 'me', state: 'hello' })
  })

  test('one telling is on its way at a time; then the last state goes', () => {
    const scene = Scene.usual()
    scene.board.set(1)
    expect(scene.board.next(SELF)).toMatchObject({ state: 1 })
    scene.board.set(2)
    scene.board.set(3)
    expect(scene.board.next(SELF)).toBe(null)
    scene.board.arrived()
    expect(scene.tells()).toMatchObject({ state: 3 })
    expect(scene.tells()).toBe(null)
  })

  test('everyone is asked once an interval, by one of all', () => {
    const scene = Scene.usual()
    scene.hears('a', 'x', true)
    scene.tells()
    scene.pass(TIMES.intervalMs - 1)
    expect(scene.tells()).toBe(null)
    scene.pass(1)
    expect(scene.tells()).toMatchObject({ asks: true })
    scene.hears('me', 'hello', true)
    scene.pass(TIMES.intervalMs - 1)
    expect(scene.tells()).toBe(null)
  })
})

describe('who is present', () => {
  test('is whoever has spoken, with what it said last; map and values keep their identity until they change', () => {
    const scene = Scene.usual()
    const state = { n: 1 }
    scene.hears('a', state)
    const before = scene.board.value
    expect(before.get(id('a'))).toBe(state)
    scene.hears('a', { n: 1 })
    expect(scene.board.value).toBe(before)
    scene.hears('a', { n: 2 })
    expect([scene.board.value.get(id('a')), before.get(id('a'))]).toEqual([{ n: 2 }, { n: 1 }])
  })

  test('is not this page itself', () => {
    const scene = Scene.usual()
    scene.hears('me')
    expect(scene.names).toBe('ab')
  })

  test('is nobody who said that it has left', () => {
    const scene = Scene.usual()
    scene.board.heard(leftNote(id('a')), SELF, scene.nowMs)
    expect(scene.names).toBe('b')
  })

  test('is nobody whom the host has not listed for a moment', () => {
    const scene = Scene.usual()
    scene.board.listed([id('b')], scene.nowMs)
    scene.pass(PRESENCE_ABSENT_MS - 1)
    expect(scene.names).toBe('ab')
    expect(scene.board.wakeAtMs).toBe(scene.nowMs + 1)
    scene.pass(1)
    expect(scene.names).toBe('b')
  })

  test('is who is listed again, or speaks, before that moment is over', () => {
    const scene = Scene.usual()
    scene.board.listed([], scene.nowMs)
    scene.board.listed([id('a')], scene.nowMs)
    scene.hears('b')
    scene.pass(PRESENCE_ABSENT_MS)
    expect(scene.names).toBe('ab')
  })

  test('is nobody who is listed and answers nothing for too long', () => {
    const scene = Scene.usual()
    for (let ms = 0; ms < TIMES.timeoutMs; ms += 500) {
      scene.hears('b')
      scene.pass(500)
    }
    expect(scene.names).toBe('b')
  })

  test('is also who is on no list, as long as it answers', () => {
    const scene = Scene.usual()
    for (let ms = 0; ms < 2 * TIMES.timeoutMs; ms += 500) {
      for (const peer of 'abg') scene.hears(peer)
      scene.pass(500)
    }
    expect(scene.names).toBe('abg')
  })

  test('does not flicker while messages do not flow, nor when a new host has to learn who is here', () => {
    const scene = Scene.usual()
    scene.board.notLive()
    scene.board.listed([], scene.nowMs)
    for (let ms = 0; ms < 20_000; ms += 500) scene.pass(500)
    expect(scene.names).toBe('ab')
    scene.board.live(scene.nowMs)
    expect(scene.tells()).toMatchObject({ asks: true })
    scene.pass(1_000)
    scene.board.listed([id('a')], scene.nowMs)
    scene.pass(1_000)
    scene.hears('a')
    expect(scene.names).toBe('ab')
    scene.pass(500)
    scene.hears('a')
    scene.pass(PRESENCE_NEW_HOST_MS - 2_500)
    expect(scene.names).toBe('a')
  })

  test('is everyone who was here before this page slept', () => {
    const scene = Scene.usual()
    scene.pass(60_000)
    expect(scene.names).toBe('ab')
    expect(scene.tells()).toMatchObject({ asks: true })
  })

  test('[SH12] a replaced host goes a moment after it is listed no more; the others have time to come over', () => {
    const scene = Scene.usual()
    scene.board.notLive()
    scene.board.live(scene.nowMs)
    scene.board.replaced(id('a'))
    scene.board.listed([], scene.nowMs)
    scene.pass(PRESENCE_ABSENT_MS - 1)
    expect(scene.names).toBe('ab')
    scene.pass(1)
    expect(scene.names).toBe('b')
  })

  test('is nobody once this page has left', () => {
    const scene = Scene.usual()
    scene.board.clear()
    expect(scene.names).toBe('')
  })

  test.each([
    null,
    1,
    'text',
    [],
    {},
    { peer: 1, state: 1 },
    { peer: 'c' },
    { state: 1 },
    Uint8Array.of(1),
  ])('is nobody of whom %j is said', (value) => {
    const scene = Scene.usual()
    scene.board.heard(value as Value, SELF, scene.nowMs)
    expect(scene.names).toBe('ab')
  })
})
