import { describe, expect, test } from 'vitest'
import { ACK_BYTES, ACK_ENTRIES, HELLO_TIMEOUT_MS, WINDOW_OPS_MAX } from '../protocol/limits.ts'
import type { Index, Seq } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { BodyOf, Position } from '../protocol/frames.ts'
import { claimOf, index, opId, peer, seq } from '../protocol/testing-ids.ts'
import { G2, H1, op, Scene, Scribe } from './session-scene.ts'
import { writerOf } from '../replica/testing-words.ts'

describe('a session greets', () => {
  test('nobody while it knows no host', () => {
    const scene = new Scene()
    scene.take(scene.session.linked(0))
    scene.submit(op('m', 1))
    scene.replay(1)
    scene.pass(60_000)
    expect(scene.outputs()).toEqual([])
  })

  test('a host as soon as there is a link', () => {
    const scene = new Scene()
    scene.follow(H1, false)
    expect(scene.outputs()).toEqual([])
    scene.take(scene.session.linked(0))
    expect(scene.outputs()).toEqual([
      {
        type: 'send',
        to: peer('h'),
        body: {
          type: 'hello',
          claim: H1,
          nonce: 1,
          position: null,
          headSeq: 0 as Seq,
          stable: 0 as Index,
          past: 0 as Index,
          complete: true,
          lacks: [],
          canHost: true,
          visible: true,
          replay: null,
        },
      },
    ])
  })

  test('with the place where its log stands', () => {
    const scene = Scene.live([new Scribe().reign(H1), new Scribe(1).message('a', 1)])
    scene.follow(G2)
    expect(scene.sent()).toMatchObject([
      { type: 'hello', claim: G2, position: { claim: H1, index: 2 } },
    ])
  })

  test('again after a while without an answer, as a new connection', () => {
    const scene = new Scene()
    scene.follow(H1)
    scene.forget()
    scene.pass(HELLO_TIMEOUT_MS - 1)
    expect(scene.outputs()).toEqual([])
    scene.pass(1)
    expect(scene.sent()).toMatchObject([{ type: 'hello', nonce: 2 }])
  })

  test('no more once it was answered', () => {
    const scene = Scene.live()
    scene.pass(60_000)
    expect(scene.sent().map(({ type }) => type)).not.toContain('hello')
  })
})

describe('before the answer to its hello a session', () => {
  test('submits nothing', () => {
    const scene = new Scene()
    scene.outbox.setAside([op('a', 4)])
    scene.submit(op('m', 1))
    scene.follow(H1)
    scene.submit(op('m', 2))
    scene.pass(1)
    expect(scene.sent().map(({ type }) => type)).toEqual(['hello'])
  })

  test('asks for no replay', () => {
    const scene = new Scene()
    scene.follow(H1)
    scene.replay(1)
    expect(scene.sent().map(({ type }) => type)).toEqual(['hello'])
  })

  test("takes no entry: a woken former host would read another's positions as its own", () => {
    const scene = new Scene()
    scene.follow(H1)
    scene.forget()
    scene.entries([new Scribe().reign(H1), new Scribe(1).message('a', 1)], 2)
    expect(scene.outputs()).toEqual([])
    expect(scene.replica.lastIndex).toBe(0)
  })

  test('takes no entry of the next reign either, and gives no receipt for it', () => {
    const scribe = new Scribe()
    const scene = Scene.live([scribe.reign(H1)])
    scene.submit(op('m', 1))
    scene.follow(G2)
    scene.forget()
    scene.entries([scribe.message('m', 1)], 2)
    expect(scene.outputs()).toEqual([])
    expect(scene.session.isLive).toBe(false)
  })
})

describe('after the answer a session', () => {
  test('submits what was set aside first, then what waited, in order', () => {
    const scene = new Scene()
    scene.submit(op('m', 1))
    scene.outbox.setAside([op('a', 4)])
    scene.submit(op('m', 2))
    scene.follow(H1)
    scene.welcome()
    expect(scene.submitted()).toBe('a4 m1 m2')
  })

  test('first catches up with what the answer promised', () => {
    const scribe = new Scribe()
    const scene = new Scene()
    scene.submit(op('m', 1))
    scene.follow(H1)
    scene.welcome({ head: 3 })
    scene.forget()
    scene.entries([scribe.reign(H1), scribe.message('a', 1)])
    expect(scene.session.isLive).toBe(false)
    expect(scene.submitted()).toBe('')
    scene.entries([scribe.message('a', 2)])
    expect(scene.session.isLive).toBe(true)
    expect(scene.submitted()).toBe('m1')
  })

  test('says that it is live, and how far it got', () => {
    const scene = new Scene()
    scene.follow(H1)
    scene.forget()
    scene.welcome()
    expect(scene.outputs()).toEqual([
      { type: 'live', claim: H1 },
      {
        type: 'send',
        to: peer('h'),
        body: { type: 'report', nonce: 1, index: 0, complete: true, visible: true },
      },
    ])
  })

  test('tells the host what it can supply no more', () => {
    const scene = Scene.live([new Scribe().reign(H1)])
    scene.submit(op('m', 1), op('m', 2))
    scene.entries([new Scribe(1).message('m', 1)], 2)
    scene.forget()
    scene.submit(op('m', 3))
    expect(scene.sent()).toMatchObject([{ type: 'submit', floor: 2, ops: [{ opId: 3 }] }])
  })
})

describe('an answer to an earlier connection', () => {
  /** Live on a second connection of the same reign, with one op on its way and a replay open. */
  function reconnected(): Scene {
    const scene = Scene.live()
    scene.submit(op('m', 1), op('m', 2))
    scene.replay(7)
    scene.reconnect()
    scene.welcome({ head: 1 })
    scene.forget()
    return scene
  }

  test('is ignored: a welcome', () => {
    const scene = Scene.live()
    scene.reconnect()
    scene.forget()
    scene.welcome({ nonce: 1 })
    expect(scene.outputs()).toEqual([])
    expect(scene.session.isLive).toBe(false)
  })

  test('is ignored: the welcome to a hello that was said again', () => {
    const scene = new Scene()
    scene.follow(H1)
    scene.pass(HELLO_TIMEOUT_MS)
    scene.welcome({ nonce: 1 })
    expect(scene.session.isLive).toBe(false)
    scene.welcome({ nonce: 2 })
    expect(scene.session.isLive).toBe(true)
  })

  test('is ignored: a replay', () => {
    const scene = reconnected()
    scene.receive({ type: 'replayed', last: true, nonce: 1, request: 2, items: [] })
    expect(scene.outputs()).toEqual([])
    scene.receive({ type: 'replayed', last: true, nonce: 2, request: 2, items: [] })
    expect(scene.outputs()).toEqual([{ type: 'replayed', request: 7, items: [] }])
  })

  test('is ignored: a repeat', () => {
    const scene = reconnected()
    const repeats = [{ author: peer('m'), opId: opId(1), index: index(0), seq: seq(0), code: null }]
    scene.receive({ type: 'repeated', nonce: 1, repeats })
    expect(scene.outcomes()).toEqual([])
    scene.receive({ type: 'repeated', nonce: 2, repeats })
    expect(scene.outcomes()).toEqual(['1 receipt-unknown'])
  })

  test('is ignored: a gap', () => {
    const scene = reconnected()
    scene.receive({ type: 'gap', nonce: 1, author: peer('m'), expected: opId(1) })
    expect(scene.submitted()).toBe('')
    scene.receive({ type: 'gap', nonce: 2, author: peer('m'), expected: opId(2) })
    expect(scene.submitted()).toBe('m2')
  })
})

describe('what the host orders', () => {
  test("[RE2] is delivered in order, the session's own included", () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    scene.entries([scribe.message('a', 1), scribe.message('m', 1)])
    scene.entries([scribe.message('a', 2)])
    expect(scene.delivered()).toBe('a1@1 m1@2 a2@3')
    expect(scene.session.lastSeq).toBe(3)
    expect(scene.session.position).toEqual({ claim: H1, index: 4 })
  })

  test('[RE4] is delivered only where it is a message', () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    scene.entries([
      scribe.message('a', 1),
      scribe.compaction('a', 2, 1),
      scribe.refusal('a', 3, 'room-full'),
      scribe.message('a', 4),
    ])
    expect(scene.delivered()).toBe('a1@1 a4@2')
  })

  test('[RE2] is delivered once, though it comes twice', () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    const [first, second] = [scribe.message('a', 1), scribe.message('a', 2)]
    scene.entries([first])
    scene.entries([first, second])
    expect(scene.delivered()).toBe('a1@1 a2@2')
  })

  test('goes into the replica', () => {
    const scene = Scene.live()
    scene.entries([new Scribe(1).message('a', 1)])
    expect(scene.replica.lastIndex).toBe(2)
    expect(scene.replica.engine?.size('of a')).toBe(1)
  })

  test.each<readonly [string, Entry]>([
    ['leaves out an entry', new Scribe(2).message('a', 1)],
    ['leaves out a seq', new Scribe(1, 1).message('a', 1)],
    ['orders an op for the second time', new Scribe(1).message('m', 1)],
  ])('is refused where it %s', (_, wrong) => {
    const scene = Scene.live()
    scene.replica.ops.take(peer('m'), opId(1))
    scene.entries([wrong])
    expect(scene.outputs()).toMatchObject([{ type: 'misbehaved', peer: peer('h') }])
    expect(scene.replica.lastIndex).toBe(1)
    expect(scene.session.lastSeq).toBe(0)
  })

  test("moves the session into the next reign with that reign's first entry", () => {
    const scene = Scene.live()
    scene.follow(G2)
    scene.welcome({ head: 2 })
    expect(scene.session.position?.claim).toEqual(H1)
    scene.entries([new Scribe(1).reign(G2)])
    expect(scene.session.position).toEqual({ claim: G2, index: 2 })
  })

  test('is in the replica already where a host follows itself', () => {
    const scene = new Scene()
    const [reign, message] = [new Scribe().reign(claimOf(1, 'm')), new Scribe(1).message('m', 1)]
    for (const entry of [reign, message]) writerOf(scene.replica).append(entry)
    scene.follow(claimOf(1, 'm'))
    scene.welcome({ head: 2 })
    scene.forget()
    scene.entries([reign, message], 2)
    expect(scene.delivered()).toBe('m1@1')
    expect(scene.replica.lastIndex).toBe(2)
  })
})

describe('[MG4] a receipt', () => {
  test('is given when the entry is stable, whichever comes last', () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    scene.submit(op('m', 1), op('m', 2))
    scene.entries([scribe.message('m', 1)], 1)
    expect(scene.outcomes()).toEqual([])
    scene.entries([], 2)
    expect(scene.outcomes()).toEqual(['1 at 1'])
    scene.entries([scribe.message('m', 2)], 3)
    expect(scene.outcomes()).toEqual(['2 at 2'])
  })

  test('is given for an entry that comes after the word that it is stable', () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    scene.submit(op('m', 1))
    scene.entries([], 2)
    expect(scene.outcomes()).toEqual([])
    scene.entries([scribe.message('m', 1)], 2)
    expect(scene.outcomes()).toEqual(['1 at 1'])
  })

  test('is not given on an acknowledgement alone', () => {
    const scene = Scene.live()
    scene.submit(op('m', 1))
    scene.forget()
    scene.receive({
      type: 'repeated',
      nonce: 1,
      repeats: [{ author: peer('m'), opId: opId(1), index: index(5), seq: seq(3), code: null }],
    })
    expect(scene.outcomes()).toEqual([])
    scene.entries([], 5)
    expect(scene.outcomes()).toEqual(['1 at 3'])
  })

  test('[MG3] makes room for the next op, even if the room had all of the window already', () => {
    const scene = Scene.live()
    const ops = Array.from({ length: WINDOW_OPS_MAX + 1 }, (_, i) => op('m', i + 1))
    scene.submit(...ops)
    scene.forget()
    scene.receive({
      type: 'repeated',
      nonce: 1,
      repeats: ops.slice(0, -1).map(({ author, opId }) => ({
        author,
        opId,
        index: index(opId + 1),
        seq: seq(opId),
        code: null,
      })),
    })
    expect(scene.all('send').map(({ body }) => body)).toMatchObject([
      { type: 'submit', ops: [{ opId: WINDOW_OPS_MAX + 1 }] },
    ])
  })

  test('of a compaction names the seq that it folded up to', () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    scene.entries([...scribe.messages('a', 3)])
    scene.submit({
      action: 'compact',
      author: peer('m'),
      opId: opId(1),
      key: 'of a',
      value: new Uint8Array(),
      seq: seq(2),
      basis: H1,
    })
    scene.forget()
    scene.entries([scribe.compaction('m', 1, 2)], 5)
    expect(scene.outcomes()).toEqual(['1 at 2'])
  })

  test('says what was refused', () => {
    const scene = Scene.live()
    scene.submit(op('m', 1))
    scene.forget()
    scene.entries([new Scribe(1).refusal('m', 1, 'room-full')], 2)
    expect(scene.outcomes()).toEqual(['1 room-full'])
  })
})

describe('what is on its way', () => {
  test('[MG3] goes out again to a new host, and waits no longer for the old one', () => {
    const scene = Scene.live()
    scene.submit(op('m', 1))
    scene.follow(G2)
    scene.forget()
    scene.welcome({ head: 1 })
    expect(scene.submitted()).toBe('m1')
  })

  test('[MG3] goes out again from where the host lacks it', () => {
    const scene = Scene.live()
    scene.submit(op('m', 1), op('m', 2), op('m', 3))
    scene.forget()
    scene.receive({ type: 'gap', nonce: 1, author: peer('m'), expected: opId(2) })
    expect(scene.submitted()).toBe('m2 m3')
  })

  test('[MG6] waits while there is no link, and goes out on the next', () => {
    const scene = Scene.live()
    scene.session.unlinked()
    scene.submit(op('m', 1))
    expect(scene.outputs()).toEqual([])
    scene.take(scene.session.linked(0))
    scene.welcome({ head: 1 })
    expect(scene.submitted()).toBe('m1')
  })

  test('[MG3] does not go out again where the catching-up shows it in the log', () => {
    const scene = Scene.live()
    scene.submit(op('m', 1), op('m', 2))
    scene.follow(G2)
    scene.forget()
    scene.welcome({ head: 3 })
    scene.entries([new Scribe(1).message('m', 1), new Scribe(2, 1).reign(G2)])
    expect(scene.submitted()).toBe('m2')
  })
})

describe('a report', () => {
  const reports = (scene: Scene) =>
    scene.sent().filter((body): body is BodyOf<'report'> => body.type === 'report')

  test('[MG4] of a standby comes with every entry: its word decides what is stable', () => {
    const scene = Scene.live([new Scribe().reign(H1, 'm')])
    scene.entries([new Scribe(1).message('a', 1)])
    expect(reports(scene)).toMatchObject([{ index: 2, complete: true }])
  })

  test('of anyone else comes now and then, and with the next tick', () => {
    const scribe = new Scribe(1)
    const scene = Scene.live()
    scene.entries(scribe.messages('a', ACK_ENTRIES - 1))
    expect(reports(scene)).toEqual([])
    scene.entries([scribe.message('b', 1)])
    expect(reports(scene)).toMatchObject([{ index: ACK_ENTRIES + 1 }])
    scene.entries([scribe.message('b', 2)])
    expect(reports(scene)).toEqual([])
    scene.pass(1)
    expect(reports(scene)).toMatchObject([{ index: ACK_ENTRIES + 2 }])
    scene.pass(1)
    expect(reports(scene)).toEqual([])
  })

  test('of anyone else comes after many bytes, however few the entries', () => {
    const scene = Scene.live()
    scene.entries([new Scribe(1).message('a', 1, ACK_BYTES)])
    expect(reports(scene)).toMatchObject([{ index: 2 }])
  })

  test('[EL2] tells at once that the page was hidden', () => {
    const scene = Scene.live()
    scene.take(scene.session.visible(false))
    expect(reports(scene)).toMatchObject([{ visible: false }])
  })
})

describe('[RE5] a replay', () => {
  test('is asked for again where the host welcomes once more, without a hello', () => {
    const scene = Scene.live()
    scene.replay(1)
    scene.forget()
    scene.welcome({ head: 1 })
    const asked = scene
      .outputs()
      .flatMap((output) =>
        output.type === 'send' && output.body.type === 'replay' ? [output.body.request] : [],
      )
    expect(asked).toEqual([2])
  })

  test('is asked of the host at once where messages flow, and answered once', () => {
    const scene = Scene.live()
    scene.replay(1)
    expect(scene.sent()).toEqual([
      { type: 'replay', nonce: 1, request: 1, queries: [{ key: 'k', after: 0 }] },
    ])
    for (let i = 0; i < 2; i++)
      scene.receive({ type: 'replayed', last: true, nonce: 1, request: 1, items: [] })
    expect(scene.all('replayed')).toHaveLength(1)
  })

  test('[MG6 WI2] that a host left open is asked of the next, with the hello', () => {
    const scene = Scene.live()
    scene.replay(1)
    scene.forget()
    scene.follow(G2)
    const replay = { request: 2, queries: [{ key: 'k', after: 0 }] }
    expect(scene.sent()).toMatchObject([{ type: 'hello', nonce: scene.nonce, replay }])
    scene.forget()
    scene.welcome({ head: 1 })
    expect(scene.sent().map(({ type }) => type)).not.toContain('replay')
    scene.receive({ type: 'replayed', last: true, nonce: scene.nonce, request: 2, items: [] })
    expect(scene.outputs()).toContainEqual({ type: 'replayed', request: 1, items: [] })
  })

  test('[WI2] that comes after the hello waits for the one in it, and is asked next', () => {
    const scene = Scene.live()
    scene.replay(1)
    scene.follow(G2)
    scene.replay(2)
    scene.welcome({ head: 1 })
    scene.forget()
    scene.receive({ type: 'replayed', last: true, nonce: scene.nonce, request: 2, items: [] })
    expect(scene.sent()).toContainEqual({
      type: 'replay',
      nonce: scene.nonce,
      request: 3,
      queries: [{ key: 'k', after: 0 }],
    })
  })

  test('[WI2] goes with each hello that is said again, under another number', () => {
    const scene = Scene.live()
    scene.replay(1)
    scene.follow(G2)
    scene.forget()
    scene.follow(G2)
    expect(scene.sent()).toMatchObject([{ type: 'hello', replay: { request: 3 } }])
  })

  test("that nobody asked for is nobody's", () => {
    const scene = Scene.live()
    scene.receive({ type: 'replayed', last: true, nonce: 1, request: 99, items: [] })
    expect(scene.outputs()).toEqual([])
  })
})

test('a position is null before the first entry, and a place after', () => {
  const scene = new Scene()
  expect(scene.session.position).toBeNull()
  scene.follow(H1)
  scene.welcome({ head: 1 })
  scene.entries([new Scribe().reign(H1)])
  expect(scene.session.position).toEqual<Position>({ claim: H1, index: index(1) })
})

describe('[MG4d] messages of its own that it is told the places of', () => {
  const taken = (from: number, count: number, stable = 1) =>
    ({
      type: 'taken',
      stable: index(stable),
      index: index(2),
      seq: seq(1),
      opId: opId(from),
      count,
    }) as const

  test('are delivered, kept, and settled once they are stable', () => {
    const scene = Scene.live()
    scene.submit(op('m', 1), op('m', 2, 9))
    scene.forget()
    scene.receive(taken(1, 2))
    const [delivered] = scene.all('deliver')
    expect(delivered?.messages).toEqual([
      { key: 'of m', seq: 1, author: peer('m'), value: op('m', 1).value },
      { key: 'of m', seq: 2, author: peer('m'), value: op('m', 2, 9).value },
    ])
    expect(scene.replica.log.at(index(3))).toEqual({
      type: 'message',
      index: 3,
      seq: 2,
      op: op('m', 2, 9),
    })
    scene.receive(taken(1, 0, 3))
    expect(scene.all('outcome').map(({ outcome }) => outcome)).toMatchObject([
      { type: 'settled', ticket: 1, seq: 1 },
      { type: 'settled', ticket: 2, seq: 2 },
    ])
  })

  test.each([
    ['that it never sent', taken(2, 1)],
    ['of which it sent the first alone', taken(1, 2)],
    ['without an end', taken(1, Number.MAX_SAFE_INTEGER)],
  ])('are nothing, where the host names some %s: the link is made anew', (_, frame) => {
    const scene = Scene.live()
    scene.submit(op('m', 1))
    scene.forget()
    scene.receive(frame)
    expect(scene.outputs()).toMatchObject([{ type: 'misbehaved', peer: H1.host }])
    expect(scene.replica.lastIndex).toBe(1)
  })

  test('are no compactions', () => {
    const scene = Scene.live()
    const compaction = new Scribe(1).compaction('m', 1, 1)
    if (compaction.type !== 'compaction') throw new Error('this is a compaction')
    scene.submit(compaction.op)
    scene.forget()
    scene.receive(taken(1, 1))
    expect(scene.all('misbehaved')).toHaveLength(1)
  })

  test('do not count before the welcome', () => {
    const scene = new Scene()
    scene.follow(H1)
    scene.forget()
    scene.receive(taken(1, 1))
    expect(scene.outputs()).toEqual([])
  })
})
