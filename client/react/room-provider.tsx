// Owns which room the hooks below it speak of: a provider joins one, or is given one.

import {
  createContext,
  useContext,
  useEffect,
  useLayoutEffect,
  useState,
  type ReactNode,
} from 'react'
import { BatonError, joinRoom, onOtherRoom, type JoinOptions, type Room } from '../index.ts'
import { HeldRoom } from './held-room.ts'

/** Undefined: no provider. Null: no room yet. */
const RoomContext = createContext<Room | null | undefined>(undefined)

/** Either a `room` that the app has joined itself, and leaves itself, or the options of `joinRoom`. */
export type RoomProviderProps = { readonly children?: ReactNode | undefined } & (
  | Given
  | JoinOptions
)

type Given = { readonly room: Room } & {
  readonly [Name in Exclude<keyof JoinOptions, 'room'>]?: undefined
}

/**
 * Gives the hooks below it a room. It joins when it is mounted, leaves when it is unmounted, and
 * changes rooms when its props change. Without `token` and `room` it also changes rooms when the
 * page's fragment comes to name another one.
 * On a server, and until it is mounted, there is no room: hooks show what they start from, and what is sent waits.
 *
 * @param props.room A room that is joined already, or the name of a public one, as in `joinRoom`.
 * @throws BatonError while mounting, as `joinRoom` does: `bad-token`, `bad-argument`. An error boundary catches it.
 * @example
 * <RoomProvider token={token}>
 *   <Board />
 * </RoomProvider>
 */
export function RoomProvider({ children, room, ...others }: RoomProviderProps): ReactNode {
  const options = others as JoinOptions
  if (room === undefined) return <Joined options={options}>{children}</Joined>
  if (typeof room === 'string') return <Joined options={{ ...options, room }}>{children}</Joined>
  checkGiven(room, options)
  return <RoomContext.Provider value={room}>{children}</RoomContext.Provider>
}

/** @throws BatonError `bad-argument` for what is no room, and for options beside a room. */
function checkGiven(room: Room | null, options: object): void {
  if (room !== null && typeof room.subscribe !== 'function')
    throw new BatonError(
      'bad-argument',
      'The `room` of <RoomProvider> is what joinRoom() gives, or the name of a public room.',
    )
  const given = Object.entries(options).find(([, value]) => value !== undefined)
  if (given !== undefined)
    throw new BatonError(
      'bad-argument',
      `<RoomProvider room> got a room that is joined already, so \`${given[0]}\` changes nothing. ` +
        'Give it to joinRoom(), or leave `room` out.',
    )
}

function Joined({
  options,
  children,
}: {
  readonly options: JoinOptions
  readonly children: ReactNode
}): ReactNode {
  const [held] = useState(() => new HeldRoom())
  const [joined, setJoined] = useState<{ readonly name: string; readonly room: Room } | null>(null)
  const [otherToken, setOtherToken] = useState<string | null>(null)
  const name = nameOf(options, otherToken)
  useJoinEffect(() => {
    setJoined({ name, room: held.hold(name, () => joinRoom(options)) })
    return () => held.letGo()
  }, [held, name]) // `name` says all of `options`, which is another object at every rendering
  const isInAddress = options.token === undefined && options.room === undefined
  const room = joined?.room
  useEffect(
    () => (isInAddress && room !== undefined ? onOtherRoom(room, setOtherToken) : undefined),
    [isInAddress, room],
  )
  // With new options nobody below may act on the old room any more, though it is left a moment later.
  return (
    <RoomContext.Provider value={joined?.name === name ? joined.room : null}>
      {children}
    </RoomContext.Provider>
  )
}

/**
 * What this sets is rendered, and its effects are run, before anything else happens to the page: so what is below hears
 * everything that the room tells. (React 18 warns of a layout effect on a server.)
 */
const useJoinEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect

/** Equal for equal options, and the same other room in the address. */
function nameOf(options: JoinOptions, otherToken: string | null): string {
  return JSON.stringify([
    otherToken,
    ...Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ])
}

/**
 * The room of the provider above; null on a server and until the provider is mounted.
 *
 * @throws BatonError `bad-argument` where there is no provider.
 * @example
 * const room = useRoom()
 * useEffect(() => room?.on('error', (error) => setProblem(error.message)), [room])
 */
export function useRoom(): Room | null {
  const room = useContext(RoomContext)
  if (room === undefined)
    throw new BatonError(
      'bad-argument',
      'Hooks of Baton need a room: put a <RoomProvider> around this component.',
    )
  return room
}
