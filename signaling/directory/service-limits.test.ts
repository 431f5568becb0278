import { expect, test } from 'vitest'
import { DEFAULT_LIMITS, limitsWith } from './service-limits.ts'

test('a limit that is given as undefined is the default, and what else is given stands', () => {
  const limits = limitsWith({ roomsMax: undefined, relay: undefined, connectionsMax: 7 })
  expect(limits).toEqual({ ...DEFAULT_LIMITS, connectionsMax: 7 })
})
