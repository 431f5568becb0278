// Owns credentials for the operator's TURN servers: made of a secret that they share with this service, good for a
// while and for one peer. coturn calls the scheme `use-auth-secret`. The secret itself never leaves. [SG5]

import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BatonError } from '../protocol/errors.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import {
  TURN_TTL_SECONDS,
  TURN_TTL_SECONDS_MAX,
  TURN_TTL_SECONDS_MIN,
} from './directory/service-limits.ts'

export type TurnOptions = {
  /** Such as `turn:turn.example:3478`, `turn:turn.example:3478?transport=tcp` or `turns:turn.example:5349`. */
  readonly urls: readonly string[]
  /** coturn's `static-auth-secret`. */
  readonly secret: string
  /** How long a credential is good for; pages get another when half of it is over. Default an hour. */
  readonly ttlSeconds?: number | undefined
}

export type TurnCredential = Extract<FromSignaling, { type: 'turn' }>

export function mintTurn(
  { urls, secret, ttlSeconds = TURN_TTL_SECONDS }: TurnOptions,
  peer: PeerId,
  epochMs: number,
): TurnCredential {
  const username = `${Math.floor(epochMs / 1000) + ttlSeconds}:${peer}`
  return {
    type: 'turn',
    urls,
    username,
    credential: createHmac('sha1', secret).update(username).digest('base64'),
  }
}

/** How long after one credential the next is due. */
export function renewTurnMs({ ttlSeconds = TURN_TTL_SECONDS }: TurnOptions): number {
  return ttlSeconds * 500
}

/** @throws BatonError `bad-argument` for options that cannot work. */
export function checkTurn(options: TurnOptions): void {
  const why = whatIsWrong(options)
  if (why !== null) throw new BatonError('bad-argument', why)
}

function whatIsWrong({ urls, secret, ttlSeconds = TURN_TTL_SECONDS }: TurnOptions): string | null {
  if (urls.length === 0) return 'TURN needs the URL of a server, such as turn:turn.example:3478.'
  const other = urls.find((url) => !TURN_URL.test(url))
  if (other !== undefined)
    return `"${other}" is not a TURN URL; write it as turn:turn.example:3478, and add ?transport=tcp for TCP.`
  if (secret === '') return 'The TURN secret is empty; give the static-auth-secret of coturn.'
  if (!isTtl(ttlSeconds))
    return (
      `A TURN credential is good for ${TURN_TTL_SECONDS_MIN} to ${TURN_TTL_SECONDS_MAX} seconds; ` +
      `${ttlSeconds} is not among these.`
    )
  return null
}

const TURN_URL = /^turns?:[^\s/?]+(\?transport=(udp|tcp))?$/

function isTtl(seconds: number): boolean {
  const isInBounds = TURN_TTL_SECONDS_MIN <= seconds && seconds <= TURN_TTL_SECONDS_MAX
  return Number.isInteger(seconds) && isInBounds
}

/** The secret in a file: what it holds, but for white space around it. */
export function readTurnSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new BatonError(
      'bad-argument',
      `The TURN secret cannot be read from "${file}": ${(error as Error).message}.`,
    )
  }
}
