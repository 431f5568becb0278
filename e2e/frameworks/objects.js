// Owns what the pages of all frameworks do alike: they join, and use each member of what the framework gives back.

import {
  joinRoom,
  presence,
  sharedLog,
  sharedMap,
  sharedReducer,
  sharedValue,
} from '../../client/index.ts'

/** A room and one object of each kind, to be put into a framework's state. */
export function join(options) {
  const room = joinRoom(options)
  return {
    room,
    value: sharedValue(room, 'value', 0),
    map: sharedMap(room, 'map'),
    log: sharedLog(room, 'log'),
    sum: sharedReducer(room, 'sum', (sum, step) => sum + step, 0),
    here: presence(room, { name: 'nobody' }),
    /** What an app keeps in its state, and sends as it is. */
    draft: { tags: ['a', 'b'] },
  }
}

/** Uses every member. Whatever does not work throws. Resolves with what came of it. */
export async function useAll({ room, value, map, log, sum, here, draft }) {
  const objects = [value, map, log, sum, here]
  await Promise.all([room, ...objects].map(({ ready }) => ready))
  const changes = []
  const said = []
  const offs = [
    room.on('status', () => {}),
    room.onMessage(() => {}),
    room.subscribe('said', (message) => said.push(message.value), { replay: true }),
    ...objects.map((object, i) => object.subscribe(() => changes.push(i))),
  ]
  await room.append('said', draft)
  await room.relay('said', 'relayed')
  const { seq } = await room.replace('said', draft)
  await room.compact('said', seq, 'folded')
  await value.set((current) => current + 1)
  await map.set('kept', draft)
  await map.set('deleted', 1)
  await map.delete('deleted')
  await log.append(draft)
  await sum.dispatch(2)
  here.set((mine) => ({ ...mine, draft }))
  const [{ messages }] = await room.replay([{ key: 'said' }])
  for (const off of offs) off()
  const result = {
    said,
    replayed: messages.map((message) => message.value),
    changed: [...new Set(changes)].sort(),
    values: [value.value, [...map.value], log.value, sum.value, here.value.size, here.mine],
    areReady: objects.every(({ isReady }) => isReady),
    room: [room.status.status, room.status.role, room.peers.length, room.latency],
    names: [typeof room.id, typeof room.token, typeof room.now()],
  }
  await map.clear()
  for (const object of objects) object.close()
  await room.leave()
  return JSON.parse(JSON.stringify({ ...result, left: room.status.status }))
}
