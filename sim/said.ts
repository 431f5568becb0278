// Owns what the messages of a simulated app say: a mid, and behind it, where a shared object sent
// it, what that said.

import { decodeValue, type Value } from '../protocol/value.ts'
import type { Message } from '../client/api.ts'
import type { Retained } from '../checks/history.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const BARE_START = 'p'.charCodeAt(0)

type Run = { readonly seqs: Float64Array; readonly ends: Float64Array; readonly bytes: Uint8Array }

/** What is retained, by key. */
export type Streams = ReadonlyMap<string, readonly Retained[]>

export function say(mid: string, text?: string): Uint8Array {
  return encoder.encode(text === undefined ? mid : `${mid}\n${text}`)
}

/** A room encodes what its app says. A bare app says the text itself, which begins with a page's p. */
export function midIn(bytes: Uint8Array): string {
  if (bytes[0] !== BARE_START) return decodeValue(bytes) as string
  const said = decoder.decode(bytes)
  const end = said.indexOf('\n')
  return end < 0 ? said : said.slice(0, end)
}

/** What a shared object said. */
export function valueIn(bytes: Uint8Array): Value {
  const said = decoder.decode(bytes)
  return JSON.parse(said.slice(said.indexOf('\n') + 1)) as Value
}

/** A run of a stream as a history has it, */
export function retainedIn(run: Run): Retained[] {
  return Array.from(run.seqs, (seq, i) => [seq, midIn(bytesOf(run, i))])
}

/** and as a shared object is given it. */
export function messagesIn(run: Run & { readonly key: string }): Message[] {
  return Array.from(run.seqs, (seq, i) => ({ key: run.key, seq, value: valueIn(bytesOf(run, i)) }))
}

function bytesOf({ ends, bytes }: Run, i: number): Uint8Array {
  return bytes.subarray(ends[i - 1] ?? 0, ends[i])
}
