// Owns the inside panel: who is here, who hosts, the figures, and the timeline of what happened.

import type { Model } from '../model.ts'
import { personOf, runnersOf, shortId, type People, type Runner } from '../people.ts'
import { gapText, type Happening } from '../timeline.ts'
import { hostSentence } from '../words.ts'
import { button, byId, keyed, make, setText } from './dom.ts'

export function createInsideView(): { draw(model: Model): void } {
  const runners = new Map<string, HTMLElement>()
  const happenings = new Map<string, HTMLElement>()
  const namesByHappening = new WeakMap<Element, Happening>()

  return {
    draw(model) {
      const { status, people, peers, myId, timeline } = model
      const here = status.status === 'closed' ? [] : runnersOf(people, peers, myId, status.role)
      setText(
        byId('inside-title', HTMLElement),
        status.status === 'migrating' ? 'Passing the baton' : hostSentence(status, people, myId),
      )
      setText(byId('inside-text', HTMLElement), explanation(model))
      button('leave').hidden = status.status === 'closed'
      drawFacts(model)
      setText(byId('peers-count', HTMLElement), String(here.length))
      keyed(
        byId('peers', HTMLElement),
        runners,
        new Map(here.map((runner) => [runner.id, runner])),
        createRunner,
        (element, runner) => dressRunner(element, runner, status.hostId),
      )
      const entries = new Map(
        timeline.map((happening, i) => [
          `${timeline.length - i}/${happening.at}/${happening.type}`,
          happening,
        ]),
      )
      keyed(
        byId('timeline', HTMLElement),
        happenings,
        entries,
        createHappening,
        (element, happening) => {
          namesByHappening.set(element, happening)
          dressHappening(element, happening, people, myId)
        },
      )
    },
  }
}

function explanation({ status, peers }: Model): string {
  if (status.status === 'closed') return 'The others go on without this tab.'
  if (status.status === 'offline') return 'What you do waits in this tab.'
  if (status.status === 'migrating')
    return 'The next tab is taking over. What you do meanwhile is kept and sent.'
  if (status.status === 'connecting')
    return 'One of the tabs will order every message; no server will.'
  if (status.role !== 'host')
    return 'That tab orders every message. Close it, and another takes over.'
  return peers.length === 0
    ? 'This tab orders every message. Open another one to have somebody to pass to.'
    : 'This tab orders every message. Close it, and watch the others go on.'
}

const SIGNALING_WORDS = { connected: 'on', disconnected: 'off', left: '–' }

function drawFacts({ status, latency, myId }: Model): void {
  const isOut = status.status === 'closed'
  const known = status.status !== 'connecting' && !isOut
  const hostId = isOut ? null : status.hostId
  const fact = (id: string, text: string, title?: string): void => {
    const element = byId(id, HTMLElement)
    setText(element, text)
    if (title !== undefined) element.title = title
  }
  fact('fact-role', known ? status.role : '–')
  fact('fact-term', known ? String(status.term) : '–')
  fact('fact-seq', isOut ? '–' : status.seq.toLocaleString('en'))
  fact('fact-latency', isOut ? '–' : latencyText(latency, status.role === 'host'))
  fact('fact-host', hostId === null ? '–' : shortId(hostId), hostId ?? '')
  fact('fact-me', isOut ? '–' : shortId(myId), myId)
  fact('fact-pending', isOut ? '–' : String(status.pending))
  const signaling = isOut ? 'left' : status.signaling
  fact('fact-signaling', SIGNALING_WORDS[signaling], signaling)
  byId('fact-signaling', HTMLElement).dataset['state'] = signaling
  byId('fact-host', HTMLElement).dataset['id'] = hostId ?? ''
  byId('fact-me', HTMLElement).dataset['id'] = myId
}

function latencyText(latency: number | null, isHost: boolean): string {
  if (latency === null) return '–'
  if (isHost) return '0 ms'
  return latency < 10 ? `${latency.toFixed(1)} ms` : `${Math.round(latency)} ms`
}

function createRunner(): HTMLElement {
  return make(
    'li',
    { class: 'runner' },
    make('span', { class: 'disc', 'aria-hidden': 'true' }),
    make('bdi', { class: 'runner-name' }),
    make('code', { class: 'mono' }),
    make('span', { class: 'role' }),
  )
}

function dressRunner(element: HTMLElement, runner: Runner, hostId: string | null): void {
  const [, name, id, role] = element.children
  element.dataset['person'] = runner.color
  element.dataset['id'] = runner.id
  element.classList.toggle('hosting', runner.id === hostId)
  if (name !== undefined) setText(name, runner.isMe ? `${runner.name} (you)` : runner.name)
  if (id !== undefined) setText(id, shortId(runner.id))
  if (role !== undefined) setText(role, runner.id === hostId ? 'host' : runner.role)
}

function createHappening(_: string, happening: Happening): HTMLElement {
  const time = make(
    'time',
    { datetime: new Date(happening.at).toISOString() },
    new Date(happening.at).toLocaleTimeString([], { hour12: false }),
  )
  return make(
    'li',
    { class: 'happening', 'data-type': happening.type },
    time,
    make('span', { class: 'happening-text' }),
    make('strong', { class: 'gap' }),
  )
}

/** Names may arrive after what they belong to, so the text is looked up anew each time. */
function dressHappening(
  element: HTMLElement,
  happening: Happening,
  people: People,
  myId: string,
): void {
  const [, text, gap] = element.children
  const name = (id: string): string => (id === myId ? 'You' : personOf(people, id).name)
  const [said, measured] = told(happening, name)
  if (text !== undefined) setText(text, said)
  if (gap !== undefined) setText(gap, measured)
}

function told(
  happening: Happening,
  name: (id: string) => string,
): readonly [said: string, measured: string] {
  switch (happening.type) {
    case 'hosted':
      return [
        `Hosted by ${name(happening.hostId) === 'You' ? 'you' : name(happening.hostId)}`,
        `term ${happening.term}`,
      ]
    case 'passed':
      return [`${name(happening.fromId)} → ${name(happening.hostId)}`, gapText(happening.gapMs)]
    case 'joined':
      return [`${name(happening.id)} joined`, '']
    case 'left':
      return [`${name(happening.id)} left`, '']
    case 'signaling':
      return [happening.state === 'connected' ? 'Signaling is back' : 'Signaling out of reach', '']
  }
}
