import { describe, expect, test } from 'vitest'
import type { BodyOf } from '../protocol/frames.ts'
import type { Replica } from '../replica/replica.ts'
import { snapshotFor } from '../replica/snapshot.ts'
import { G2, H1, Scene, Scribe, type Options } from './session-scene.ts'
import { emptyReplica, writerOf } from '../replica/testing-words.ts'
import { TAIL_ENTRIES_MAX } from '../protocol/limits.ts'
import { index, peer } from '../protocol/testing-ids.ts'

describe('a session without the streams', () => {
  /** What the host holds when `m` joins. */
  function room(): Replica {
    const replica = emptyReplica(true)
    const scribe = new Scribe()
    for (const entry of [scribe.reign(H1), scribe.message('a', 1), scribe.message('a', 2)])
      writerOf(replica).append(entry)
    return replica
  }

  function joining({ asks = false, ...options }: Options & { readonly asks?: boolean } = {}): {
    readonly scene: Scene
    readonly host: Replica
  } {
    const scene = new Scene({ complete: false, ...options })
    const host = room()
    if (asks) scene.replay(1)
    scene.follow(H1)
    scene.welcome({ resume: false, head: 3, headSeq: 2, history: host.history.reigns })
    return { scene, host }
  }

  /** The parts with which the host answers the one fetch that is open. */
  function partsFor(scene: Scene, host: Replica): BodyOf<'part'>[] {
    const fetches = scene.sent().filter((body): body is BodyOf<'fetch'> => body.type === 'fetch')
    expect(fetches).toHaveLength(1)
    const all = [...snapshotFor(host, fetches[0]!.ends, []).parts]
    return all.map((bytes, number) => ({
      type: 'part',
      request: fetches[0]!.request,
      number,
      last: number === all.length - 1,
      bytes,
    }))
  }

  test('fetches them from the host, takes each part, and says when it has them', () => {
    const { scene, host } = joining()
    const parts = partsFor(scene, host)
    for (const part of parts) scene.receive(part)
    expect(scene.replica.engine?.size('of a')).toBe(2)
    const sent = scene.sent()
    expect(sent.slice(0, -1)).toEqual(
      parts.slice(0, -1).map(({ request, number }) => ({ type: 'part-taken', request, number })),
    )
    expect(sent.at(-1)).toMatchObject({ type: 'report', index: 3, complete: true })
  })

  test('[RE5] follows meanwhile, and misses nothing of either', () => {
    const { scene, host } = joining()
    const parts = partsFor(scene, host)
    scene.entries([new Scribe(3, 2).message('a', 3)])
    for (const part of parts) scene.receive(part)
    scene.entries([new Scribe(4, 3).message('a', 4)])
    expect(scene.replica.engine?.size('of a')).toBe(4)
    expect(scene.delivered()).toBe('a3@3 a4@4')
  })

  test('fetches them where it may not host but is to hold them', () => {
    const { scene } = joining({ canHost: false, holdsStreams: true })
    expect(scene.sent().map(({ type }) => type)).toContain('fetch')
  })

  test('fetches none where it may not host', () => {
    const { scene } = joining({ canHost: false })
    expect(scene.sent().map(({ type }) => type)).not.toContain('fetch')
  })

  describe('whose app has asked for a replay', () => {
    const typesSent = (scene: Scene) => scene.sent().map(({ type }) => type)
    const answer = (scene: Scene, last: boolean) =>
      scene.receive({ type: 'replayed', nonce: scene.nonce, request: 1, items: [], last })

    test('[MG4c] fetches them after the whole answer', () => {
      const { scene } = joining({ asks: true })
      expect(typesSent(scene)).toEqual(['hello', 'report'])
      answer(scene, false)
      expect(typesSent(scene)).toEqual([])
      answer(scene, true)
      expect(typesSent(scene)).toEqual(['fetch'])
    })

    test('[MG4c] fetches them after a while, where no answer comes, and once', () => {
      const { scene } = joining({ asks: true })
      scene.pass(999)
      expect(typesSent(scene)).not.toContain('fetch')
      scene.pass(1)
      expect(typesSent(scene)).toEqual(['fetch'])
      answer(scene, true)
      expect(typesSent(scene)).toEqual([])
    })

    test('[MG4c] lets nothing go of what comes meanwhile', () => {
      const { scene } = joining({ asks: true })
      scene.entries(new Scribe(3, 2).messages('b', TAIL_ENTRIES_MAX + 10))
      expect(scene.replica.log.after(index(3))).toHaveLength(TAIL_ENTRIES_MAX + 10)
    })

    test('[MG4c] that asks again with the next host fetches from that one at once', () => {
      const { scene } = joining({ asks: true })
      answer(scene, true)
      scene.replay(2)
      scene.follow(G2)
      scene.forget()
      scene.welcome({ head: 3, headSeq: 2 })
      expect(typesSent(scene)).toEqual(['report', 'fetch'])
    })
  })

  test('begins anew with the next host: parts of the one before are nothing', () => {
    const { scene, host } = joining()
    const parts = partsFor(scene, host)
    scene.follow(G2)
    scene.forget()
    for (const part of parts) scene.receive(part)
    expect(scene.replica.complete).toBe(false)
    expect(scene.outputs()).toEqual([])
    scene.welcome({ head: 3, headSeq: 2 })
    for (const part of partsFor(scene, host)) scene.receive(part)
    expect(scene.replica.complete).toBe(true)
  })

  test('tells of a host that sends what no Baton sends', () => {
    const { scene, host } = joining()
    const [part] = partsFor(scene, host)
    scene.receive({ ...part!, bytes: Uint8Array.of(99) })
    expect(scene.all('misbehaved')).toMatchObject([{ peer: peer('h') }])
  })
})
