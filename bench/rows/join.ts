// Rows of newcomers: to the first of 1,000 messages, and to all of many.

import { peerJoins } from '../contenders/peers.ts'
import { closeAll, openRoom, RELAY } from '../contenders/ways.ts'
import { less, type Contender, type Row } from '../row.ts'
import { Service } from '../stage/service.ts'
import type { Build, Stage } from '../stage/stage.ts'

const MESSAGES = 1_000
const MANY = 100_000
/** Any will do: the service knows rooms by hashes. */
const TOPIC = 'A'.repeat(22)

export const join: Row = {
  name: 'join',
  title: `from joinRoom() to the first of ${MESSAGES.toLocaleString('en')} messages, in a page that has loaded`,
  boundBy: "the newcomer's main thread: a bare connection keeps it busy for half of its time",
  rounds: 15,
  opens: 'row',
  figures: [less('p50', 'ms', 'ms'), less('p95', 'ms', 'ms', 0.95)],
  contenders: (stage) => [
    bareConnect(stage),
    ...stage.builds.map((build) => intoRoom(stage, build)),
    ...peerJoins(stage, ['socket.io', 'peerjs', 'y-websocket', 'y-webrtc'], MESSAGES),
  ],
}

/** A bare simple-peer, over the same signaling service. */
function bareConnect(stage: Stage): Contender {
  const build = stage.builds[0]!
  const open = async () => {
    const answerer = await stage.openTab(build)
    await answerer.evaluate((topic: string) => window.bench.answerBare(topic), TOPIC)
    const measure = async () => {
      const newcomer = await stage.openTab(build)
      const ms = await newcomer.evaluate((topic: string) => window.bench.joinBareMs(topic), TOPIC)
      await newcomer.close()
      return { ms: [ms] }
    }
    return { measure, close: () => closeAll([answerer]) }
  }
  return { name: 'bare simple-peer connect', kind: 'limit', open }
}

export const newcomer: Row = {
  name: 'newcomer',
  title: `from joinRoom() until all of ${MANY.toLocaleString('en')} retained messages of 100 B are here`,
  boundBy: 'bytes over one channel, and one main thread that reads them',
  rounds: 4,
  opens: 'row',
  figures: [less('p50', 'ms', 'ms')],
  contenders: (stage) => [
    ...stage.builds.map((build) => intoRoom(stage, build, MANY)),
    fromRelay(stage, MANY),
    ...peerJoins(stage, ['socket.io', 'y-websocket'], MANY),
  ],
}

/** Into a room of two. Of few messages the first one counts, of many the last. */
function intoRoom(stage: Stage, build: Build, messages = MESSAGES): Contender {
  const { name, kind } = build
  const open = async () => {
    const token = stage.freshToken()
    const tabs = await openRoom(stage, build, 2, token)
    await tabs[0]!.evaluate((n: number) => window.bench.fillStreams(n, 1), messages)
    const measure = async () => {
      const newcomer = await stage.openTab(build)
      const ms = await newcomer.evaluate(
        ({ token, messages }: { token: string; messages: number | null }) =>
          messages === null
            ? window.bench.joinRoomMs(token)
            : window.bench.readRoomMs(token, messages),
        { token, messages: messages === MESSAGES ? null : messages },
      )
      await newcomer.evaluate(() => window.bench.leaveRoom())
      await newcomer.close()
      return { ms: [ms] }
    }
    return { measure, close: () => closeAll(tabs) }
  }
  return { name, kind, open }
}

function fromRelay(stage: Stage, messages: number): Contender {
  const open = async () => {
    const relay = await Service.start(RELAY)
    const { url } = relay
    const filler = await stage.openTab(null)
    type Asked = { url: string; messages: number }
    await filler.evaluate(
      ({ url, messages }: Asked) => window.bench.fillSocket(url, 'stream-0', messages),
      { url, messages },
    )
    const measure = async () => {
      const newcomer = await stage.openTab(null)
      const ms = await newcomer.evaluate(
        ({ url, messages }: Asked) => window.bench.readSocketMs(url, 'stream-0', messages),
        { url, messages },
      )
      await newcomer.close()
      return { ms: [ms] }
    }
    const close = async () => {
      await filler.close()
      await relay.stop()
    }
    return { measure, close }
  }
  return { name: 'ws relay', kind: 'other', open }
}
