// The row of joins: how long a newcomer waits for the first message of a room.

import { peerJoins } from '../contenders/peers.ts'
import { newcomers } from '../contenders/rooms.ts'
import { closeAll } from '../contenders/way.ts'
import { less, type Contender, type Row } from '../row.ts'
import type { Stage } from '../stage/stage.ts'

const MESSAGES = 1_000
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
    ...newcomers(stage, MESSAGES, (tab, token) =>
      tab.evaluate((token: string) => window.bench.joinRoomMs(token), token),
    ),
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
