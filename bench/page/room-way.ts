// Owns Baton's way: values go through the page's room by one of its actions.

import type { Message, Receipt, Room } from '../../client/api.ts'
import { BATCH_BYTES, type Value, type Way } from './way.ts'

const KEY = 'pour'

export function roomWay(room: Room, action: 'append' | 'relay'): Way {
  let receipts: Promise<Receipt>[] = []
  let bytes = 0
  let before: Promise<unknown> = Promise.resolve()
  let stop = () => {}
  return {
    form: 'bytes',
    ownBytes: 1, // it tells bytes from JSON
    send: (value) => {
      receipts.push(room[action](KEY, value as Uint8Array))
      bytes += value.length
    },
    /** A batch is sent while the one before is on its way to its receipts. */
    untilRoom: () => {
      if (bytes < BATCH_BYTES) return null
      const waited = before
      before = Promise.all(receipts)
      receipts = []
      bytes = 0
      return waited
    },
    hear: (listener) => {
      stop()
      stop = room.subscribe(KEY, ({ value }: Message) => listener(value as Value))
    },
  }
}
