import { describe, expect, test } from 'vitest'
import type { PeerId, Term } from '../protocol/ids.ts'
import { LEASE_MS, LEASE_OUT_MS, WAKE_ANSWER_MS } from '../protocol/limits.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import { Mandate, type Partition } from './mandate.ts'

const peers = (letters: string) => [...letters].map(peer)

const NOBODY = { isUp: false, lists: () => false }
const signaling = (listed = '') => ({
  isUp: true,
  lists: (one: PeerId) => peers(listed).includes(one),
})

/** Peer m in a room that was last whole with these. */
function mandate(partition: Partition, members = 'mabcd'): Mandate {
  const made = new Mandate(peer('m'), partition)
  made.roster(peers(members), signaling(), 0)
  return made
}

/** The first host of such a room, as signaling confirmed when asked at 0. */
function host(members = 'mabcd'): Mandate {
  const made = new Mandate(peer('m'), 'pause')
  made.reigns(null)
  made.signalingConfirmed(0, 0)
  made.roster(peers(members), signaling(), 0)
  return made
}

const REIGN = 3 as Term

/** At that moment these confirm, asked just then. They have greeted this host. */
function confirm(made: Mandate, letters: string, nowMs: number): void {
  for (const one of peers(letters)) {
    made.greeted(one, REIGN)
    made.peerConfirmed(one, REIGN, nowMs, nowMs)
  }
}

describe('[EL6] in a split', () => {
  test('a side that is to continue goes on, even alone', () => {
    const made = mandate('continue')
    made.reigns(null)
    expect(made.licence(0)).toBe('all')
    expect(made.mayStandIn([])).toBe(true)
  })

  test('a side that is to pause goes on with signaling', () => {
    expect(host().licence(0)).toBe('all')
  })

  test('or with most of the last membership, itself counted', () => {
    const made = host()
    confirm(made, 'ab', LEASE_MS)
    expect(made.licence(LEASE_MS)).toBe('all')
    for (const [members, some] of [
      ['mabcd', 'a'],
      ['ma', ''],
    ] as const) {
      const few = host(members)
      confirm(few, some, LEASE_MS)
      expect(few.licence(LEASE_MS)).toBe('nothing')
    }
  })

  test('a standby leads by its own word under the same condition', () => {
    expect(mandate('pause').mayStandIn(peers('ab'))).toBe(true)
    expect(mandate('pause').mayStandIn(peers('a'))).toBe(false)
    expect(mandate('pause', 'ma').mayStandIn([])).toBe(false)
  })

  test('strangers to that membership do not count', () => {
    expect(mandate('pause').mayStandIn(peers('axyz'))).toBe(false)
    const made = host()
    confirm(made, 'axyz', LEASE_MS)
    expect(made.licence(LEASE_MS)).toBe('nothing')
  })

  test('[EL6d] who dropped out of sight still belongs to it, who said goodbye does not', () => {
    const made = mandate('pause')
    made.roster(peers('ma'), NOBODY, 0)
    expect(made.mayStandIn(peers('a'))).toBe(false)
    for (const gone of peers('bcd')) made.left(gone)
    expect(made.mayStandIn(peers('a'))).toBe(true)
  })

  test('[EL6d] nor does the host forget whom signaling still lists, or when signaling itself is silent', () => {
    for (const [listed, atMs] of [
      ['abcd', 0],
      ['', LEASE_MS],
    ] as const) {
      const made = host()
      made.roster(peers('ma'), signaling(listed), atMs)
      confirm(made, 'a', LEASE_MS)
      expect(made.licence(LEASE_MS)).toBe('nothing')
    }
    const made = host()
    made.roster(peers('ma'), signaling('a'), 0)
    confirm(made, 'a', LEASE_MS)
    expect(made.licence(LEASE_MS)).toBe('all')
  })
})

describe('[EL6e] a lease', () => {
  test('lasts from the moment of the question, however late the answer comes', () => {
    const made = host()
    made.signalingConfirmed(100, 900)
    expect(made.licence(99 + LEASE_MS)).toBe('all')
    expect(made.licence(100 + LEASE_MS)).toBe('nothing')
  })

  test('is not made longer by an answer to an earlier question, or to none', () => {
    const made = host()
    made.signalingConfirmed(100, 900)
    made.signalingConfirmed(50, 901)
    made.signalingConfirmed(99_999, 902)
    expect(made.licence(902 + LEASE_MS)).toBe('nothing')
  })

  test('rests on as many members as are fresh at the same time', () => {
    const made = host()
    confirm(made, 'a', 1_000)
    confirm(made, 'b', 1_900)
    expect(made.licence(999 + LEASE_MS)).toBe('all')
    expect(made.licence(1_000 + LEASE_MS)).toBe('nothing')
  })

  test('rests on nobody who greeted another host of that term, or an earlier reign of this one', () => {
    const made = host()
    for (const one of peers('abcd')) {
      made.peerConfirmed(one, REIGN, LEASE_MS, LEASE_MS)
      made.greeted(one, 2 as Term)
      made.peerConfirmed(one, REIGN, LEASE_MS, LEASE_MS)
    }
    expect(made.licence(LEASE_MS)).toBe('nothing')
  })

  test('rests on nobody where a page is alone: it cannot know who has come meanwhile', () => {
    expect(host('m').licence(LEASE_MS - 1)).toBe('all')
    expect(host('m').licence(LEASE_MS)).toBe('nothing')
  })

  test('is asked for at once, then in its rhythm, and more often where there is none', () => {
    const made = host()
    const askedAt = (moments: readonly number[]) => moments.filter((atMs) => made.asks(atMs))
    expect(askedAt([0, 1, 499, 500, 501, 1_000])).toEqual([0, 500, 1_000])
    expect(askedAt([LEASE_MS, LEASE_MS + 249, LEASE_MS + 250])).toEqual([LEASE_MS, LEASE_MS + 250])
    made.signalingFound()
    expect(askedAt([LEASE_MS + 251])).toHaveLength(1)
    expect(mandate('continue').asks(0)).toBe(false)
  })
})

describe('[EL6f] a new host', () => {
  /** Peer m leads after h, confirmed at 0. */
  function successor(): Mandate {
    const made = mandate('pause', 'mabch')
    made.follows(peer('h'))
    made.reigns(claimOf(1, 'h'))
    return made
  }

  test('waits for the lease that members gave the host before, from when they confirm its own', () => {
    const made = successor()
    expect(made.licence(0)).toBe('nothing')
    for (let atMs = 100; atMs < 100 + LEASE_OUT_MS; atMs += 500) confirm(made, 'ab', atMs)
    expect(made.licence(99 + LEASE_OUT_MS)).toBe('nothing')
    expect(made.licence(100 + LEASE_OUT_MS)).toBe('all')
  })

  test('waits for nothing where signaling confirms it, which has waited itself', () => {
    const made = successor()
    confirm(made, 'ab', 5)
    expect(made.licence(9)).toBe('nothing')
    made.signalingConfirmed(5, 9)
    expect(made.licence(9)).toBe('all')
    confirm(made, 'ab', LEASE_MS)
    expect(made.licence(5 + LEASE_MS)).toBe('all')
  })

  test('outwaits that lease though clocks run at rates of their own', () => {
    // The host before was confirmed last just when the new one was first, and its clock is the slower one.
    expect(LEASE_OUT_MS * 0.9).toBeGreaterThanOrEqual(LEASE_MS * 1.1)
  })

  test('waits for nobody who said goodbye, before or meanwhile, or who follows it', () => {
    const before = mandate('pause', 'mabch')
    before.follows(peer('h'))
    before.left(peer('h'))
    before.reigns(claimOf(1, 'h'))
    confirm(before, 'ab', 9)
    expect(before.licence(9)).toBe('all')
    for (const done of ['left', 'greeted'] as const) {
      const made = successor()
      confirm(made, 'bc', 9)
      const isDone = (one: string) =>
        done === 'left' ? made.left(peer(one)) : made.greeted(peer(one), REIGN)
      isDone('a')
      expect(made.licence(9)).toBe('nothing')
      isDone('h')
      expect(made.licence(9)).toBe('all')
    }
  })

  test('of a room that had none waits for nobody; one that rules on goes on', () => {
    const made = host()
    made.reigns(claimOf(1, 'm'))
    expect(made.licence(0)).toBe('all')
  })

  test('which is followed again does not count as done any more', () => {
    const made = successor()
    made.greeted(peer('h'), REIGN)
    made.follows(peer('h'))
    made.reigns(claimOf(3, 'h'))
    confirm(made, 'ab', 9)
    expect(made.licence(9)).toBe('nothing')
  })
})

describe('[EL5] a page that slept', () => {
  test('orders nothing until it knows that it still hosts', () => {
    const made = mandate('continue')
    made.woke(100)
    expect(made.licence(100)).toBe('no orders')
    made.confirmed()
    expect(made.licence(100)).toBe('all')
  })

  test('goes on where nobody answers', () => {
    const made = mandate('continue')
    made.woke(100)
    expect(made.licence(99 + WAKE_ANSWER_MS)).toBe('no orders')
    expect(made.licence(100 + WAKE_ANSWER_MS)).toBe('all')
  })

  test('takes only an answer to what it asked when it woke', () => {
    const made = mandate('continue')
    made.woke(100)
    expect(made.isAnswer(99)).toBe(false)
    expect(made.isAnswer(100)).toBe(true)
  })
})
