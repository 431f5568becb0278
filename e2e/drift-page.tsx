// The page of the tests of DriftDB's own clients: npm `driftdb` and `driftdb-react` as they are, which know nothing
// of Baton but the address of a gateway.

import { useEffect, useState, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { Api, DbConnection, HttpConnection } from 'driftdb'
import {
  DriftDBProvider,
  StatusIndicator,
  useDatabase,
  usePresence,
  useSharedReducer,
  useSharedState,
} from 'driftdb-react'
import { joinRoom, type JoinOptions } from '../client/index.ts'

export type Shown = {
  readonly api: string
  readonly room: string
  readonly useBinary: boolean
  readonly name: string
}

declare global {
  interface Window {
    drift: {
      show(shown: Shown): void
      /** Joins the room as a page of Baton's, too. */
      host(options: JoinOptions): void
      count(by: number): void
      setText(text: string): void
      append(line: string): void
      readonly plain: {
        readonly Api: typeof Api
        readonly DbConnection: typeof DbConnection
        readonly HttpConnection: typeof HttpConnection
      }
    }
  }
}

const root = createRoot(document.getElementById('root')!)

window.drift = {
  show: ({ name, ...room }) =>
    root.render(
      <DriftDBProvider {...room}>
        <StatusIndicator />
        <Counter />
        <Text />
        <People name={name} />
        <History />
      </DriftDBProvider>,
    ),
  host: (options) => void joinRoom(options),
  count: () => {},
  setText: () => {},
  append: () => {},
  plain: { Api, DbConnection, HttpConnection },
}

function Counter(): ReactNode {
  const [count, dispatch] = useSharedReducer('counter', (sum: number, by: number) => sum + by, 0)
  window.drift.count = dispatch
  return <output data-testid="count">{count}</output>
}

function Text(): ReactNode {
  const [text, setText] = useSharedState('text', 'nothing yet')
  window.drift.setText = setText
  return <p data-testid="text">{text}</p>
}

function People({ name }: { readonly name: string }): ReactNode {
  const people = usePresence('people', name)
  return (
    <p data-testid="people">
      {Object.values(people)
        .map(({ value }) => value)
        .sort()
        .join(' ')}
    </p>
  )
}

function History(): ReactNode {
  const db = useDatabase()
  const [lines, setLines] = useState<readonly string[]>([])
  useEffect(() => {
    window.drift.append = (line) =>
      db.send({ type: 'push', key: 'history', value: line, action: { type: 'append' } })
    db.subscribe('history', ({ seq, value }) =>
      setLines((before) => [...before, `${seq} ${String(value)}`]),
    )
  }, [db])
  return (
    <ol>
      {lines.map((line, i) => (
        <li key={i}>{line}</li>
      ))}
    </ol>
  )
}
