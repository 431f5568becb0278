// Owns the QR code that lets a phone into the room.

import { useMemo, type CSSProperties, type ReactNode } from 'react'
import { linkTo } from '../index.ts'
import { qrPath } from './qr-path.ts'
import { useRoom } from './room-provider.tsx'
import { useStatus } from './room-state.ts'

export type RoomQRCodeProps = {
  /**
   * The link to show, at most 2,331 bytes, which is what a QR code holds. Default: `linkTo(room)`, which is this page's
   * address with the room's token.
   */
  readonly url?: string | undefined
  /** Width and height in CSS pixels. Default 192. */
  readonly size?: number | undefined
  /** What it is called for those who do not see it. */
  readonly label?: string | undefined
  readonly className?: string | undefined
  readonly style?: CSSProperties | undefined
}

/**
 * A link to the room as a QR code, drawn by the page itself: dark on white in every colour scheme, since scanners need
 * it so. Nothing where there is no room yet.
 *
 * @example
 * <RoomQRCode size={160} />
 */
export function RoomQRCode({
  url,
  size = 192,
  label = 'QR code with the link to this room',
  className,
  style,
}: RoomQRCodeProps): ReactNode {
  const room = useRoom()
  useStatus() // the link may name another address once the room is live
  const ownLink = room === null ? null : linkTo(room)
  const link = url ?? ownLink
  const code = useMemo(() => (link === null ? null : qrPath(link)), [link])
  if (code === null) return null
  return (
    <svg
      role="img"
      aria-label={label}
      className={className}
      style={style}
      width={size}
      height={size}
      viewBox={`0 0 ${code.size} ${code.size}`}
    >
      <path d={`M0 0h${code.size}v${code.size}H0z`} fill="#fff" />
      <path d={code.d} fill="#000" shapeRendering="crispEdges" />
    </svg>
  )
}
