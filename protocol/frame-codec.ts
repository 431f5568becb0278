// Owns the bytes of a frame: the term, the type's number, then the fields. The table below is the wire;
// changing it changes PROTOCOL_VERSION, and the golden test says so.

import { ByteReader, Malformed } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import {
  bool,
  bytes,
  count,
  list,
  nullable,
  peerId,
  rising,
  struct,
  text,
  uint,
  union,
  type Codec,
} from './codec.ts'
import { dense } from './dense.ts'
import { claimCodec, entriesCodec, opsCodec, refusalCode } from './entry-codec.ts'
import {
  AUTHORS_MAX,
  FRAME_OPS_MAX,
  HISTORY_TERMS_MAX,
  LACKING_RUNS_MAX,
  MISSING_RUNS_MAX,
  REPLAY_QUERIES_MAX,
  ROSTER_MAX,
} from './limits.ts'
import { ok, fail, type Result } from './result.ts'
import type { Index, OpId, Seq, Term } from './ids.ts'
import type {
  FrameBody,
  Frame,
  OpRow,
  OpRun,
  Position,
  Repeat,
  ReplayedItem,
  ReplayItem,
  ReplayQuestion,
  ReignPlace,
  RosterItem,
  SeqRun,
} from './frames.ts'

const index = uint<Index>()
const seq = uint<Seq>()
const term = uint<Term>()
const MESSAGES_MAX = 2 ** 31
/**
 * Runs of messages in one part of a replay: one for each key asked for, and those that are full. Each costs its reader
 * some hundred bytes, however short it is here.
 */
const REPLAYED_ITEMS_MAX = 2 * REPLAY_QUERIES_MAX

export const positionCodec: Codec<Position> = struct<Position>({ claim: claimCodec, index })
/** By rising numbers. */
export const historyCodec: Codec<readonly ReignPlace[]> = checked(
  list(struct<ReignPlace>({ number: count, claim: claimCodec, index, seq }), HISTORY_TERMS_MAX),
  (reigns) => reigns.every(({ number }, i) => number > (reigns[i - 1]?.number ?? 0)),
)

const opId = uint<OpId>()
export const missingCodec: Codec<readonly OpRun[]> = list(
  struct<OpRun>({ from: opId, to: opId }),
  MISSING_RUNS_MAX,
)
export const opRowsCodec: Codec<readonly OpRow[]> = list(
  struct<OpRow>({ author: peerId, opId, missing: missingCodec }),
  AUTHORS_MAX,
)

/** Rising runs that do not touch, as their bounds. */
export const lacksCodec: Codec<readonly SeqRun[]> = checked(
  list(struct<SeqRun>({ from: seq, to: seq }), LACKING_RUNS_MAX),
  (runs) => runs.every((run, i) => run.from <= run.to && run.from >= lowestAfter(runs[i - 1])),
)

/** Where the run after this one may start: the next number would touch it. */
function lowestAfter(run: SeqRun | undefined): number {
  return run === undefined ? 1 : run.to + 2
}

const rosterItem = struct<RosterItem>({ peer: peerId, canHost: bool, visible: bool })
const replayItem = struct<ReplayItem>({ key: text, after: count })
const question = { request: count, queries: list(replayItem, REPLAY_QUERIES_MAX) }
const repeat = struct<Repeat>({
  author: peerId,
  opId: uint<OpId>(),
  index,
  seq,
  code: nullable(refusalCode),
})
const replayedItem: Codec<ReplayedItem> = checked(
  struct<ReplayedItem>({
    key: text,
    seqs: rising(MESSAGES_MAX),
    ends: rising(MESSAGES_MAX),
    bytes,
  }),
  (item) => item.seqs.length === item.ends.length && (item.ends.at(-1) ?? 0) === item.bytes.length,
)

const bodyCodec: Codec<FrameBody> = union<FrameBody>({
  hello: struct({
    claim: claimCodec,
    nonce: count,
    position: nullable(positionCodec),
    headSeq: seq,
    stable: index,
    past: index,
    complete: bool,
    lacks: lacksCodec,
    canHost: bool,
    visible: bool,
    replay: nullable(struct<ReplayQuestion>(question)),
  }),
  submit: struct({ nonce: count, floor: uint<OpId>(), ops: opsCodec }),
  replay: struct({ nonce: count, ...question }),
  report: struct({ nonce: count, index, complete: bool, visible: bool }),
  ping: struct({ at: count }),
  welcome: struct({
    nonce: count,
    resume: bool,
    head: index,
    headSeq: seq,
    lacks: lacksCodec,
    history: historyCodec,
    ops: opRowsCodec,
  }),
  entries: struct({ stable: index, entries: entriesCodec }),
  replayed: struct({
    nonce: count,
    request: count,
    last: bool,
    items: dense(list(replayedItem, REPLAYED_ITEMS_MAX)),
  }),
  repeated: struct({ nonce: count, repeats: list(repeat, FRAME_OPS_MAX) }),
  gap: struct({ nonce: count, author: peerId, expected: uint<OpId>() }),
  roster: struct({
    members: list(rosterItem, ROSTER_MAX),
    succession: list(peerId, ROSTER_MAX),
    standbys: count,
    paused: bool,
  }),
  pong: struct({ at: count, clock: count }),
  handover: struct({ head: index }),
  reign: struct({ claim: claimCodec }),
  fetch: struct({ request: count, ends: historyCodec, lacks: lacksCodec }),
  part: struct({ request: count, number: count, last: bool, bytes: dense(bytes) }),
  'part-taken': struct({ request: count, number: count }),
  goodbye: struct({}),
  doubt: struct({ claim: claimCodec }),
  vouch: struct({ claim: claimCodec, hears: bool }),
  taken: struct({ stable: index, index, seq, opId, count }),
})

/** The bytes of a frame. */
export function encodeFrame(frame: Frame): Uint8Array {
  return written(frame).end()
}

/** The same in pieces: large values are not copied. */
export function encodeInPieces(frame: Frame): readonly Uint8Array[] {
  return written(frame).endInPieces()
}

function written(frame: Frame): ByteWriter {
  const writer = new ByteWriter()
  term.write(writer, frame.term)
  bodyCodec.write(writer, frame)
  return writer
}

/** Reads a frame; the error says what was wrong with it. Never throws, whatever the bytes. */
export function parseFrame(data: Uint8Array): Result<Frame> {
  const reader = new ByteReader(data)
  try {
    const frameTerm = term.read(reader)
    const frame = { term: frameTerm, ...bodyCodec.read(reader) }
    return reader.left > 0 ? fail('bytes after the end of the frame') : ok(frame)
  } catch (error) {
    return fail((error as Error).message)
  }
}

function checked<T>(of: Codec<T>, holds: (value: T) => boolean): Codec<T> {
  return {
    write: of.write,
    read: (reader) => {
      const value = of.read(reader)
      if (!holds(value)) throw new Malformed('fields that do not belong together')
      return value
    },
  }
}
