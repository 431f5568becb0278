import { describe, expect, test } from 'vitest'
import { HANDOVER_TIMEOUT_MS } from '../protocol/limits.ts'
import { peer } from '../protocol/testing-ids.ts'
import { Retirement } from './retirement.ts'

const HEIR = peer('h')
const READY = { successor: HEIR, heirs: 1 }
const LACKS_STREAMS = { successor: null, heirs: 1 }

function retiring(): Retirement {
  const retirement = new Retirement()
  retirement.begin(0)
  return retirement
}

describe('a host that wants to go', () => {
  test('[MG1] hands over to whoever is next, once', () => {
    const retirement = retiring()
    expect(retirement.next(READY, 0)).toEqual({ type: 'hand over', to: HEIR })
    expect(retirement.next(READY, 1)).toEqual({ type: 'nothing' })
  })

  test('[MG1a] waits for an heir that has not got the streams, for a moment', () => {
    const retirement = retiring()
    expect(retirement.next(LACKS_STREAMS, HANDOVER_TIMEOUT_MS - 1)).toEqual({ type: 'nothing' })
    expect(retirement.next(READY, HANDOVER_TIMEOUT_MS - 1)).toEqual({ type: 'hand over', to: HEIR })
  })

  test('[MG1a] is alone where that takes too long, or nobody may lead', () => {
    expect(retiring().next(LACKS_STREAMS, HANDOVER_TIMEOUT_MS)).toEqual({ type: 'alone' })
    expect(retiring().next({ successor: null, heirs: 0 }, 0)).toEqual({ type: 'alone' })
  })

  test('does nothing more once it was let go', () => {
    const retirement = retiring()
    retirement.end()
    expect(retirement.isUnderWay).toBe(false)
    expect(retirement.next(READY, 0)).toEqual({ type: 'nothing' })
  })
})
