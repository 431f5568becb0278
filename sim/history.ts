// Owns what the simulated apps saw: one line per event, the only thing that checkers look at.

import type { PeerId } from '../protocol/ids.ts'
import type { Action } from '../protocol/entry.ts'

export type HistoryEvent = { readonly atMs: number; readonly peer: PeerId } & (
  | { readonly type: 'joined' }
  /** `mid` names a message for good: it is also its value. */
  | { readonly type: 'invoked'; readonly mid: string; readonly action: Action; readonly key: string }
  /** `held`: who held it when its sender was told that it is safe. */
  | { readonly type: 'acknowledged'; readonly mid: string; readonly seq: number; readonly held: readonly PeerId[] }
  | { readonly type: 'refused'; readonly mid: string; readonly code: string }
  /** `branch`: the reign that this peer followed. */
  | { readonly type: 'delivered'; readonly branch: string; readonly seq: number; readonly key: string; readonly mid: string }
  /** `avoidable`: the new host could have asked this peer, over a link that stood and was quick, before it led. */
  | { readonly type: 'reset'; readonly seq: number; readonly headSeq: number; readonly reason: 'missed' | 'rewound'; readonly avoidable: boolean }
  | { readonly type: 'live'; readonly branch: string }
  | { readonly type: 'ended'; readonly how: 'crashed' | 'left' }
  /** Long after the last fault and the last operation: `pending` operations still have no outcome. */
  | { readonly type: 'quiet'; readonly pending: number }
  /** What a replay of the whole room answers at the end. */
  | { readonly type: 'final'; readonly branch: string; readonly lastSeq: number; readonly pending: number; readonly streams: ReadonlyMap<string, readonly (readonly [seq: number, mid: string])[]> }
)
