import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { VALUE_BYTES_MAX } from '../protocol/limits.ts'
import type { OpId, PeerId, Term } from '../protocol/ids.ts'
import type { Action, CompactOp, MessageAction } from '../protocol/entry.ts'
import { seq } from '../protocol/testing-ids.ts'
import { Engine } from './engine.ts'

const ME = 'AAAAAAAAAAAAAAAAAAAAAA' as PeerId
const bytes = (text: string) => new TextEncoder().encode(text)
const op = (n: number) => n as OpId

function push(engine: Engine, action: MessageAction, key: string, text: string): void {
  const next = seq(engine.lastSeq + 1)
  engine.push({ action, key, author: ME, opId: op(next), value: bytes(text) }, next)
}

function fold(key: string, upTo: number, text: string): CompactOp {
  return {
    action: 'compact',
    key,
    author: ME,
    opId: op(1),
    value: bytes(text),
    seq: seq(upTo),
    basis: { term: 1 as Term, host: ME },
  }
}

/** What a replay holds, as [seq, text] pairs. */
function retained(engine: Engine, key: string, after = 0): [number, string][] {
  const run = engine.replay(key, after)
  if (run === null) return []
  return Array.from(run.seqs, (s, i) => [
    s,
    new TextDecoder().decode(run.bytes.subarray(run.ends[i - 1] ?? 0, run.ends[i])),
  ])
}

describe('the engine', () => {
  test('[RE8] takes a value as long as a value may be, and no longer one', () => {
    const engine = new Engine()
    const append = (length: number) =>
      engine.refusalOf({
        action: 'append',
        author: ME,
        opId: op(1),
        key: 'k',
        value: new Uint8Array(length),
      })
    expect(append(VALUE_BYTES_MAX)).toBeNull()
    expect(append(VALUE_BYTES_MAX + 1)).toBe('value-too-large')
  })

  test('[RE1] one counter runs over all keys and over relays', () => {
    const engine = new Engine()
    push(engine, 'append', 'a', '1')
    push(engine, 'relay', 'b', '2')
    push(engine, 'append', 'a', '3')
    expect(retained(engine, 'a')).toEqual([
      [1, '1'],
      [3, '3'],
    ])
    expect(engine.lastSeq).toBe(3)
  })

  test('[RE6] keys are plain names, whatever they look like', () => {
    const engine = new Engine()
    for (const key of ['', '__proto__', 'constructor', '\n', 'ключ 🗝'])
      push(engine, 'append', key, key)
    for (const key of engine.keys) expect(retained(engine, key)).toHaveLength(1)
    expect([...engine.keys]).toEqual(['', '__proto__', 'constructor', '\n', 'ключ 🗝'])
  })

  test('[RE7] a stream that is trimmed far down after it has wrapped keeps what remains', () => {
    const engine = new Engine()
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 40; i++) push(engine, 'append', 'k', `${engine.lastSeq + 1}`)
      engine.compact(fold('k', engine.lastSeq - 3, 'fold'))
      const last = engine.lastSeq
      expect(retained(engine, 'k')).toEqual([
        [last - 3, 'fold'],
        [last - 2, `${last - 2}`],
        [last - 1, `${last - 1}`],
        [last, `${last}`],
      ])
    }
  })

  test('[RE8] a full room refuses what would make it larger and takes what makes it smaller', () => {
    const engine = new Engine({ keysMax: 2, retainedBytesMax: 10 })
    push(engine, 'append', 'a', '12345678')
    push(engine, 'append', 'b', '1')
    const message = (action: MessageAction, key: string, text: string) =>
      engine.refusalOf({ action, key, author: ME, opId: op(9), value: bytes(text) })
    expect(message('append', 'c', '')).toBe('room-full')
    expect(message('append', 'a', '12')).toBe('room-full')
    expect(message('append', 'a', '1')).toBeNull()
    expect(message('replace', 'a', '123456789')).toBeNull()
    expect(message('replace', 'a', '1234567890')).toBe('room-full')
    expect(message('relay', 'c', '1234567890123')).toBeNull()
  })
})

/** The same room in the plainest words: an array a key, filtered. */
class NaiveRoom {
  lastSeq = 0
  readonly streams = new Map<string, [number, string][]>()

  apply(action: Action, key: string, text: string, at: number): void {
    const stream = this.streams.get(key) ?? []
    if (action === 'compact') {
      if (at < 1 || at > this.lastSeq || !stream.some(([s]) => s <= at)) return
      this.streams.set(key, [[at, text], ...stream.filter(([s]) => s > at)])
      return
    }
    this.lastSeq++
    if (action === 'append') this.streams.set(key, [...stream, [this.lastSeq, text]])
    if (action === 'replace') this.streams.set(key, [[this.lastSeq, text]])
  }
}

const step = fc.record({
  action: fc.constantFrom<Action>('append', 'append', 'append', 'relay', 'replace', 'compact'),
  key: fc.constantFrom('a', 'b', ''),
  text: fc.string({ maxLength: 40, unit: 'grapheme' }),
  at: fc.nat({ max: 60 }),
})

describe('against a naive model', () => {
  test('[RE3 RE4 RE5] every replay after every step answers what the model answers', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const engine = new Engine()
        const model = new NaiveRoom()
        for (const { action, key, text, at } of steps) {
          if (action !== 'compact') push(engine, action, key, text)
          else if (engine.refusalOf(fold(key, at, text)) === null)
            engine.compact(fold(key, at, text))
          model.apply(action, key, text, at)
          expect(engine.lastSeq).toBe(model.lastSeq)
          for (const [name, stream] of model.streams) {
            expect(retained(engine, name)).toEqual(stream)
            expect(retained(engine, name, at)).toEqual(stream.filter(([s]) => s > at))
            expect(engine.size(name)).toBe(stream.length)
          }
        }
        const bytesOf = [...model.streams.values()]
          .flat()
          .reduce((sum, [, text]) => sum + bytes(text).length, 0)
        expect(engine.retainedBytes).toBe(bytesOf)
      }),
      { numRuns: 300 },
    )
  })
})
