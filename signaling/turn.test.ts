import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import { TURN_TTL_SECONDS } from './directory/service-limits.ts'
import { claimOf, peerId, TOPIC } from './directory/directory-scene.ts'
import { startServer, type RunningServer } from './server.ts'
import { named, PageSocket } from './socket-scene.ts'
import { mintTurn, renewTurnMs } from './turn.ts'
import { NO_TERM } from '../protocol/ids.ts'

const turn = {
  urls: ['turn:turn.example:3478', 'turn:turn.example:3478?transport=tcp'],
  secret: 'north',
}
const ann = peerId('ann')

describe('[SG5] a TURN credential', () => {
  test('is what coturn expects: the time it ends and the peer, and a hash of both under the secret', () => {
    const { type, urls, username, credential } = mintTurn(
      { ...turn, ttlSeconds: 600 },
      ann,
      1_000_999,
    )
    expect([type, urls, username]).toEqual(['turn', turn.urls, `1600:${ann}`])
    expect(credential).toBe(createHmac('sha1', 'north').update(username).digest('base64'))
    // Made once with openssl: printf '1600:ann___________________' | openssl dgst -sha1 -hmac north -binary | base64
    expect(credential).toBe('sJk9vLZlbUgxFI4XN3B5de80v/U=')
  })

  test('lasts an hour if the operator says nothing, and another one is due after half of it', () => {
    expect(mintTurn(turn, ann, 0).username).toBe(`${TURN_TTL_SECONDS}:${ann}`)
    expect(renewTurnMs(turn)).toBe(TURN_TTL_SECONDS * 500)
  })
})

describe('[SG5] a service with TURN', () => {
  let server: RunningServer

  afterEach(async () => {
    vi.useRealTimers()
    await server.close()
  })

  test('gives a credential to those who have joined, before they could need it, and another in time', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
    server = await startServer({ port: 0, turn: { ...turn, ttlSeconds: 60 } })
    const page = await PageSocket.open(server.url)
    page.send({ type: 'heartbeat' })
    expect(await page.next()).toMatchObject({ type: 'error', code: 'bad-state' }) // nothing for one who has not
    page.send({
      type: 'join',
      version: PROTOCOL_VERSION,
      topic: TOPIC,
      ...named('ann'),
      claim: null,
      held: NO_TERM,
    })
    const first = await page.next()
    expect(first).toEqual(mintTurn({ ...turn, ttlSeconds: 60 }, named('ann').peer, Date.now()))
    expect(await page.next()).toMatchObject({ type: 'joined' })
    vi.advanceTimersByTime(30_000)
    const second = await page.next()
    expect(second).toEqual(mintTurn({ ...turn, ttlSeconds: 60 }, named('ann').peer, Date.now()))
    expect(second).not.toEqual(first)
    page.socket.close()
    await page.closed
  })

  test('keeps no timer for a page that has gone', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    server = await startServer({ port: 0, turn })
    const page = await PageSocket.join(server.url, 'ann')
    expect(vi.getTimerCount()).toBeGreaterThan(0)
    page.socket.close()
    await page.closed
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0))
  })

  test('and one without gives nothing', async () => {
    server = await startServer({ port: 0 })
    const page = await PageSocket.open(server.url)
    page.send({
      type: 'join',
      version: PROTOCOL_VERSION,
      topic: TOPIC,
      ...named('ann'),
      claim: claimOf(1, 'b'),
      held: NO_TERM,
    })
    expect(await page.next()).toMatchObject({ type: 'joined' })
  })
})

test.each([
  [{ ...turn, urls: [] }, 'TURN needs the URL of a server'],
  [{ ...turn, urls: ['https://turn.example'] }, '"https://turn.example" is not a TURN URL'],
  [{ ...turn, urls: ['turn:a b'] }, '"turn:a b" is not a TURN URL'],
  [{ ...turn, secret: '' }, 'The TURN secret is empty'],
  [{ ...turn, ttlSeconds: 59 }, '59 is not among these'],
  [{ ...turn, ttlSeconds: 86_401 }, '86401 is not among these'],
  [{ ...turn, ttlSeconds: 60.5 }, '60.5 is not among these'],
])('[SG5] TURN options that cannot work are refused: %j', async (options, sentence) => {
  await expect(startServer({ port: 0, turn: options })).rejects.toThrow(sentence)
})
