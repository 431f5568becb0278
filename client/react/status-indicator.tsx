// Owns a status line that any page can use as it is: a mark and a word, told to screen readers as it changes.

import type { CSSProperties, ReactNode } from 'react'
import type { RoomStatus } from '../index.ts'
import { useStatus } from './room-state.ts'

export type StatusWords = Readonly<Record<RoomStatus['status'], string>>

const WORDS: StatusWords = {
  connecting: 'Connecting',
  live: 'Live',
  migrating: 'Changing hosts',
  offline: 'Offline',
  closed: 'Left',
}

/** Readable marks on light and on dark ground; the word says the same to those who see no colour. */
const COLORS: Readonly<Record<RoomStatus['status'], string>> = {
  connecting: '#b7791f',
  live: '#2f9e5b',
  migrating: '#b7791f',
  offline: '#d1453b',
  closed: '#808a94',
}

export type StatusIndicatorProps = {
  /** What to say in each state, in the page's own language. */
  readonly words?: Partial<StatusWords> | undefined
  readonly className?: string | undefined
  readonly style?: CSSProperties | undefined
}

/**
 * Shows how the room is, in a word. `data-status` on the element tells it to a stylesheet.
 *
 * @example
 * <StatusIndicator words={{ live: 'Verbunden' }} />
 */
export function StatusIndicator({ words, className, style }: StatusIndicatorProps): ReactNode {
  const { status } = useStatus()
  return (
    <span
      role="status"
      className={className}
      data-status={status}
      style={{ display: 'inline-flex', alignItems: 'center', gap: '0.5em', ...style }}
    >
      <span
        aria-hidden="true"
        style={{ width: '0.6em', height: '0.6em', borderRadius: '50%', background: COLORS[status] }}
      />
      {words?.[status] ?? WORDS[status]}
    </span>
  )
}
