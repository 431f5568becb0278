// A to-do list in React: the tasks are a shared map, and the room is named by what follows # in the address.

import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { linkTo } from 'baton-relay'
import {
  RoomProvider,
  RoomQRCode,
  StatusIndicator,
  usePeers,
  useRoom,
  useSharedMap,
} from 'baton-relay/react'

const FILTERS = { All: () => true, Open: (task) => !task.done, Done: (task) => task.done }

function ToDo() {
  const room = useRoom()
  const others = usePeers().length
  const [tasks, { set, delete: remove }, isReady] = useSharedMap('tasks')
  const [filter, setFilter] = useState('All')
  const [problem, setProblem] = useState(null)
  useEffect(() => room?.on('error', setProblem), [room])
  useEffect(() => room?.on('status', ({ status }) => status === 'live' && setProblem(null)), [room])

  const safely = (promise) => promise.then(() => setProblem(null), setProblem)
  const all = [...tasks].sort(([, a], [, b]) => a.at - b.at)
  const shown = all.filter(([, task]) => FILTERS[filter](task))
  const done = all.filter(([, task]) => task.done)

  function addTask(text) {
    const name = crypto.getRandomValues(new Uint32Array(2)).join('-')
    void safely(set(name, { text, done: false, at: room?.now() ?? Date.now() }))
  }

  return (
    <>
      <header className="room-bar">
        <h1>To-do list</h1>
        <StatusIndicator className="grow" style={{ minHeight: 44 }} />
        <span className="aside">
          {others === 0
            ? 'only you are here'
            : others === 1
              ? '1 other is here'
              : `${others} others are here`}
        </span>
        {problem !== null && (
          <p className="problem" role="alert">
            {problem.message}
          </p>
        )}
      </header>
      <NewTask onAdd={addTask} />
      <main className="panel">
        {shown.length === 0 && <p className="hint">{emptySentence(isReady, all.length, filter)}</p>}
        <ul className="items" aria-label="Tasks">
          {shown.map(([name, task]) => (
            <Task
              key={name}
              task={task}
              onChange={(change) => void safely(set(name, { ...task, ...change }))}
              onRemove={() => void safely(remove(name))}
            />
          ))}
        </ul>
      </main>
      <div className="row">
        <span className="grow" role="status" style={{ whiteSpace: 'nowrap' }}>
          {all.length - done.length} open, {done.length} done
        </span>
        <fieldset className="filters" aria-label="Show">
          {Object.keys(FILTERS).map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="filter"
                checked={filter === name}
                onChange={() => setFilter(name)}
              />
              {name}
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          disabled={done.length === 0}
          onClick={() => done.forEach(([name]) => void safely(remove(name)))}
        >
          Clear done
        </button>
      </div>
      <Share />
    </>
  )
}

function emptySentence(isReady, count, filter) {
  if (!isReady) return 'Looking for the room…'
  return count === 0
    ? 'Nothing to do yet. What you add here, everyone with the link sees.'
    : `No task is ${filter.toLowerCase()}.`
}

function NewTask({ onAdd }) {
  const [text, setText] = useState('')
  function submit(event) {
    event.preventDefault()
    if (text.trim() === '') return
    onAdd(text.trim())
    setText('')
  }
  return (
    <form className="row" onSubmit={submit}>
      <input
        type="text"
        aria-label="New task"
        placeholder="What is to be done?"
        maxLength={500}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button className="strong">Add</button>
    </form>
  )
}

function Task({ task, onChange, onRemove }) {
  const [draft, setDraft] = useState(null) // text while it is being edited
  function keep() {
    if (draft.trim() !== '' && draft !== task.text) onChange({ text: draft.trim() })
    setDraft(null)
  }
  if (draft !== null) {
    return (
      <li>
        <input
          type="text"
          aria-label={`New text of ${task.text}`}
          autoFocus
          maxLength={500}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={keep}
          onKeyDown={({ key }) => (key === 'Enter' ? keep() : key === 'Escape' && setDraft(null))}
        />
      </li>
    )
  }
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={task.done}
          onChange={() => onChange({ done: !task.done })}
        />
        <span>{task.text}</span>
      </label>
      <button
        type="button"
        aria-label={`Edit ${task.text}`}
        title="Edit"
        onClick={() => setDraft(task.text)}
      >
        ✎
      </button>
      <button type="button" aria-label={`Remove ${task.text}`} title="Remove" onClick={onRemove}>
        ✕
      </button>
    </li>
  )
}

function Share() {
  const room = useRoom()
  return (
    <details>
      <summary>Share this list</summary>
      <div className="share">
        <RoomQRCode size={168} />
        <p>
          Scan the code, or send this link. Who has it is in the room:
          <br />
          {room !== null && (
            <a href={linkTo(room)} target="_blank" rel="noopener">
              {linkTo(room)}
            </a>
          )}
        </p>
      </div>
    </details>
  )
}

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <RoomProvider>
      <ToDo />
    </RoomProvider>
  </StrictMode>,
)
