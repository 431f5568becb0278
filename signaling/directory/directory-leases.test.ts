import { describe, expect, test } from 'vitest'
import { LEASE_MS, LEASE_OUT_MS } from '../../protocol/limits.ts'
import { DEFAULT_LIMITS } from './service-limits.ts'
import { claimOf, DirectoryScene, type Actor } from './directory-scene.ts'

/** Which reign stands, as an actor is told. */
function askedBy(actor: Actor, at = 1) {
  actor.heard()
  actor.send({ type: 'ask', at })
  const [answer, ...more] = actor.heard()
  expect(more).toEqual([])
  if (answer?.type !== 'stands') throw new Error(`${actor.peer} is told ${answer?.type}`)
  expect(answer.at).toBe(at)
  return answer.claim
}

/** Peer a hosts and has a lease; b was granted the next reign, as it claims for this reason. */
function deposed(how: 'closed' | 'bye' | 'yield') {
  const scene = new DirectoryScene()
  const { a, b } = scene.room('a', 'b')
  expect(askedBy(a)).toEqual(claimOf(1, 'a'))
  if (how === 'closed') a.close()
  if (how === 'bye') a.send({ type: 'bye' })
  if (how === 'yield') a.send({ type: 'yield', term: claimOf(1, 'a').term, to: b.peer })
  b.claim(2, how === 'closed' ? 'closed' : how === 'bye' ? 'goodbye' : 'handover')
  expect(b.verdicts()).toEqual([{ type: 'host', claim: claimOf(2, 'b') }])
  return { scene, a, b }
}

describe('[SG3f] whoever asks which reign stands', () => {
  test('is told, with the number of its question, and nobody else hears of it', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    expect(askedBy(b, 17)).toEqual(claimOf(1, 'a'))
    expect(askedBy(a, 0)).toEqual(claimOf(1, 'a'))
    expect(b.heard()).toEqual([])
  })

  test('in a room that nobody hosts is told so', () => {
    expect(askedBy(new DirectoryScene().join('a'))).toBeNull()
  })
})

describe('[SG3f] a host that asks', () => {
  test('is not confirmed as long as the one before may rest on what it was told', () => {
    const { scene, b } = deposed('closed')
    scene.pass(LEASE_OUT_MS - 1)
    expect(askedBy(b)).toBeNull()
    scene.pass(1)
    expect(askedBy(b)).toEqual(claimOf(2, 'b'))
  })

  test('is confirmed at once where that one never asked, or says goodbye', () => {
    const scene = new DirectoryScene()
    const { a, b } = scene.room('a', 'b')
    a.close()
    b.claim(2, 'closed')
    expect(askedBy(b)).toEqual(claimOf(2, 'b'))
    expect(askedBy(deposed('bye').b)).toEqual(claimOf(2, 'b'))
  })

  test('is confirmed once that one says that it follows', () => {
    const { a, b } = deposed('yield')
    expect(askedBy(b)).toBeNull()
    expect(askedBy(a)).toEqual(claimOf(2, 'b'))
    expect(askedBy(b)).toBeNull()
    a.send({ type: 'know', claim: claimOf(2, 'b') })
    expect(askedBy(b)).toEqual(claimOf(2, 'b'))
  })

  test('and rules on under a higher term is confirmed at once', () => {
    const scene = new DirectoryScene()
    const { a } = scene.room('a', 'b')
    expect(askedBy(a)).toEqual(claimOf(1, 'a'))
    a.claim(2, 'merge')
    expect(askedBy(a)).toEqual(claimOf(2, 'a'))
  })

  test('is confirmed by no service that has just started: it cannot know whom the one before had told', () => {
    const scene = new DirectoryScene({}, { justStarted: true })
    const a = scene.join('a', { claim: claimOf(4, 'a') })
    scene.pass(DEFAULT_LIMITS.restartGraceMs - 1)
    expect(askedBy(a)).toBeNull()
    scene.pass(1)
    expect(askedBy(a)).toEqual(claimOf(4, 'a'))
    expect(DEFAULT_LIMITS.restartGraceMs).toBeGreaterThan(LEASE_MS)
  })

  test('[SG3c] alone is not forgotten with its room as long as it may rest on that', () => {
    const { scene, b } = deposed('closed')
    b.send({ type: 'bye' })
    expect(scene.join('c').heard()).toMatchObject([{ type: 'joined', claim: claimOf(2, 'b') }])
  })
})
