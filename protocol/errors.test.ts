import { expect, test } from 'vitest'
import { BatonError, type ErrorCode } from './errors.ts'

test('an error says whether the same call may succeed later', () => {
  const mayLater: Record<ErrorCode, boolean> = {
    closed: false,
    'bad-token': false,
    'bad-argument': false,
    'bad-value': false,
    'key-too-long': false,
    'value-too-large': false,
    'room-full': true,
    'compact-out-of-range': false,
    'compact-outdated': true,
    superseded: false,
    'not-repeated': false,
    'queue-full': true,
    'receipt-unknown': false,
    signaling: true,
    unreachable: true,
    tampered: true,
    'turn-failed': true,
    'version-mismatch': false,
    'peer-misbehaved': false,
  }
  const codes = Object.keys(mayLater) as ErrorCode[]
  expect(codes.map((code) => [code, new BatonError(code, '').retryable])).toEqual(
    codes.map((code) => [code, mayLater[code]]),
  )
})
