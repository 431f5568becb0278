import { expect, test } from 'vitest'
import { BATCH_BYTES, Batches, stamped, stampOf, type Way } from './way.ts'

const wayOf = (form: Way['form'], ownBytes: number) => ({ form, ownBytes }) as Way

test('a value tells when it was sent, and is as long as asked with what the way adds', () => {
  for (const form of ['bytes', 'text'] as const) {
    const value = stamped(wayOf(form, 1), 100, 1_234.5)
    expect([value.length, stampOf(value)]).toEqual([99, 1_234.5])
  }
})

test('a batch may be sent while the one before comes back, and no more', async () => {
  const batches = new Batches()
  batches.sent(BATCH_BYTES - 1)
  expect(batches.untilRoom()).toBeNull()
  batches.sent(1)
  expect(batches.untilRoom()).toBeNull()
  batches.sent(BATCH_BYTES)
  const room = batches.untilRoom()
  expect(room).not.toBeNull()
  let isThere = false
  void room!.then(() => {
    isThere = true
  })
  batches.heard(BATCH_BYTES - 1)
  await Promise.resolve()
  expect(isThere).toBe(false)
  batches.heard(1)
  await room
  expect(isThere).toBe(true)
})
