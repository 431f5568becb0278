// What is well said, and too much of it: memory stays flat. Rows 24 and 36 to 37 of docs/bad-input.md, at length.

import { setImmediate } from 'node:timers/promises'
import { expect } from 'vitest'
import { NO_TERM, type PeerId, type Topic } from '../protocol/ids.ts'
import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import { Directory } from '../signaling/directory/directory.ts'
import { frame, named, PageSocket, upgradeRequest, Wire } from '../signaling/socket-scene.ts'
import { row } from './row.ts'
import { attackedService, type Memory } from './victim.ts'

const TEXT = 1
const MIB = 2 ** 20
/** What may be left after a flood, collected: buffers that the runtime keeps at hand. */
const LEFT_HEAP_MAX = 4 * MIB
const LEFT_RSS_MAX = 64 * MIB

const NO_RATES = {
  connectsPerAddressPerMinuteMax: 1e9,
  joinsPerAddressPerMinuteMax: 1e9,
  roomsPerAddressPerMinuteMax: 1e9,
}

// Without these caps a test from one machine would meet them first, and show nothing of what is behind them.
const attacked = attackedService(NO_RATES)

function joinFrame(n: number): Buffer {
  const topic = `flood-${n}`.padEnd(22, '-')
  return frame(
    TEXT,
    Buffer.from(
      JSON.stringify({
        type: 'join',
        version: PROTOCOL_VERSION,
        topic,
        ...named(`p${n}`),
        claim: null,
      }),
    ),
  )
}

/** Runs `times` of them, some at once. */
async function repeat(
  times: number,
  atOnce: number,
  once: (n: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < times) {
      next += 1
      await once(next - 1)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

/** What a flood leaves behind, after one just like it has warmed the process up. */
async function leftBy(
  flood: () => Promise<void>,
): Promise<{ readonly heap: number; readonly rss: number }> {
  await flood()
  const before: Memory = await attacked.victim.memory()
  await flood()
  const after = await attacked.victim.memory()
  return { heap: after.heapUsed - before.heapUsed, rss: after.rss - before.rss }
}

async function expectFlat(flood: () => Promise<void>): Promise<void> {
  const left = await leftBy(flood)
  expect(left.heap).toBeLessThan(LEFT_HEAP_MAX)
  expect(left.rss).toBeLessThan(LEFT_RSS_MAX)
}

row(
  '24a',
  '1,000,000 different rooms, one join each from 5,000 addresses',
  'heap within 4 MiB of before',
  async () => {
    const directory = new Directory(0, NO_RATES)
    const heapUsed = () => {
      globalThis.gc?.()
      return process.memoryUsage().heapUsed
    }
    const churn = async (from: number, to: number) => {
      for (let n = from; n < to; n++) {
        // The honest pages live in this thread, and are taken for dead where they do not answer.
        if (n % 10_000 === 0) await setImmediate()
        const topic = n.toString(36).padStart(22, '-') as Topic
        directory.handle({ type: 'opened', connection: n, address: `address ${n % 5_000}` }, n)
        directory.handle(
          {
            type: 'received',
            connection: n,
            message: {
              type: 'join',
              version: PROTOCOL_VERSION,
              topic,
              peer: topic as string as PeerId,
              secret: topic,
              claim: null,
              held: NO_TERM,
            },
          },
          n,
        )
        directory.handle({ type: 'closed', connection: n }, n)
      }
    }
    await churn(0, 50_000)
    const before = heapUsed()
    await churn(50_000, 1_050_000)
    expect(directory.rooms).toBe(0)
    expect(heapUsed() - before).toBeLessThan(LEFT_HEAP_MAX)
  },
)

row(
  '24b',
  'thousands of sockets that join a room of their own and vanish',
  'memory flat: 4 MiB of heap, 64 MiB in all',
  () =>
    expectFlat(() =>
      repeat(2_000, 50, async (n) => {
        const wire = await Wire.upgraded(attacked.victim.url)
        wire.socket.write(joinFrame(n))
        await new Promise((resolve) => wire.socket.once('data', resolve))
        wire.socket.resetAndDestroy()
      }),
    ),
)

row(
  '24c',
  'thousands of sockets that vanish before, while and after they upgrade',
  'memory flat: 4 MiB of heap, 64 MiB in all',
  () =>
    expectFlat(() =>
      repeat(3_000, 50, async (n) => {
        const wire = new Wire(attacked.victim.url)
        await new Promise((resolve) => wire.socket.once('connect', resolve))
        if (n % 3 > 0)
          await new Promise((resolve) =>
            wire.socket.write(upgradeRequest().slice(0, n % 3 === 1 ? 60 : undefined), resolve),
          )
        wire.socket.resetAndDestroy()
      }),
    ),
)

row(
  '37a',
  'ten readers that never read, each sent more than it may be',
  'all cut, memory flat: 4 MiB of heap, 64 MiB in all',
  () =>
    expectFlat(() =>
      repeat(10, 5, async (n) => {
        const topic = `slow-${n}`.padEnd(22, '-') as Topic
        const wire = await Wire.upgraded(attacked.victim.url)
        wire.socket.write(
          frame(
            TEXT,
            Buffer.from(
              JSON.stringify({
                type: 'join',
                version: PROTOCOL_VERSION,
                topic,
                ...named('deaf'),
                claim: null,
              }),
            ),
          ),
        )
        await new Promise((resolve) => wire.socket.once('data', resolve))
        wire.socket.pause()
        let isCut = false
        for (let i = 0; !isCut; i++) {
          const page = await PageSocket.open(attacked.victim.url, {
            localAddress: `127.0.1.${1 + ((n * 40 + i) % 250)}`,
          })
          page.send({
            type: 'join',
            version: PROTOCOL_VERSION,
            topic,
            ...named(`page${i}`),
            claim: null,
            held: NO_TERM,
          })
          for (let j = 0; j < 30; j++)
            page.send({
              type: 'signal',
              to: named('deaf').peer,
              attempt: 'x',
              box: 'x'.repeat(32 * 1024),
            })
          page.send({ type: 'signal', to: named('nobody').peer, attempt: 'x', box: 'x' })
          for (let answered = false; !answered;) {
            const message = await page.next()
            isCut ||= message.type === 'peer-left'
            answered = message.type === 'error'
          }
          page.socket.terminate()
          isCut ||= i > 60
        }
        wire.socket.destroy()
      }),
    ),
)

row(
  '36b',
  'frames that are no messages, from sockets that come back at once',
  'each closed after five; memory flat: 4 MiB of heap, 64 MiB in all',
  () =>
    expectFlat(() =>
      repeat(1_000, 50, async (n) => {
        const wire = await Wire.upgraded(attacked.victim.url)
        const nonsense = frame(
          TEXT,
          Buffer.from(JSON.stringify({ type: `no-${n}`, more: 'x'.repeat(n * 5) })),
        )
        wire.socket.write(Buffer.concat([nonsense, nonsense, nonsense, nonsense, nonsense]))
        let heard = ''
        wire.socket.on('data', (data: Buffer) => {
          heard += data.toString('latin1')
        })
        // Five answers, and the reason of the close.
        while (heard.split('bad-shape').length < 7)
          await new Promise((resolve) => wire.socket.once('data', resolve))
        wire.socket.resetAndDestroy()
      }),
    ),
)
