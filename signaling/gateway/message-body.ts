// Owns reading the body of a request as one message for a room.

import type { IncomingMessage } from 'node:http'
import { fail, type Result } from '../../protocol/result.ts'
import { parseText } from './drift-codec.ts'
import type { ToRoom } from './drift-messages.ts'
import { MESSAGE_BYTES_MAX } from './gateway-limits.ts'
import type { Refused } from './gateway-route.ts'

/** The message in the body, or why there is none. */
export async function readMessage(request: IncomingMessage): Promise<Result<ToRoom, Refused>> {
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) return fail(NO_JSON_TYPE)
  const bytes = await readBody(request)
  if (bytes === null) return fail(TOO_LARGE)
  const text = jsonIn(bytes)
  if (text === null) return fail(NO_JSON)
  const parsed = parseText(text)
  return parsed.ok ? parsed : fail({ status: 422, message: parsed.error })
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

const NO_JSON_TYPE: Refused = {
  status: 415,
  message:
    'Send the message as JSON, with "Content-Type: application/json"; curl does it with --json.',
}
const TOO_LARGE: Refused = {
  status: 413,
  message: `A message takes at most ${MESSAGE_BYTES_MAX} bytes.`,
}
const NO_JSON: Refused = {
  status: 400,
  message: 'The body of this request is not JSON in UTF-8.',
}

/** Null for one that is too large. One that breaks off never comes: nobody waits for an answer. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > MESSAGE_BYTES_MAX) return resolve(null)
    const chunks: Buffer[] = []
    let size = 0
    request.on('error', () => {}) // it was broken off
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MESSAGE_BYTES_MAX) return resolve(null)
      chunks.push(chunk)
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
  })
}

/** Null for bytes that are no JSON in UTF-8. */
function jsonIn(bytes: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    JSON.parse(text)
    return text
  } catch {
    return null // the sender is told
  }
}
