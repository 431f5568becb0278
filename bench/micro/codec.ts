// Owns the measurements of the frame codec: ops on their way to the host, entries on their way from it.

import type { Index, OpId, PeerId, Seq, Term } from '../../protocol/ids.ts'
import type { MessageOp } from '../../protocol/entry.ts'
import type * as FrameCodec from '../../protocol/frame-codec.ts'
import type { Frame } from '../../protocol/frames.ts'
import { nsEach, type Measure } from './measure.ts'

const FRAME_MESSAGES = 128
const VALUE_BYTES = 100
const FRAMES = 3_000

const author = 'A'.repeat(22) as PeerId
const ops = Array.from({ length: FRAME_MESSAGES }, (_, i): MessageOp => {
  const value = new Uint8Array(VALUE_BYTES).fill(i)
  return { action: 'append', author, opId: (1_000 + i) as OpId, key: 'cursor/positions', value }
})
const term = 3 as Term
const submit: Frame = { type: 'submit', term, nonce: 1, floor: 900 as OpId, ops }
const entries: Frame = {
  type: 'entries',
  term,
  stable: 2_000 as Index,
  entries: ops.map((op, i) => {
    const index = (2_001 + i) as Index
    return { type: 'message', index, seq: (1_900 + i) as Seq, op }
  }),
}

export const codec: Measure = async (from) => {
  const { encodeFrame, parseFrame } = await from<typeof FrameCodec>('protocol/frame-codec')
  const often = (work: () => void) => () => {
    for (let i = 0; i < FRAMES; i++) work()
    return FRAMES * FRAME_MESSAGES
  }
  const timed = (frame: Frame) => {
    const bytes = encodeFrame(frame)
    if (!parseFrame(bytes).ok) throw new Error(`${frame.type} cannot be read`)
    const encodeNs = nsEach(often(() => encodeFrame(frame)))
    const parseNs = nsEach(often(() => parseFrame(bytes)))
    return { encodeNs, parseNs }
  }
  const [submitted, told] = [timed(submit), timed(entries)]
  return {
    'encode-submit': [submitted.encodeNs],
    'parse-submit': [submitted.parseNs],
    'encode-entries': [told.encodeNs],
    'parse-entries': [told.parseNs],
  }
}
