// The page of the React tests: a real React in StrictMode, whose tree the test changes from outside.

import { StrictMode, useEffect, useState, type ReactNode } from 'react'
import { flushSync } from 'react-dom'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server.browser'
import { joinRoom, type JoinOptions, type Room } from '../client/index.ts'
import {
  RoomProvider,
  RoomQRCode,
  StatusIndicator,
  useClientId,
  useLatency,
  usePeers,
  usePresence,
  useRoom,
  useSharedLog,
  useSharedMap,
  useSharedReducer,
  useSharedValue,
  useStatus,
} from '../client/react/index.ts'

export type Shown = {
  /** Provider by provider: the options it joins with. */
  readonly rooms: readonly JoinOptions[]
  /** The key of each counter below a provider. */
  readonly counters?: readonly string[]
  /** Whether a provider also has one of each other object below it. */
  readonly objects?: boolean
}

declare global {
  interface Window {
    show(shown: Shown): void
    /** The same, done when it returns: how many effects then had a room. */
    showAtOnce(shown: Shown): number
    /** Puts what a server would render into the page first, then hydrates it. */
    hydrate(shown: Shown): void
    unmount(): void
    /** A room of the app's own, given to the provider. */
    showOwn(options: JoinOptions): void
    /** What React found wrong. */
    problems: string[]
    /** Every room that a component below a provider had. */
    rooms: WeakRef<Room>[]
    /** How often a component below a provider was mounted. */
    mounts: number
  }
}

const container = document.getElementById('root')!
let root: Root | null = null

window.problems = []
window.rooms = []
window.mounts = 0
let listening = 0
const onError = (error: unknown) => void window.problems.push(String(error))

function mounted(): Root {
  root ??= createRoot(container, { onRecoverableError: onError, onUncaughtError: onError })
  return root
}

// StrictMode stands at the root: below a component that is put up in the same go it mounts nothing twice.
const inStrictMode = (shown: Shown) => (
  <StrictMode>
    <App {...shown} />
  </StrictMode>
)

window.show = (shown) => mounted().render(inStrictMode(shown))
window.showAtOnce = (shown) => {
  flushSync(() => mounted().render(inStrictMode(shown)))
  return listening
}
window.hydrate = (shown) => {
  container.innerHTML = renderToString(inStrictMode(shown))
  root = hydrateRoot(container, inStrictMode(shown), {
    onRecoverableError: onError,
    onUncaughtError: onError,
  })
}
window.unmount = () => {
  root?.unmount()
  root = null
}
window.showOwn = (options) => {
  const room = joinRoom(options)
  mounted().render(
    <StrictMode>
      <RoomProvider room={room}>
        <Inside />
        <Objects />
      </RoomProvider>
    </StrictMode>,
  )
}

function App({ rooms, counters = [], objects = false }: Shown): ReactNode {
  return (
    <>
      {rooms.map((options, i) => (
        <RoomProvider key={i} {...options}>
          <Inside />
          {counters.map((name, i) => (
            <Counter key={i} name={name} />
          ))}
          {objects && <Objects />}
        </RoomProvider>
      ))}
    </>
  )
}

function Inside(): ReactNode {
  const room = useRoom()
  const { role } = useStatus()
  const [waves, setWaves] = useState<readonly string[]>([])
  useEffect(() => {
    window.mounts++
  }, [])
  useEffect(() => {
    if (room === null) return
    listening++
    window.rooms.push(new WeakRef(room))
  }, [room])
  useEffect(
    () => room?.subscribe('waves', ({ value }) => setWaves((before) => [...before, String(value)])),
    [room],
  )
  return (
    <section>
      <StatusIndicator />
      <span data-testid="role">{role}</span>
      <span data-testid="token">{room?.token ?? 'none'}</span>
      <span data-testid="others">{usePeers().length}</span>
      <span data-testid="latency">{useLatency(50) ?? 'unknown'}</span>
      <span data-testid="waves">{waves.join(' ')}</span>
      <span data-testid="client">{useClientId() ?? 'none'}</span>
      <button type="button" onClick={() => void room?.relay('waves', 'hello')}>
        Wave
      </button>
      <RoomQRCode />
    </section>
  )
}

function Counter({ name }: { readonly name: string }): ReactNode {
  const [count, setCount, isReady] = useSharedValue(name, 0)
  return (
    <button
      type="button"
      data-testid="counter"
      data-ready={isReady}
      onClick={() => void setCount((n) => n + 1)}
    >
      {count}
    </button>
  )
}

/** The same on every page, and outside of the component. */
const add = (sum: number, step: number) => sum + step

function Objects(): ReactNode {
  const [sum, dispatch] = useSharedReducer('sum', add, 0)
  const [names, { set, delete: remove, clear }] = useSharedMap<number>('names')
  const [lines, append] = useSharedLog<string>('lines')
  const [others, setMine] = usePresence({ at: 0 })
  useEffect(() => void append('mounted'), [append]) // before there is a room
  return (
    <section>
      <span data-testid="sum">{sum}</span>
      <span data-testid="names">{[...names].map(([name, n]) => `${name}${n}`).join(' ')}</span>
      <span data-testid="lines">{lines.join(' ')}</span>
      <span data-testid="present">{[...others.values()].map(({ at }) => at).join(' ')}</span>
      <button type="button" onClick={() => void dispatch(1)}>
        Dispatch
      </button>
      <button type="button" onClick={() => void set('a', 1).then(() => set('b', 2))}>
        Set
      </button>
      <button type="button" onClick={() => void remove('a')}>
        Delete
      </button>
      <button type="button" onClick={() => void clear()}>
        Clear
      </button>
      <button type="button" onClick={() => void append('clicked')}>
        Append
      </button>
      <button type="button" onClick={() => setMine(({ at }) => ({ at: at + 1 }))}>
        Move
      </button>
    </section>
  )
}
