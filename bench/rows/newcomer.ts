// The row of newcomers to a room of many messages: until all of them are here.

import { peerJoins } from '../contenders/peers.ts'
import { startRelay } from '../contenders/relay.ts'
import { newcomers } from '../contenders/rooms.ts'
import { less, type Contender, type Row } from '../row.ts'
import type { Stage } from '../stage/stage.ts'

const MESSAGES = 100_000

type Asked = { readonly url: string; readonly messages: number }

export const newcomer: Row = {
  name: 'newcomer',
  title: `from joinRoom() until all of ${MESSAGES.toLocaleString('en')} retained messages of 100 B are here`,
  boundBy: 'bytes over one channel, and one main thread that reads them',
  rounds: 4,
  opens: 'row',
  figures: [less('p50', 'ms', 'ms')],
  contenders: (stage) => [
    ...newcomers(stage, MESSAGES, (tab, token) =>
      tab.evaluate(
        ({ token, count }: { token: string; count: number }) =>
          window.bench.readRoomMs(token, count),
        { token, count: MESSAGES },
      ),
    ),
    fromRelay(stage),
    ...peerJoins(stage, ['socket.io', 'y-websocket'], MESSAGES),
  ],
}

function fromRelay(stage: Stage): Contender {
  const open = async () => {
    const relay = await startRelay()
    const { url } = relay
    const filler = await stage.openTab(null)
    await filler.evaluate(
      ({ url, messages }: Asked) => window.bench.fillSocket(url, 'stream-0', messages),
      { url, messages: MESSAGES },
    )
    const measure = async () => {
      const newcomer = await stage.openTab(null)
      const ms = await newcomer.evaluate(
        ({ url, messages }: Asked) => window.bench.readSocketMs(url, 'stream-0', messages),
        { url, messages: MESSAGES },
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
