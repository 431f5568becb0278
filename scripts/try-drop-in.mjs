// Runs the built drop-in scripts as a page would, alone in a room, with a signaling service of a few lines:
// - everything that the published types promise must be there, under its name;
// - what other pages and signaling read as JSON must be spelled as they expect.
// Both are what shortening the wrong name would break.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { runInThisContext } from 'node:vm'
import { parseSync } from 'vite'

/** A room that misunderstands signaling waits for ever. */
setTimeout(() => assert.fail('the room answers no more'), 20_000)

const built = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url))
const textOf = (path) => readFileSync(built(path), 'utf8')

/** As much of a page as a room asks for. */
Object.defineProperties(
  globalThis,
  Object.getOwnPropertyDescriptors({
    document: {
      hidden: false,
      baseURI: 'http://localhost/',
      currentScript: null,
      addEventListener() {},
    },
    self: { origin: 'http://localhost' },
    window: { addEventListener() {} },
    location: { href: 'http://localhost/', hash: '' },
    navigator: { userAgent: 'test', maxTouchPoints: 0 },
    reportError(error) {
      throw error
    },
  }),
)

/** A connection to a signaling service that lets whoever is there lead. */
globalThis.WebSocket = class {
  static heard = []

  constructor() {
    queueMicrotask(() => this.onopen())
  }

  addEventListener() {}

  send(text) {
    const message = JSON.parse(text)
    this.constructor.heard.push(message)
    if (message.type === 'join') {
      this.peer = message.peer
      this.tell({ type: 'joined', members: [], claim: null, hostHere: false })
    }
    if (message.type === 'claim')
      this.tell({ type: 'host', claim: { term: message.term, host: this.peer } })
  }

  tell(message) {
    queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(message) }))
  }

  close() {}
}

const { program: API } = parseSync('api.d.ts', textOf('types/client/api.d.ts'))
const { program: SHARED_API } = parseSync('api.d.ts', textOf('types/client/shared/api.d.ts'))

/** The names of all that a published type has. */
function membersOf(program, name) {
  const found = program.body
    .map(({ declaration }) => declaration)
    .find((declaration) => declaration?.id?.name === name)
  const body = found.body?.body ?? found.typeAnnotation.members
  return [...new Set(body.flatMap(({ key }) => key?.name ?? []))]
}

/** The names of all values that an entry exports. */
function exportedNames(entry) {
  const { program } = parseSync(entry, textOf(`types/client/${entry}`))
  return program.body
    .filter(({ exportKind }) => exportKind === 'value')
    .flatMap(({ specifiers }) => specifiers.filter(({ exportKind }) => exportKind === 'value'))
    .map(({ exported }) => exported.name)
}

function hasAll(object, names) {
  for (const name of names) assert.ok(name in object, `there is no ${name}`)
}

async function tryOut(baton) {
  assert.deepEqual(Object.keys(baton).sort(), exportedNames('index.d.ts').sort())
  await tryRoom(baton, (room) => tryShared(baton, room))
}

/** \`tryMore\` is given the room while it is open. */
async function tryRoom(baton, tryMore) {
  const room = baton.joinRoom({ token: baton.createToken(), signaling: 'ws://localhost/' })
  const told = []
  for (const event of membersOf(API, 'RoomEvents'))
    room.on(event, (what) => told.push({ event, what }))
  await room.ready
  hasAll(room, [...membersOf(API, 'Room'), 'on'])
  assert.deepEqual(Object.keys(room.status).sort(), membersOf(API, 'RoomStatus').sort())
  const { what: change } = told.find(({ event }) => event === 'host')
  assert.deepEqual(Object.keys(change).sort(), membersOf(API, 'HostChange').sort())
  await tryMessages(room)
  await tryMore(room)
  await room.leave()
  const error = await room.append('k', 1).catch((reason) => reason)
  assert.ok(error instanceof baton.BatonError)
  assert.deepEqual([error.code, error.retryable], ['closed', false])
}

async function tryMessages(room) {
  assert.deepEqual(await room.append('k', { a: [1] }), { seq: 1 })
  assert.deepEqual(await room.replay('k'), [{ key: 'k', seq: 1, value: { a: [1] } }])
  assert.deepEqual(await room.replay([{ key: 'k', after: 1 }]), [{ key: 'k', messages: [] }])
  const replayed = await new Promise((resolve) => {
    room.subscribe('k', () => {}, { after: 0, onReplay: resolve })
  })
  assert.equal(replayed.length, 1)
}

async function tryShared(baton, room) {
  const { sharedMap, sharedLog, sharedReducer, sharedValue, presence } = baton
  const map = sharedMap(room, 'map')
  const log = sharedLog(room, 'log')
  const sum = sharedReducer(room, 'sum', (a, b) => a + b, 0, { compactAfter: 2 })
  const value = sharedValue(room, 'value', 0)
  const names = ['SharedMap', 'SharedLog', 'SharedReducer', 'SharedValue']
  for (const [i, object] of [map, log, sum, value].entries())
    hasAll(object, [...membersOf(SHARED_API, 'Shared'), ...membersOf(SHARED_API, names[i])])
  const written = async (key) => (await room.replay(key)).map((message) => message.value)
  await map.set('a', 1)
  await log.append('x')
  await value.set(7)
  const [{ by, ...action }] = await written('map')
  assert.equal(typeof by, 'string')
  assert.deepEqual(action, { apply: ['set', 'a', 1], n: 1 })
  assert.deepEqual([await written('log'), await written('value')], [['x'], [7]])
  await sum.dispatch(2)
  await sum.dispatch(3)
  const [{ folded, ...state }] = await written('sum')
  assert.deepEqual([state, folded.length], [{ reset: 5 }, 1])
  await tryPresence(presence, room)
}

async function tryPresence(presence, room) {
  const relayed = []
  room.subscribe('presence', (message) => relayed.push(message.value))
  const here = presence(room, 'Ada')
  hasAll(here, [...membersOf(SHARED_API, 'Shared'), ...membersOf(SHARED_API, 'Presence')])
  await here.ready
  here.close()
  await room.append('k', 'after it')
  assert.deepEqual(relayed, [
    { peer: room.id, state: 'Ada', asks: true },
    { peer: room.id, left: true },
  ])
}

await tryOut(await import(built('baton.js')))
const roomsAlone = await import(built('baton-room.js'))
assert.deepEqual(Object.keys(roomsAlone).sort(), exportedNames('rooms.d.ts').sort())
await tryRoom(roomsAlone, () => {})
runInThisContext(textOf('baton.global.js'))
await tryOut(globalThis.Baton)
await tryOut(createRequire(import.meta.url)(built('baton.cjs')))
const [join] = WebSocket.heard
assert.deepEqual(Object.keys(join), ['type', 'version', 'topic', 'peer', 'secret', 'claim', 'held'])
console.log('the drop-in scripts have all that the types promise')
process.exit(0)
