import { describe, expect, test } from 'vitest'
import { H1, Scribe } from './session-scene.ts'
import { Told } from './told.ts'
import { claimOf, index, seq } from '../protocol/testing-ids.ts'

/** Told of a reign and two messages of it; stable up to the first. */
function told(): Told {
  const scribe = new Scribe()
  const told = new Told()
  for (const entry of [scribe.reign(H1), scribe.message('a', 1), scribe.message('a', 2)])
    told.advance(entry)
  told.stableUpTo(index(2))
  return told
}

describe('what an app was told', () => {
  test('begins with nothing', () => {
    const { position, index, lastSeq, isNewcomer } = new Told()
    expect({ position, index, lastSeq, isNewcomer }).toEqual({
      position: null,
      index: 0,
      lastSeq: 0,
      isNewcomer: true,
    })
  })

  test('advances entry by entry, under the reign of the last that began', () => {
    expect(told().position).toEqual({ claim: H1, index: 3 })
    expect(told().lastSeq).toBe(2)
  })

  test('makes a newcomer of nobody who was given a message, or is live', () => {
    const live = new Told()
    live.advance(new Scribe().reign(H1))
    expect(live.isNewcomer).toBe(true)
    live.live()
    expect(live.isNewcomer).toBe(false)
    expect(told().isNewcomer).toBe(false)
  })
})

describe('[MG5f] the app is told', () => {
  test('to go back to the fork; what was stable behind it is not any more', () => {
    const back = told()
    expect(back.rewindTo({ number: 1, claim: H1, index: index(1), seq: seq(0) })).toEqual({
      type: 'reset',
      seq: 0,
      headSeq: 0,
      keys: 'all',
      reason: 'rewound',
    })
    expect(back.position).toEqual({ claim: H1, index: 1 })
    expect([back.lastSeq, back.stable]).toEqual([0, 1])
  })

  test('to forget everything where the logs have nothing in common', () => {
    const back = told()
    expect(back.rewindTo(null)).toMatchObject({ seq: 0, headSeq: 0 })
    expect([back.position, back.lastSeq, back.stable]).toEqual([null, 0, 0])
  })

  test('to go on at the end of another log, and that what it was given counts up to where they part', () => {
    const ahead = told()
    const end = { position: { claim: claimOf(2, 'g'), index: index(9) }, lastSeq: seq(7) }
    expect(ahead.jumpTo(end, seq(1), 'rewound', ['k'])).toEqual({
      type: 'reset',
      seq: 1,
      headSeq: 7,
      keys: ['k'],
      reason: 'rewound',
    })
    expect(ahead.position).toEqual(end.position)
    expect(ahead.lastSeq).toBe(7)
  })

  test('of no more than it was given', () => {
    expect(told().jumpTo({ position: null, lastSeq: seq(9) }, seq(5), 'missed').seq).toBe(2)
  })
})
