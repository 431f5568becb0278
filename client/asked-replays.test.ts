import { describe, expect, test } from 'vitest'
import { BatonError } from '../protocol/errors.ts'
import { REPLAYS_MAX } from '../protocol/limits.ts'
import { decodeValue } from '../protocol/value.ts'
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

  test('has the messages that can be read, and those after what was asked for alone', () => {
    const bytes = Uint8Array.of(0, 0x37, 9, 9, 1, 5, 0, 0x38)
    const replays = new AskedReplays(NOBODY, (value) =>
      value[0] === 9 ? undefined : decodeValue(value),
    )
    const answers: unknown[] = []
    replays.ask([{ key: 'k', after: 1 }], (items) => answers.push(items))
    const seqs = Float64Array.of(1, 2, 3, 4)
    replays.answered(1, [{ key: 'k', seqs, ends: Float64Array.of(2, 4, 6, 8), bytes }])
    const messages = [
      { key: 'k', seq: 3, value: Uint8Array.of(5) },
      { key: 'k', seq: 4, value: 8 },
    ]
    expect(answers).toEqual([[{ key: 'k', messages }]])
  })
})
