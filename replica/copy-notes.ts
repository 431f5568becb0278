// Owns what the writer of a stored copy knows to lie on the disk: so that a batch says what has changed, and nothing is
// read for it. [PE11]

import { NO_INDEX, type Index, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'

/** Some entries, or messages of one key, that lie in one record: those behind `after`, up to `last`. */
export type PieceNote<Place extends number> = {
  readonly after: Place
  readonly last: Place
  /** How many they are. */
  readonly count: number
  readonly bytes: number
}

export type StreamNote = {
  /** The name of the first message: another one means that a fold or a replace came. */
  readonly first: { readonly seq: Seq; readonly author: PeerId; readonly opId: OpId }
  readonly pieces: readonly PieceNote<Seq>[]
}

export type CopyNotes = {
  readonly generation: number
  /** Whether the head names this generation. */
  isWhole: boolean
  /** Whether something of this generation lies there. */
  isBegun: boolean
  /** Whether no other generation is left. */
  isAlone: boolean
  /** The last entry that is in it. */
  index: Index
  readonly streamByKey: Map<string, StreamNote>
  /** Messages in all streams. */
  messages: number
  tail: readonly PieceNote<Index>[]
  reigns: readonly number[]
  authors: ReadonlySet<PeerId>
  /** A copy that failed its checks is kept in this generation; 0 where there is none. */
  readonly setAside: number
}

/** Of a generation in which nothing lies yet. */
export function emptyNotes(generation: number, setAside = 0): CopyNotes {
  return {
    generation,
    isWhole: false,
    isBegun: false,
    isAlone: false,
    index: NO_INDEX,
    streamByKey: new Map(),
    messages: 0,
    tail: [],
    reigns: [],
    authors: new Set(),
    setAside,
  }
}
