import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Message } from './api.ts'
import { Subscriptions } from './subscriptions.ts'

const message = (seq: number, key = 'k'): Message => ({ key, seq, value: seq })

type Asked = {
  readonly key: string
  readonly after: number
  readonly answer: (messages: readonly Message[]) => void
}

/** Subscriptions over replays that the test answers. */
class Scene {
  readonly asked: Asked[] = []
  readonly reported: unknown[] = []
  readonly subscriptions = new Subscriptions(
    (key, after, answer) => this.asked.push({ key, after, answer }),
    (error) => this.reported.push(error),
  )

  /** Subscribes, and gives back what is heard. */
  hears(after: number | null, key = 'k'): number[] {
    const heard: number[] = []
    this.subscriptions.add(key, ({ seq }) => heard.push(seq), after)
    return heard
  }

  deliver(...seqs: readonly number[]): void {
    for (const seq of seqs) this.subscriptions.deliver(message(seq))
  }

  /** Answers the oldest replay that is open. */
  answer(...seqs: readonly number[]): void {
    this.asked.shift()!.answer(seqs.map((seq) => message(seq)))
  }
}

describe('a subscription', () => {
  test('from now on hears the messages of its key, and asks for nothing', () => {
    const scene = new Scene()
    const heard = scene.hears(null)
    scene.deliver(4, 5)
    scene.subscriptions.deliver(message(6, 'other'))
    expect(heard).toEqual([4, 5])
    expect(scene.asked).toEqual([])
  })

  test('is told key, seq and value', () => {
    const scene = new Scene()
    const heard: Message[] = []
    scene.subscriptions.add('k', (message) => heard.push(message), null)
    scene.deliver(4)
    expect(heard).toEqual([{ key: 'k', seq: 4, value: 4 }])
  })

  test.each(['', '__proto__', 'constructor'])('[RE6] takes %j for a key like any other', (key) => {
    const scene = new Scene()
    const heard = scene.hears(null, key)
    scene.subscriptions.deliver(message(1, key))
    expect(heard).toEqual([1])
  })

  test('hears nothing after its unsubscribe, which works once and again', () => {
    const scene = new Scene()
    const heard: number[] = []
    const off = scene.subscriptions.add('k', ({ seq }) => heard.push(seq), null)
    scene.deliver(1)
    off()
    off()
    scene.deliver(2)
    expect(heard).toEqual([1])
  })

  test('ends alone: another of the same function goes on', () => {
    const scene = new Scene()
    const heard: number[] = []
    const listener = ({ seq }: Message) => void heard.push(seq)
    const off = scene.subscriptions.add('k', listener, null)
    scene.subscriptions.add('k', listener, null)
    off()
    scene.deliver(1)
    expect(heard).toEqual([1])
  })

  test("made after the last one of its key ended is not ended by that one's unsubscribe", () => {
    const scene = new Scene()
    const off = scene.subscriptions.add('k', () => {}, null)
    off()
    const heard = scene.hears(null)
    off()
    scene.deliver(1)
    expect(heard).toEqual([1])
  })

  test('may end while a message is delivered', () => {
    const scene = new Scene()
    const heard: string[] = []
    const off = scene.subscriptions.add(
      'k',
      () => {
        heard.push('first')
        off()
        offSecond()
      },
      null,
    )
    const offSecond = scene.subscriptions.add('k', () => heard.push('second'), null)
    scene.deliver(1, 2)
    expect(heard).toEqual(['first'])
  })

  test('whose listener throws harms nobody, and the room is told', () => {
    const scene = new Scene()
    const error = new Error('a bug of the app')
    scene.subscriptions.add(
      'k',
      () => {
        throw error
      },
      null,
    )
    const heard = scene.hears(null)
    scene.deliver(1, 2)
    expect(heard).toEqual([1, 2])
    expect(scene.reported).toEqual([error, error])
  })
})

describe('[RE5] a subscription with replay', () => {
  test('asks from where it was told, and hears what is retained first', () => {
    const scene = new Scene()
    const heard = scene.hears(7)
    expect(scene.asked).toMatchObject([{ key: 'k', after: 7 }])
    scene.answer(8, 9)
    scene.deliver(10)
    expect(heard).toEqual([8, 9, 10])
  })

  test('hears live messages through the answer that contains them, not twice', () => {
    const scene = new Scene()
    const heard = scene.hears(0)
    scene.deliver(1, 2)
    expect(heard).toEqual([])
    scene.answer(1, 2)
    scene.deliver(3)
    expect(heard).toEqual([1, 2, 3])
  })

  test("beyond the room's end hears live messages all the same", () => {
    const scene = new Scene()
    const heard = scene.hears(500)
    scene.answer()
    scene.deliver(4)
    expect(heard).toEqual([4])
  })

  test('is nothing to the others of its key', () => {
    const scene = new Scene()
    const live = scene.hears(null)
    scene.hears(0)
    scene.deliver(1)
    scene.answer(1)
    expect(live).toEqual([1])
  })

  test('that ended before the answer hears nothing of it', () => {
    const scene = new Scene()
    const heard: number[] = []
    const off = scene.subscriptions.add('k', ({ seq }) => heard.push(seq), 0)
    off()
    scene.answer(1, 2)
    expect(heard).toEqual([])
  })

  test('whose listener throws hears the rest', () => {
    const scene = new Scene()
    const heard: number[] = []
    scene.subscriptions.add(
      'k',
      ({ seq }) => {
        heard.push(seq)
        throw new Error('a bug of the app')
      },
      0,
    )
    scene.answer(1, 2)
    expect(heard).toEqual([1, 2])
    expect(scene.reported).toHaveLength(2)
  })

  test('hears every message once and in order, wherever its answer falls', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 20 }),
        fc.nat({ max: 20 }),
        fc.nat({ max: 20 }),
        (subscribedAt, waits, follows) => {
          const scene = new Scene()
          const room: number[] = []
          const live = (count: number) => {
            for (let i = 0; i < count; i++) {
              room.push(room.length + 1)
              scene.deliver(room.length)
            }
          }
          live(subscribedAt)
          const heard = scene.hears(0)
          live(waits)
          scene.answer(...room)
          live(follows)
          expect(heard).toEqual(room)
        },
      ),
    )
  })
})

describe('[MG5] a reset', () => {
  test('lets a subscription with replay start over from there', () => {
    const scene = new Scene()
    const heard = scene.hears(0)
    scene.answer(1, 2, 3)
    scene.subscriptions.reset(1, 'all')
    expect(scene.asked).toMatchObject([{ key: 'k', after: 1 }])
    scene.deliver(4)
    scene.answer(2, 4)
    expect(heard).toEqual([1, 2, 3, 2, 4])
  })

  test('for what was missed goes on after the last message heard', () => {
    const scene = new Scene()
    scene.hears(0)
    scene.answer(1, 2)
    scene.subscriptions.reset(900, 'all')
    expect(scene.asked).toMatchObject([{ after: 2 }])
  })

  test('leaves alone who listens from now on', () => {
    const scene = new Scene()
    const heard = scene.hears(null)
    scene.deliver(5)
    scene.subscriptions.reset(1, 'all')
    expect(scene.asked).toEqual([])
    scene.deliver(2)
    expect(heard).toEqual([5, 2])
  })

  test('of some keys leaves the others alone', () => {
    const scene = new Scene()
    scene.hears(0)
    scene.hears(0, 'other')
    scene.asked.splice(0).forEach(({ answer }) => answer([]))
    scene.subscriptions.reset(0, ['other'])
    expect(scene.asked.map(({ key }) => key)).toEqual(['other'])
  })

  test('while a replay is open asks anew, where the answer could begin too late', () => {
    const scene = new Scene()
    const heard = scene.hears(7)
    scene.subscriptions.reset(3, 'all')
    scene.answer(8)
    expect(heard).toEqual([])
    expect(scene.asked).toMatchObject([{ after: 3 }])
    scene.answer(4, 8)
    expect(heard).toEqual([4, 8])
  })

  test('while a replay is open that reaches back far enough waits for it', () => {
    const scene = new Scene()
    const heard = scene.hears(0)
    scene.subscriptions.reset(3, 'all')
    expect(scene.asked).toHaveLength(1)
    scene.answer(1, 2)
    expect(heard).toEqual([1, 2])
  })
})

describe('a subscription that takes replays whole', () => {
  function whole(scene: Scene, after = 0): unknown[] {
    const heard: unknown[] = []
    scene.subscriptions.add(
      'k',
      ({ seq }) => heard.push(seq),
      after,
      (messages) => heard.push(messages.map(({ seq }) => seq)),
    )
    return heard
  }

  test('is given one list, even an empty one, and then what follows', () => {
    const scene = new Scene()
    const heard = whole(scene)
    const none = whole(scene)
    scene.deliver(1)
    scene.answer(1, 2)
    scene.answer()
    scene.deliver(3)
    expect([heard, none]).toEqual([
      [[1, 2], 3],
      [[], 3],
    ])
  })

  test('[MG5] is given everything anew after a reset, from where it was told to start', () => {
    const scene = new Scene()
    const heard = whole(scene, 5)
    scene.answer(6, 7, 8)
    scene.subscriptions.reset(7, 'all')
    expect(scene.asked).toMatchObject([{ after: 5 }])
    scene.deliver(9)
    scene.answer(6, 9)
    scene.subscriptions.reset(2, 'all')
    scene.answer(6)
    expect(heard).toEqual([[6, 7, 8], [6, 9], [6]])
  })

  test('waits for the answer that is open when a reset comes', () => {
    const scene = new Scene()
    const heard = whole(scene, 5)
    scene.subscriptions.reset(2, 'all')
    expect(scene.asked).toHaveLength(1)
    scene.answer(6)
    expect(heard).toEqual([[6]])
  })

  test('hears none that was on its way when it ended', () => {
    const scene = new Scene()
    const heard: unknown[] = []
    const off = scene.subscriptions.add(
      'k',
      () => {},
      0,
      (messages) => heard.push(messages),
    )
    off()
    scene.answer(1, 2)
    expect(heard).toEqual([])
  })
})

describe('a listener for everything', () => {
  test('hears every message of every key, live only', () => {
    const scene = new Scene()
    const heard: string[] = []
    const off = scene.subscriptions.addForAll(({ key, seq }) => heard.push(`${key}${seq}`))
    scene.hears(0)
    scene.deliver(1)
    scene.subscriptions.deliver(message(2, 'other'))
    scene.answer(1)
    off()
    scene.deliver(3)
    expect(heard).toEqual(['k1', 'other2'])
  })

  test('counts twice where it is registered twice', () => {
    const scene = new Scene()
    const heard: number[] = []
    const listener = ({ seq }: Message) => void heard.push(seq)
    const off = scene.subscriptions.addForAll(listener)
    scene.subscriptions.addForAll(listener)
    scene.deliver(1)
    off()
    scene.deliver(2)
    expect(heard).toEqual([1, 1, 2])
  })
})

test('once cleared nobody hears anything, not even an open replay', () => {
  const scene = new Scene()
  const heard = scene.hears(0)
  scene.subscriptions.addForAll(({ seq }) => heard.push(seq))
  scene.subscriptions.clear()
  scene.deliver(1)
  scene.answer(1)
  expect(heard).toEqual([])
})

test('[RE5] nothing is heard after the unsubscribe, not even the rest of a replay', () => {
  let answer: (messages: readonly Message[]) => void = () => {}
  const subscriptions = new Subscriptions(
    (_key, _after, a) => {
      answer = a
    },
    () => {},
  )
  const heard: number[] = []
  const off = subscriptions.add(
    'k',
    ({ seq }) => {
      heard.push(seq)
      off()
    },
    0,
  )
  answer([1, 2, 3].map((seq) => ({ key: 'k', seq, value: null })))
  expect(heard).toEqual([1])
})
