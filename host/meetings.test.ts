import { describe, expect, test } from 'vitest'
import {
  BRANCHES_MET_MAX,
  BRANCH_WAIT_MS,
  MEETINGS_MAX,
  MEETING_PAUSE_MAX_MS,
} from '../protocol/limits.ts'
import type { Index, Term } from '../protocol/ids.ts'
import type { Position } from '../protocol/frames.ts'
import { peer } from '../protocol/testing-ids.ts'
import { Meetings } from './meetings.ts'

const endOf = (term: number, index = 5): Position => ({
  claim: { term: term as Term, host: peer('h') },
  index: index as Index,
})

/** Peers greet one host; time is the test's. */
class Scene {
  readonly meetings = new Meetings()
  nowMs = 0

  greets(letter: string, end = endOf(1), bringsStreams = false): string {
    return this.meetings.judge({ peer: peer(letter), end, bringsStreams }, this.nowMs)
  }

  /** The host reigns anew, and is greeted after so long. */
  later(ms: number): this {
    this.meetings.reignBegins()
    this.nowMs += ms
    return this
  }
}

describe('[MG5g] a branch that is met', () => {
  test('is a reason for a new reign, which is to join it', () => {
    const scene = new Scene()
    expect(scene.greets('a')).toBe('reign anew')
    expect(scene.meetings.reignBegins()).toEqual([peer('a')])
    expect(scene.meetings.reignBegins()).toEqual([])
  })

  test('is forgotten where its peer leaves before that', () => {
    const scene = new Scene()
    scene.greets('a')
    scene.meetings.left(peer('a'))
    expect(scene.meetings.reignBegins()).toEqual([])
  })

  test('waits for that reign, and is met again where none comes about', () => {
    const scene = new Scene()
    scene.greets('a')
    scene.nowMs += BRANCH_WAIT_MS - 1
    expect(scene.greets('a')).toBe('wait')
    scene.nowMs += 1
    expect(scene.greets('a')).toBe('reign anew')
  })

  test('causes so many reigns and no more, whoever brings it', () => {
    const scene = new Scene()
    for (let times = 0; times < MEETINGS_MAX; times++)
      expect(scene.later(BRANCH_WAIT_MS).greets('abc'[times % 3]!)).toBe('reign anew')
    expect(scene.later(MEETING_PAUSE_MAX_MS).greets('a')).toBe('enough')
    expect(scene.greets('a', endOf(1, 6))).toBe('reign anew')
    expect(scene.greets('b', endOf(2))).toBe('reign anew')
  })

  test('is met without end where it brings streams, and ever more seldom', () => {
    const scene = new Scene()
    for (let times = 0; times < MEETINGS_MAX; times++)
      scene.later(BRANCH_WAIT_MS).greets('a', endOf(1), true)
    for (let pauseMs = BRANCH_WAIT_MS; pauseMs < MEETING_PAUSE_MAX_MS * 4; pauseMs *= 2) {
      const waitMs = Math.min(pauseMs, MEETING_PAUSE_MAX_MS)
      expect(scene.later(waitMs - 1).greets('a', endOf(1), true)).toBe('wait')
      expect(scene.greets('a', endOf(1), false)).toBe('enough')
      expect(scene.later(1).greets('a', endOf(1), true)).toBe('reign anew')
    }
  })

  test('counts afresh once more branches were met than are remembered', () => {
    const scene = new Scene()
    for (let times = 0; times < MEETINGS_MAX; times++) scene.later(BRANCH_WAIT_MS).greets('a')
    expect(scene.greets('b')).toBe('enough')
    for (let term = 2; term <= BRANCHES_MET_MAX + 1; term++)
      expect(scene.later(0).greets('b', endOf(term))).toBe('reign anew')
    expect(scene.greets('c')).toBe('reign anew')
  })
})
