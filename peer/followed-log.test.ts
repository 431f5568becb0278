import { describe, expect, test } from 'vitest'
import type { Claim, Seq, Term } from '../protocol/ids.ts'
import type { ReignPlace } from '../protocol/frames.ts'
import { index, opId, peer, seq } from '../protocol/testing-ids.ts'
import { G2, H1, op, Scene, Scribe } from './session-scene.ts'

describe("a log that parted from the new host's", () => {
  const history: readonly ReignPlace[] = [
    { number: 1, claim: H1, index: index(2), seq: seq(1) },
    { number: 2, claim: G2, index: index(3), seq: seq(1) },
  ]
  const parted = { resume: false, head: 3, headSeq: 1, history }

  /** `a1` is common; `a2`, `m1` and `b1` stood only in the branch of `h`. */
  function branched(stable = 0): Scene {
    const scribe = new Scribe()
    const scene = new Scene()
    scene.submit(op('m', 1))
    scene.follow(H1)
    scene.welcome({ head: 5 })
    scene.entries(
      [
        scribe.reign(H1),
        scribe.message('a', 1),
        scribe.message('a', 2),
        scribe.message('m', 1),
        scribe.message('b', 1),
      ],
      stable,
    )
    scene.follow(G2)
    scene.forget()
    return scene
  }

  test('is cut back first: no entry of the new reign before that', () => {
    const scene = branched()
    scene.entries([new Scribe(5, 4).message('a', 3)])
    expect(scene.outputs()).toEqual([])
    scene.welcome(parted)
    expect(scene.replica.lastIndex).toBe(3)
    scene.entries([new Scribe(3, 1).message('c', 1)])
    expect(scene.delivered()).toBe('c1@2')
  })

  test("[MG5] has its surplus submitted again under the old names, the others' first", () => {
    const scene = branched()
    scene.welcome(parted)
    expect(scene.submitted()).toBe('a2 b1 m1')
  })

  test('[MG4] gives back what was acknowledged there, without a second receipt', () => {
    const scene = branched(5)
    expect(scene.outbox.pending).toBe(0)
    scene.welcome(parted)
    const scribe = new Scribe(3, 1)
    expect(scene.submitted()).toBe('a2 m1 b1')
    scene.entries([scribe.message('a', 2), scribe.message('m', 1), scribe.message('b', 1)], 6)
    expect(scene.outcomes()).toEqual([])
  })

  test('[MG5] tells of a conflict where the room cannot take back what was acknowledged there', () => {
    const scene = branched(5)
    scene.welcome(parted)
    scene.forget()
    scene.entries([new Scribe(3, 1).refusal('m', 1, 'room-full')], 4)
    expect(scene.outcomes()).toEqual(['1 in conflict room-full'])
  })

  test('[MG5] keeps its surplus set aside through a second disconnect, until it is back in the log', () => {
    const scene = branched()
    scene.welcome(parted)
    scene.reconnect()
    scene.forget()
    scene.welcome({ head: 3, headSeq: 1 })
    expect(scene.submitted()).toBe('a2 b1 m1')
    scene.entries([new Scribe(3, 1).message('b', 1)])
    scene.reconnect()
    scene.forget()
    scene.welcome({ head: 4, headSeq: 2 })
    expect(scene.submitted()).toBe('a2 m1')
  })

  test('[PE9] keeps what it wrote alone, though the host has forgotten the reign of that', () => {
    const lately = { number: 300, claim: G2, index: index(900), seq: seq(700) }
    const ofRoom = { ...parted, head: 900, headSeq: 700, history: [history[0]!, lately] }
    const scene = branched(5)
    scene.welcome(ofRoom)
    expect(scene.submitted()).toBe('a2 m1 b1')
    const again = branched(5)
    again.welcome(ofRoom)
    expect(again.all('reset')).toMatchObject([{ seq: 1, headSeq: 700, reason: 'rewound' }])
  })

  test('[PE9] whose host shares no reign with it is submitted whole', () => {
    const scene = branched(5)
    const elsewhere = { number: 1, claim: G2, index: index(9), seq: seq(7) }
    scene.welcome({ ...parted, head: 9, headSeq: 7, history: [elsewhere] })
    expect(scene.submitted()).toBe('a1 a2 m1 b1')
  })

  test('[MG5] is told to the app once, with the keys that changed under it', () => {
    const scene = branched()
    scene.welcome(parted)
    expect(scene.all('reset')).toEqual([
      { type: 'reset', seq: 1, headSeq: 1, keys: ['of a', 'of m', 'of b'], reason: 'rewound' },
    ])
    expect(scene.session.lastSeq).toBe(1)
  })

  test('[MG5] is told with all keys where the new log holds what this page never saw', () => {
    const scene = branched()
    scene.welcome({ ...parted, head: 9, headSeq: 6 })
    expect(scene.all('reset')).toEqual([
      { type: 'reset', seq: 1, headSeq: 6, keys: 'all', reason: 'rewound' },
    ])
  })

  test('that only fell too far behind was not rewound: it missed some', () => {
    const scene = Scene.live([new Scribe().reign(H1), new Scribe(1).message('a', 1)])
    scene.reconnect()
    scene.forget()
    scene.welcome({ resume: false, head: 1_000, headSeq: 900, history: history.slice(0, 1) })
    expect(scene.all('reset')).toMatchObject([{ seq: 1, headSeq: 900, reason: 'missed' }])
  })

  test('submits again what a host that is gone had told a place for, beyond what came of its log', () => {
    const scene = Scene.live([new Scribe().reign(H1)], 1)
    scene.submit(op('m', 1))
    scene.reconnect()
    scene.welcome({ head: 1 })
    scene.receive({
      type: 'repeated',
      nonce: 2,
      repeats: [{ author: peer('m'), opId: opId(1), index: index(5), seq: 4 as Seq, code: null }],
    })
    scene.forget()
    scene.reconnect()
    scene.welcome({ head: 1 })
    expect(scene.submitted()).toBe('m1')
  })

  test('[EL5b] that finds more or less of the room in the host’s streams reads it anew from there', () => {
    const scene = Scene.live([new Scribe().reign(H1), new Scribe(1).message('a', 1)], 2)
    for (const to of [4, 4, 2]) {
      scene.reconnect()
      scene.welcome({ head: 2, headSeq: 1, lacks: [{ from: 1 as Seq, to: to as Seq }] })
    }
    const missed = { type: 'reset', headSeq: 1, keys: 'all', reason: 'missed' }
    expect(scene.all('reset')).toEqual([
      { ...missed, seq: 0 },
      { ...missed, seq: 1 },
    ])
  })

  test('[EL5b] that starts over where streams were filled in reads anew what was', () => {
    const scribe = new Scribe()
    const scene = Scene.live([scribe.reign(H1), scribe.message('a', 1), scribe.message('a', 2)])
    scene.reconnect()
    scene.welcome({ head: 3, headSeq: 2, lacks: [{ from: seq(1), to: seq(1) }] })
    scene.reconnect()
    scene.forget()
    scene.welcome({ resume: false, head: 1_000, headSeq: 900, history: history.slice(0, 1) })
    expect(scene.all('reset')).toEqual([
      { type: 'reset', seq: 0, headSeq: 900, keys: 'all', reason: 'missed' },
    ])
  })

  test('[EL5b] that finds less of the room in the host’s streams does not fold what it had seen', () => {
    const scene = Scene.live([new Scribe().reign(H1), new Scribe(1).message('a', 1)], 2)
    scene.session.unlinked()
    scene.submit({
      action: 'compact',
      author: peer('m'),
      opId: opId(1),
      key: 'k',
      value: new Uint8Array(),
      seq: 1 as Seq,
      basis: H1,
    })
    scene.reconnect()
    scene.welcome({ head: 2, headSeq: 1, lacks: [{ from: 1 as Seq, to: 1 as Seq }] })
    expect(scene.sent().at(-1)).toMatchObject({
      type: 'submit',
      ops: [{ action: 'void', opId: 1, code: 'compact-outdated' }],
    })
  })

  test('[EL5c] that left its log for a room whose streams are lost goes back to it, once under a reign', () => {
    const scene = Scene.live([new Scribe().reign(H1), new Scribe(1).message('a', 1)], 2)
    const reigns = [2, 3].map((term): Claim => ({ term: term as Term, host: peer('i') }))
    const ofRoom = {
      head: 10,
      headSeq: 8,
      history: [{ number: 1, claim: reigns[0]!, index: index(1), seq: seq(0) }],
    }
    scene.follow(reigns[0]!)
    scene.welcome({ resume: false, ...ofRoom })
    scene.follow(reigns[1]!)
    scene.forget()
    scene.welcome({ ...ofRoom, lacks: [{ from: seq(1), to: seq(8) }] })
    scene.pass(0)
    const [reset, greeting] = scene.outputs()
    expect(reset).toEqual({ type: 'reset', seq: 0, headSeq: 1, keys: 'all', reason: 'rewound' })
    expect(greeting).toMatchObject({
      body: {
        type: 'hello',
        position: { claim: H1, index: 2 },
        headSeq: 1,
        stable: 2,
        complete: true,
        lacks: [],
      },
    })
    scene.welcome({ resume: false, ...ofRoom, lacks: [{ from: seq(1), to: seq(8) }] })
    scene.reconnect()
    scene.welcome({ ...ofRoom, lacks: [{ from: seq(1), to: seq(8) }] })
    scene.forget()
    scene.pass(0)
    expect(scene.sent()).toEqual([])
    expect(scene.session.lastSeq).toBe(8)
  })

  test('[EL5c] that left an empty log for such a room stays with the room', () => {
    const scene = new Scene()
    const claim: Claim = { term: 2 as Term, host: peer('i') }
    const ofRoom = {
      head: 10,
      headSeq: 8,
      history: [{ number: 1, claim, index: index(1), seq: seq(0) }],
    }
    scene.follow(claim)
    scene.welcome({ resume: false, ...ofRoom })
    scene.follow({ ...claim, term: 3 as Term })
    scene.welcome({ ...ofRoom, lacks: [{ from: seq(1), to: seq(8) }] })
    expect(scene.all('live')).toHaveLength(2)
    expect(scene.session.lastSeq).toBe(8)
  })

  test('is no reset for a newcomer: joining replays nothing, and nothing was missed', () => {
    const scene = new Scene({ complete: false })
    scene.follow(H1)
    scene.welcome({ resume: false, head: 1_000, headSeq: 900, history: history.slice(0, 1) })
    expect(scene.all('reset')).toEqual([])
    expect(scene.session.lastSeq).toBe(900)
  })
})

describe('the replica', () => {
  test('is not changed by the session of a peer that leads', () => {
    const scene = Scene.live()
    scene.session.release()
    expect(() => scene.entries([new Scribe(1).message('a', 1)])).toThrow()
  })

  test('has one writer: it is handed over once, and comes back once', () => {
    const { session } = Scene.live()
    const writer = session.release()
    expect(() => session.release()).toThrow()
    session.regain(writer)
    expect(() => session.regain(writer)).toThrow()
  })
})
