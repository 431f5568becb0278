// The table of bars: what Baton means to reach, beside whom. A bar that is missed is marked, and fails nothing.

type Place = { readonly row?: string; readonly contender?: string; readonly figure?: string }

export type Bar = {
  readonly row: string
  readonly figure: string
  /** What Baton's figure is divided by, where it differs from Baton's own; null where the figure itself counts. */
  readonly beside: Place | null
  readonly atMost?: number
  readonly atLeast?: number
}

export const BARS: readonly Bar[] = [
  { row: 'join', figure: 'p50', beside: { contender: 'bare simple-peer connect' }, atMost: 1.5 },
  { row: 'join', figure: 'p50', beside: { contender: 'y-webrtc' }, atMost: 1 },
  { row: 'latency', figure: 'p50', beside: { contender: 'two raw hops' }, atMost: 1.35 },
  { row: 'latency', figure: 'p99', beside: { contender: 'two raw hops' }, atMost: 2 },
  { row: 'latency', figure: 'p50', beside: { contender: 'ws relay' }, atMost: 1 },
  { row: 'small', figure: 'to each', beside: { contender: 'floor' }, atLeast: 0.6 },
  { row: 'bulk', figure: 'through', beside: { contender: 'two raw hops' }, atLeast: 0.85 },
  { row: 'small', figure: 'to each', beside: { contender: 'Baton, other checkout' }, atLeast: 1.6 },
  { row: 'bulk-to-3', figure: 'to each', beside: { contender: 'ws relay' }, atLeast: 1 },
  { row: 'newcomer', figure: 'p50', beside: { contender: 'ws relay' }, atMost: 1 },
  { row: 'fan-out-32', figure: 'CPU a receiver', beside: { row: 'fan-out-3' }, atMost: 1.2 },
  { row: 'gap-crash', figure: 'p50', beside: null, atMost: 100 },
  { row: 'gap-crash', figure: 'p95', beside: null, atMost: 250 },
  { row: 'gap-close', figure: 'p50', beside: null, atMost: 100 },
  { row: 'gap-close', figure: 'p95', beside: null, atMost: 250 },
  { row: 'gap-leave', figure: 'p95', beside: null, atMost: 100 },
  { row: 'gap-hang', figure: 'p95', beside: null, atMost: 3_000 },
  { row: 'gap-cut', figure: 'p95', beside: null, atMost: 3_000 },
  { row: 'engine', figure: 'append', beside: null, atMost: 500 },
  {
    row: 'engine',
    figure: 'memory, to 1.5 × the values and 64 B a message',
    beside: null,
    atMost: 1,
  },
  { row: 'frames', figure: 'the most costly', beside: null, atMost: 20 },
  { row: 'keys', figure: '10,000 keys', beside: { figure: '10 keys' }, atMost: 2 },
]
