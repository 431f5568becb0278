// Owns the drawing of good histories: what a room that is right by construction shows while pages
// come, send, lag, ask, crash and leave, while it falls apart and meets again.

import * as fc from 'fast-check'
import type { HistoryEvent } from './history.ts'
import { ModelRoom } from './model-room.ts'

type Step = readonly [kind: (typeof KINDS)[number], who: number, what: number, many: number]

const KINDS = [
  'join',
  'invoke',
  'order',
  'deliver',
  'miss',
  'replay',
  'crash',
  'leave',
  'split',
  'heal',
] as const
const ACTIONS = ['append', 'append', 'append', 'relay', 'replace', 'compact', 'compact'] as const
const KEYS = ['log', 'a', '', '__proto__'] as const
const PAGES_MAX = 6

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.oneof(
    { weight: 8, arbitrary: fc.constant('invoke' as const) },
    { weight: 8, arbitrary: fc.constant('order' as const) },
    { weight: 10, arbitrary: fc.constant('deliver' as const) },
    { weight: 3, arbitrary: fc.constant('replay' as const) },
    { weight: 5, arbitrary: fc.constantFrom(...KINDS) },
  ),
  fc.nat(1_000),
  fc.nat(1_000),
  fc.nat(5),
)

export const goodHistory: fc.Arbitrary<readonly HistoryEvent[]> = fc
  .array(step, { minLength: 30, maxLength: 100, size: 'max' })
  .map((steps) => {
    const room = new ModelRoom()
    for (let i = 0; i < 3; i++) room.join()
    for (const { id } of room.members)
      for (let i = 0; i < 3; i++)
        room.invoke(
          room.members.find((member) => member.id === id)!,
          'append',
          'log',
          0,
        )
    for (const line of steps) {
      play(room, line)
      room.pass(line[3])
    }
    room.finish()
    return room.history
  })

function play(room: ModelRoom, [kind, who, what, many]: Step): void {
  const { members } = room
  const member = members[who % members.length]!
  const key = KEYS[what % KEYS.length]!
  switch (kind) {
    case 'join':
      return members.length < PAGES_MAX ? room.join() : undefined
    case 'invoke': {
      const action = ACTIONS[what % ACTIONS.length]!
      // One key is only ever appended to: nothing excuses a loss there.
      for (let i = 0; i <= many; i++)
        room.invoke(
          member,
          action,
          action === 'append' || action === 'relay' || key !== 'log' ? key : 'a',
          (what + i) % 8,
        )
      return
    }
    case 'order':
      return room.order(member)
    case 'deliver':
      return room.deliver(member, many + 1)
    case 'miss':
      return room.miss(member)
    case 'replay':
      return room.replay(member, key, many === 0 ? what % 20 : 0)
    case 'crash':
    case 'leave':
      return members.length > 2
        ? room.end(member, kind === 'crash' ? 'crashed' : 'left')
        : undefined
    case 'split':
      return room.split(what)
    case 'heal':
      return room.heal()
  }
}
