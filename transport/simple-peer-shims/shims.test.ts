// What simple-peer expects of its dependencies, and gets from their stand-ins. That it connects with them is
// shown in a browser, by the links' conformance cases.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { simplePeerAliases } from './aliases.mjs'
import { dataOnly } from './data-only.mjs'

type Emitter = {
  on(event: string, listener: (...args: unknown[]) => void): Emitter
  once(event: string, listener: (...args: unknown[]) => void): Emitter
  removeListener(event: string, listener: (...args: unknown[]) => void): Emitter
  emit(event: string, ...args: unknown[]): boolean
  push(chunk: unknown): boolean
  end(): void
  readonly _readableState: { readonly ended: boolean }
  readonly _writableState: { readonly finished: boolean }
}

const require = createRequire(import.meta.url)
const { Duplex } = require('./readable-stream.cjs') as { Duplex: new () => Emitter }

test('every dependency of simple-peer has its stand-in', () => {
  const { dependencies } = require('simple-peer/package.json') as {
    dependencies: Record<string, string>
  }
  const replaced = Object.keys(dependencies).filter((name) =>
    simplePeerAliases.some(({ find }) => find.test(name)),
  )
  expect(replaced).toEqual(Object.keys(dependencies))
})

test('a listener of one event goes by itself, or when it is removed', () => {
  const calls: string[] = []
  const removed = () => calls.push('removed')
  const emitter = new Duplex()
    .once('finish', removed)
    .once('finish', () => calls.push('once'))
    .on('finish', () => calls.push('always'))
  emitter.removeListener('finish', removed)
  emitter.emit('finish')
  emitter.emit('finish')
  expect(calls).toEqual(['once', 'always', 'always'])
})

test('an error that nobody hears is thrown', () => {
  expect(() => new Duplex().emit('error', new Error('unheard'))).toThrow('unheard')
})

test('chunks are events, and the ends are states', async () => {
  const events: unknown[] = []
  const stream = new Duplex()
    .on('data', (chunk) => events.push(chunk))
    .on('end', () => events.push('end'))
    .on('finish', () => events.push('finish'))
  stream.push('chunk')
  stream.push(null)
  stream.end()
  expect(events).toEqual(['chunk', 'end'])
  expect([stream._readableState.ended, stream._writableState.finished]).toEqual([true, true])
  await Promise.resolve()
  expect(events).toEqual(['chunk', 'end', 'finish'])
})

test('an error of the browser can be marked, though its own code is fixed', () => {
  const mark = require('./err-code.cjs') as (error: unknown, code: string) => { code: string }
  expect(mark(new DOMException('refused', 'OperationError'), 'ERR_DATA_CHANNEL').code).toBe(
    'ERR_DATA_CHANNEL',
  )
})

test('arriving bytes are wrapped, not copied', () => {
  const { Buffer } = require('./buffer.cjs') as { Buffer: { from(bytes: ArrayBuffer): Uint8Array } }
  const bytes = Uint8Array.of(1, 2, 3).buffer
  expect(Buffer.from(bytes).buffer).toBe(bytes)
})

test('random names are hex', () => {
  const randombytes = require('./randombytes.cjs') as (length: number) => {
    toString(encoding: string): string
  }
  expect(randombytes(20).toString('hex')).toMatch(/^[0-9a-f]{40}$/)
})

test('without what we do not use the source is whole, and nothing that stays asks for what is gone', () => {
  const source = readFileSync(require.resolve('simple-peer'), 'utf8')
  const left = dataOnly(source)
  expect(() => new Function('require', 'module', left)).not.toThrow()
  const methods = (text: string) =>
    [...text.matchAll(/^ {2}(\w+) \(.*\) \{$/gm)].map(([, name]) => name as string)
  const gone = methods(source).filter((name) => !methods(left).includes(name))
  expect(gone.length).toBe(19)
  expect(gone.filter((name) => left.includes(`this.${name}(`))).toEqual([])
})

test('another source than the one it was written for is refused', () => {
  expect(() => dataOnly('class Peer {}')).toThrow('read what has changed')
})
