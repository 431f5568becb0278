// Owns what an app is told when the room refused an operation: what happened, and what to do next.

import { KEY_BYTES_MAX } from './limits.ts'
import type { RefusalCode } from './entry.ts'

export const REFUSAL_SENTENCES: { readonly [code in RefusalCode | 'receipt-unknown']: string } = {
  'room-full':
    'The room is full: it takes no more keys or bytes. Compact or replace some streams, then send again.',
  'key-too-long': `A key takes at most ${KEY_BYTES_MAX} bytes. Put the rest into the value.`,
  'value-too-large': 'The value is larger than a room takes. Split it over several messages.',
  'compact-out-of-range':
    'The compaction names a seq that the room has not reached. Use the seq of a message that you were given.',
  'compact-outdated':
    'The room changed hosts, and the messages that this compaction folds have other seqs now, ' +
    'or some are missing. Replay the key, fold the answer, and compact again.',
  superseded:
    'The other side of a split changed this key too, and that side goes on. ' +
    'Look at the current value before you replace it again.',
  'not-repeated':
    'This relay reached the pages on your side of a split. For the others it came too late: ' +
    'send it again if they need it.',
  'receipt-unknown':
    'The room took or refused this operation while the page was cut off; which is no longer known. ' +
    'Replay the key to see what stands before you send it again.',
}
