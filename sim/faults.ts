// Owns what a schedule may do to a room, as words: one line each, a kind and what it takes. It does
// not know how any of it is done.

export type Fault = {
  readonly atMs: number
  readonly kind: FaultKind
  readonly args: readonly string[]
}

/** `other`: a page that the one before has a link to. `sides`: a digit for each page, by number. */
export type Word = 'page' | 'other' | 'ms' | 'number' | 'sides'

export const FAULTS = {
  join: [],
  duplicate: ['page'],
  crash: ['page'],
  close: ['page'],
  leave: ['page'],
  reload: ['page', 'ms'],
  'crash-back': ['page', 'ms'],
  'all-back': ['sides', 'ms'],
  'all-back-late': ['sides', 'ms'],
  hang: ['page', 'ms'],
  freeze: ['page', 'ms'],
  sleep: ['page', 'ms'],
  hide: ['page', 'ms', 'number'],
  'hide-phone': ['page', 'ms'],
  'skip-clock': ['page', 'ms'],
  'lose-link': ['page', 'other'],
  'lose-link-at-one-end': ['page', 'other'],
  'cut-link': ['page', 'other', 'ms'],
  'cut-link-one-way': ['page', 'other', 'ms'],
  'clog-link': ['page', 'other', 'ms'],
  'slow-link': ['page', 'other', 'ms', 'number'],
  'drop-socket': ['page', 'ms'],
  'deafen-socket': ['page', 'ms'],
  'restart-signaling': ['ms'],
  'hang-signaling': ['ms'],
  'crash-next-host': ['ms'],
  'restart-signaling-at-claim': ['ms', 'ms'],
  partition: ['sides', 'ms'],
  'partition-half-off': ['sides', 'ms'],
  'partition-all-off': ['sides', 'ms'],
} as const satisfies { readonly [kind: string]: readonly Word[] }

export type FaultKind = keyof typeof FAULTS
/** Only where pages have disks. */
export const DISK_KINDS: readonly FaultKind[] = ['crash-back', 'all-back', 'all-back-late']
export const FAULT_KINDS = (Object.keys(FAULTS) as FaultKind[]).filter(
  (kind) => !DISK_KINDS.includes(kind),
)

type KindWith<Words extends readonly Word[]> = {
  [Kind in FaultKind]: (typeof FAULTS)[Kind] extends Words ? Kind : never
}[FaultKind]
export type LinkFaultKind = KindWith<readonly ['page', 'other', ...Word[]]>
export type PageFaultKind = Exclude<KindWith<readonly ['page', ...Word[]]>, LinkFaultKind>
/** What happens to no page or link by name. */
export type RoomFaultKind = Exclude<FaultKind, PageFaultKind | LinkFaultKind>

/** Pages come and go, but what is between them works. */
export const CALM_KINDS: readonly FaultKind[] = [
  'join',
  'duplicate',
  'crash',
  'close',
  'leave',
  'reload',
  'crash-next-host',
]

/** Their recovery has a bound. */
export const PLAIN_KINDS: readonly FaultKind[] = [
  'crash',
  'close',
  'leave',
  'hang',
  'freeze',
  'lose-link',
  'cut-link',
  'drop-socket',
  'restart-signaling',
]
