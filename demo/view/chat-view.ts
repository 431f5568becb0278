// Owns the chat panel: the log, the line being written, and the count of what was not looked at yet.

import type { Acts } from '../acts.ts'
import { chatRefusal, unreadSince, type Unsent } from '../chat.ts'
import type { Model } from '../model.ts'
import type { ChatLine } from '../shapes.ts'
import { byId, keyed, make, setText } from './dom.ts'

type Shown = {
  readonly line: ChatLine
  readonly state: 'said' | 'waiting' | 'failed'
  readonly mine: boolean
}

const STATE_WORDS: { readonly [state in Shown['state']]: string } = {
  said: '',
  waiting: ' waiting',
  failed: ' not sent',
}

/** How near to the end the reader must be for the log to follow along, in pixels. */
const FOLLOW_PX = 60

export function createChatView(acts: () => Acts | null): { draw(model: Model): void } {
  const log = byId('chat-log', HTMLElement)
  const form = byId('chat-form', HTMLFormElement)
  const input = byId('chat-input', HTMLInputElement)
  const problem = byId('chat-problem', HTMLElement)
  const unread = byId('unread', HTMLElement)
  const lines = new Map<string, HTMLElement>()
  let lastSeenId: string | null = null

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const refusal = acts()?.say(input.value) ?? null
    setText(problem, refusal ?? '')
    if (refusal !== null) return
    input.value = ''
    log.scrollTop = log.scrollHeight
  })
  input.addEventListener('input', () => setText(problem, chatRefusal(input.value) ?? ''))

  function shown({ chat }: Model): ReadonlyMap<string, Shown> {
    const said = chat.lines.map(
      (line) => [line.id, { line, state: 'said', mine: chat.mine.has(line.id) }] as const,
    )
    const waiting = chat.unsent.map(
      ({ line, failed }: Unsent) =>
        [line.id, { line, state: failed ? 'failed' : 'waiting', mine: true }] as const,
    )
    return new Map<string, Shown>([...said, ...waiting])
  }

  function draw(model: Model): void {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < FOLLOW_PX
    const visible = log.clientHeight > 0
    keyed(log, lines, shown(model), createLine, dressLine)
    if (visible && atEnd) log.scrollTop = log.scrollHeight
    if (visible && !document.hidden) lastSeenId = model.chat.lines.at(-1)?.id ?? lastSeenId
    const count = unreadSince(model.chat, lastSeenId)
    unread.hidden = count === 0
    unread.setAttribute('aria-label', `${count} unread`)
    setText(unread, count > 99 ? '99+' : String(count))
    const isOut = model.status.status === 'closed'
    form.toggleAttribute('inert', isOut)
    input.placeholder = isOut ? 'You are out of the room' : 'Say something'
  }

  return { draw }
}

function createLine(): HTMLElement {
  return make(
    'p',
    { class: 'line' },
    make('bdi', { class: 'line-name' }),
    ' ',
    make('span', { class: 'line-text', dir: 'auto' }),
    make('span', { class: 'line-state' }),
  )
}

function dressLine(element: HTMLElement, { line, state, mine }: Shown): void {
  const [name, text, note] = element.children
  element.dataset['person'] = line.color
  element.dataset['state'] = state
  if (name !== undefined) setText(name, mine ? `${line.name} (you)` : line.name)
  if (text !== undefined) setText(text, line.text)
  if (note !== undefined) setText(note, STATE_WORDS[state])
}
