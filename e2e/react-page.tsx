// The page of the React tests: a real React in StrictMode, whose tree the test changes from outside.

import { StrictMode, useEffect, useState, type ReactNode } from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server.browser'
import { joinRoom, type JoinOptions } from '../client/index.ts'
import { RoomProvider, RoomQRCode, StatusIndicator, useLatency, usePeers, useRoom, useStatus } from '../client/react/index.ts'

export type Shown = {
  /** Provider by provider: the options it joins with. */
  readonly rooms: readonly JoinOptions[]
}

declare global {
  interface Window {
    show(shown: Shown): void
    /** Puts what a server would render into the page first. Resolves with what React found wrong. */
    hydrate(shown: Shown): void
    unmount(): void
    /** A room of the app's own, given to the provider. */
    showOwn(options: JoinOptions): void
    problems: string[]
  }
}

const container = document.getElementById('root')!
let root: Root | null = null

window.problems = []
const onError = (error: unknown) => void window.problems.push(String(error))

function mounted(): Root {
  return (root ??= createRoot(container, { onRecoverableError: onError, onUncaughtError: onError }))
}

window.show = (shown) => mounted().render(<App {...shown} />)
window.hydrate = (shown) => {
  container.innerHTML = renderToString(<App {...shown} />)
  root = hydrateRoot(container, <App {...shown} />, { onRecoverableError: onError, onUncaughtError: onError })
}
window.unmount = () => {
  root?.unmount()
  root = null
}
window.showOwn = (options) => {
  const room = joinRoom(options)
  mounted().render(<StrictMode><RoomProvider room={room}><Inside /></RoomProvider></StrictMode>)
}

function App({ rooms }: Shown): ReactNode {
  return <StrictMode>{rooms.map((options, i) => <RoomProvider key={i} {...options}><Inside /></RoomProvider>)}</StrictMode>
}

function Inside(): ReactNode {
  const room = useRoom()
  const { role } = useStatus()
  const [waves, setWaves] = useState<readonly string[]>([])
  useEffect(() => room?.subscribe('waves', ({ value }) => setWaves((before) => [...before, String(value)])), [room])
  return (
    <section>
      <StatusIndicator />
      <span data-testid="role">{role}</span>
      <span data-testid="token">{room?.token ?? 'none'}</span>
      <span data-testid="others">{usePeers().length}</span>
      <span data-testid="latency">{useLatency(50) ?? 'unknown'}</span>
      <span data-testid="waves">{waves.join(' ')}</span>
      <button type="button" onClick={() => void room?.relay('waves', 'hello')}>Wave</button>
      <RoomQRCode />
    </section>
  )
}
