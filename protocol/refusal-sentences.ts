// Owns what an app is told when the room refused an operation: what happened, and what to do next.

import { KEY_BYTES_MAX } from './limits.ts'
import type { RefusalCode } from './entry.ts'

export const REFUSAL_SENTENCES: { readonly [code in RefusalCode | 'receipt-unknown']: string } = {
  'room-full':
    'The room holds as many keys or bytes as it may. Compact or replace some streams, then send again.',
  'key-too-long': `A key takes at most ${KEY_BYTES_MAX} bytes. Put the rest into the value.`,
  'value-too-large': 'The value is larger than a room takes. Split it over several messages.',
  'compact-out-of-range':
    'The compaction names a seq that the room has not reached. Use the seq of a message that you were given.',
  'compact-outdated':
    'While the room changed hands the messages that this compaction folds were renumbered, ' +
    'or some of them went missing. Fold what a replay answers now, and compact again.',
  superseded:
    'The other side of a split had changed this key meanwhile, and its side goes on. ' +
    'Look at what stands now before you replace it again.',
  'not-repeated':
    'This relay reached those on your side of a split; for the others it came too late.',
  'receipt-unknown':
    'The room dealt with this operation while the page was cut off, and its outcome is no longer known. ' +
    'Replay the key to see what stands before you send it again.',
}
