import { describe, expect, test } from 'vitest'
import { WAKE_ANSWER_MS } from '../protocol/limits.ts'
import { peer } from '../protocol/testing-ids.ts'
import { Mandate, type Partition } from './mandate.ts'

const peers = (letters: string) => [...letters].map(peer)

/** Peer m in a room that was last whole with these. */
function mandate(partition: Partition, members = 'mabcd'): Mandate {
  const made = new Mandate(peer('m'), partition)
  made.roster(peers(members), true)
  return made
}

describe('[EL6] in a split', () => {
  test('a side that is to continue goes on, even alone', () => {
    expect(mandate('continue').mayOrder(false, [], 0)).toBe(true)
  })

  test('a side that is to pause goes on with signaling', () => {
    expect(mandate('pause').mayOrder(true, [], 0)).toBe(true)
  })

  test('or with most of the last membership, itself counted', () => {
    expect(mandate('pause').mayOrder(false, peers('ab'), 0)).toBe(true)
    expect(mandate('pause').mayOrder(false, peers('a'), 0)).toBe(false)
    expect(mandate('pause', 'ma').mayOrder(false, [], 0)).toBe(false)
  })

  test('strangers to that membership do not count', () => {
    expect(mandate('pause').mayStandIn(peers('axyz'))).toBe(false)
  })

  test('who dropped out of sight still belongs to it, who said goodbye does not', () => {
    const made = mandate('pause')
    made.roster(peers('ma'), false)
    expect(made.mayOrder(false, peers('a'), 0)).toBe(false)
    for (const gone of peers('bcd')) made.left(gone)
    expect(made.mayOrder(false, peers('a'), 0)).toBe(true)
  })
})

describe('[EL5] a page that slept', () => {
  test('orders nothing until it knows that it still hosts', () => {
    const made = mandate('continue')
    made.woke(100)
    expect(made.mayOrder(true, [], 100)).toBe(false)
    made.confirmed()
    expect(made.mayOrder(true, [], 100)).toBe(true)
  })

  test('goes on where nobody answers', () => {
    const made = mandate('continue')
    made.woke(100)
    expect(made.mayOrder(true, [], 99 + WAKE_ANSWER_MS)).toBe(false)
    expect(made.mayOrder(true, [], 100 + WAKE_ANSWER_MS)).toBe(true)
  })

  test('takes only an answer to what it asked when it woke', () => {
    const made = mandate('continue')
    made.woke(100)
    expect(made.isAnswer(99)).toBe(false)
    expect(made.isAnswer(100)).toBe(true)
  })
})
