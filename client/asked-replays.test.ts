import { describe, expect, test } from 'vitest'
import { BatonError } from '../protocol/errors.ts'
import { REPLAYS_MAX } from '../protocol/limits.ts'
import { AskedReplays } from './asked-replays.ts'
import type { Connection } from './connection.ts'

const QUERY = { key: 'k', after: 0 }
const NOBODY = {
  feed: () => {},
} as unknown as Connection

/** Replays over a connection on which nobody answers but the test. */
function asked(): AskedReplays {
  return new AskedReplays(NOBODY, () => 1)
}

describe('a replay that was asked for', () => {
  test('is answered once', () => {
    const replays = asked()
    let answers = 0
    replays.ask([QUERY], () => answers++)
    replays.answered(1, [])
    replays.answered(1, [])
    expect(answers).toBe(1)
  })

  test('takes space until it is answered', () => {
    const replays = asked()
    for (let n = 0; n < REPLAYS_MAX; n++) replays.ask([QUERY], () => {})
    expect(() => replays.checkSpace([QUERY])).toThrow(BatonError)
    replays.answered(1, [])
    expect(() => replays.checkSpace([QUERY])).not.toThrow()
  })

  test('is refused where nobody answers any more', () => {
    const replays = asked()
    const refused: string[] = []
    replays.ask(
      [QUERY],
      () => {},
      ({ code }) => refused.push(code),
    )
    replays.end(new BatonError('closed', 'over'))
    replays.end(new BatonError('closed', 'over'))
    expect(refused).toEqual(['closed'])
  })
})
