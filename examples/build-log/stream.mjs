// Runs a command and streams what it prints into a room that a page has open, over the gateway:
//
//   node stream.mjs 'http://127.0.0.1:8080/build-log/#room=…' -- npm test
//
// It needs the address of the page and nothing else: no package, no WebRTC. It ends as the command ends.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const [address, dashes, command, ...args] = process.argv.slice(2)
const room = URL.canParse(address ?? '')
  ? new URLSearchParams(new URL(address).hash.slice(1).replaceAll('+', '%2B')).get('room')
  : null
if (room === null || dashes !== '--' || command === undefined) {
  console.error("Usage: node stream.mjs 'address of the page, with #room=…' -- command arguments")
  process.exit(2)
}
// The gateway is beside the folder of the page, below a path too.
const send = new URL(`../room/${encodeURIComponent(room)}/send`, address)

/** Lines in one message: what gathers while the one before is under way. */
const LINES_MAX = 500
const LINE_CHARS_MAX = 2_000

const run = crypto.randomUUID()
let sent = 0
const lines = []
let exit = null
let isSending = false

const child = spawn(command, args, { stdio: ['inherit', 'pipe', 'pipe'] })
push('replace', { command: [command, ...args].join(' '), at: Date.now() }) // in the place of the run before
take(child.stdout, process.stdout, 'out')
take(child.stderr, process.stderr, 'err')
child.on('error', (error) => finish(127, error.message))
child.on('close', (code) => finish(code ?? 1))

function take(from, to, stream) {
  createInterface({ input: from, crlfDelay: Infinity }).on('line', (text) => {
    to.write(`${text}\n`)
    lines.push({ stream, text: text.slice(0, LINE_CHARS_MAX) })
    sendOn()
  })
}

function finish(code, why) {
  if (process.exitCode !== undefined) return
  if (why !== undefined) lines.push({ stream: 'err', text: why })
  exit = code
  process.exitCode = code
  sendOn()
}

/** One message at a time, so that they keep their order. */
function sendOn() {
  if (isSending) return
  if (lines.length > 0) push('append', { lines: lines.splice(0, LINES_MAX) })
  else if (exit !== null) {
    push('append', { exit })
    exit = null
  }
}

async function push(action, value) {
  isSending = true
  // Numbered, so that a page can tell one that came twice: who gets no answer says it again.
  await say({
    type: 'push',
    key: 'build',
    value: { run, n: sent++, ...value },
    action: { type: action },
  })
  isSending = false
  sendOn()
}

async function say(message) {
  for (let failures = 0; ; failures++) {
    const answer = await fetch(send, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(message),
    }).catch((error) => error)
    if (answer.ok) return
    const why =
      answer instanceof Error ? `${send.origin} cannot be reached` : (await answer.json()).message
    // 503: the page is being reloaded, or the room changes hands.
    if (failures === 60 || (!(answer instanceof Error) && answer.status !== 503))
      throw new Error(`The log could not be sent. ${why}`)
    if (failures === 0) console.error(`Waiting to send the log: ${why}`)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}
