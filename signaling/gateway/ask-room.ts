// Owns one message that is said to a room by a request: as a client of its own, which goes once it is answered.

import { fail, ok, type Result } from '../../protocol/result.ts'
import type { FromRoom, ToRoom } from './drift-messages.ts'
import { REQUEST_TIMEOUT_MS } from './gateway-limits.ts'
import type { Refused } from './gateway-route.ts'
import type { Seat } from './seat.ts'

const NO_HOST: Refused = {
  status: 503,
  message:
    `The room has lost its host and has found none within ${REQUEST_TIMEOUT_MS / 1_000} s. ` +
    'A push may still come into the room.',
}

/** Resolves with what the room answers, null for nothing; or why it refuses the message. */
export function askRoom(seat: Seat, message: ToRoom): Promise<Result<FromRoom | null, Refused>> {
  return new Promise((resolve) => {
    let answer: FromRoom | null = null
    const finish = (outcome: Result<FromRoom | null, Refused>) => {
      clearTimeout(timer)
      resolve(outcome)
      queueMicrotask(() => client.close())
    }
    const timer = setTimeout(() => finish(fail(NO_HOST)), REQUEST_TIMEOUT_MS)
    const client = seat.open('request', {
      tell: (message) => {
        answer ??= message
      },
      hold: () => {},
      done: () => finish(outcomeOf(answer)),
      ended: () => finish(fail(NO_HOST)),
    })
    client.received(message)
  })
}

function outcomeOf(answer: FromRoom | null): Result<FromRoom | null, Refused> {
  if (answer?.type === 'error') return fail({ status: 422, message: answer.message })
  return ok(answer)
}
