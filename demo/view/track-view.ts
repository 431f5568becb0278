// Owns the running track around the board: a tag for everyone here, and the baton, which runs on to the next host.

import type { Model } from '../model.ts'
import { initialsOf, runnersOf, type Runner } from '../people.ts'
import { lapLength, loopIn, placesOn, runAhead, twoLaps, type Loop, type Place } from '../track.ts'
import { byId, keyed, make, setText } from './dom.ts'

/** Below this much track for each, tags shrink to initials. */
const FULL_TAG_PX = 200
const TAG_MARGIN_PX = 84
const SMALL_TAG_MARGIN_PX = 30
/** Between a tag and the baton its runner holds ahead. */
const REACH_PX = 28

export function createTrackView(): { draw(model: Model): void } {
  const track = byId('track', HTMLElement)
  const runners = byId('runners', HTMLElement)
  const baton = byId('track-baton', HTMLElement)
  const tags = new Map<string, HTMLElement>()
  let loop: Loop = { width: 0, height: 0, inset: 0, radius: 0 }
  let hostId: string | null = null
  let batonAt = 0
  let last: Model | null = null

  function measure(): void {
    const style = getComputedStyle(track)
    const box = { width: track.clientWidth, height: track.clientHeight }
    loop = loopIn(
      box,
      Number.parseFloat(style.getPropertyValue('--track-width')),
      Number.parseFloat(style.getPropertyValue('--track-radius')),
    )
    track.style.setProperty('--loop', `path("${twoLaps(loop)}")`)
    track.style.setProperty('--lap', `${lapLength(loop)}px`)
    if (last !== null) draw(last)
  }

  function draw(model: Model): void {
    last = model
    const { status } = model
    const all =
      status.status === 'closed'
        ? []
        : runnersOf(model.people, model.peers, model.myId, status.role)
    const small = lapLength(loop) / Math.max(1, all.length) < FULL_TAG_PX
    const places = placesOn(loop, all.length, small ? SMALL_TAG_MARGIN_PX : TAG_MARGIN_PX)
    const placed = new Map(
      all.map((runner, i) => [
        runner.id,
        { runner, place: places[i] ?? { distance: 0, side: 'top' as const } },
      ]),
    )
    keyed(
      runners,
      tags,
      placed,
      () => make('div', { class: 'tag' }, make('bdi')),
      (tag, { runner, place }) => dress(tag, runner, place, small, runner.id === status.hostId),
    )
    drawBaton(model, placed)
  }

  function drawBaton(
    { status }: Model,
    placed: ReadonlyMap<string, { readonly place: Place }>,
  ): void {
    const searching = status.status === 'connecting'
    baton.classList.toggle('running', searching)
    baton.classList.toggle('aloft', status.status === 'migrating' || status.status === 'offline')
    baton.classList.toggle('gone', status.status === 'closed')
    const place = status.hostId === null ? undefined : placed.get(status.hostId)?.place
    if (searching || place === undefined || status.hostId === null) return
    const tag = tags.get(status.hostId)
    const target = place.distance + (tag?.offsetWidth ?? 0) / 2 + REACH_PX
    const { from, to } = runAhead(batonAt, target, lapLength(loop))
    const passed = hostId !== null && hostId !== status.hostId
    hostId = status.hostId
    batonAt = to
    baton.style.offsetDistance = `${to}px`
    if (passed) run(baton, from, to)
  }

  new ResizeObserver(measure).observe(track)
  return { draw }
}

function dress(
  tag: HTMLElement,
  runner: Runner,
  place: Place,
  small: boolean,
  hosting: boolean,
): void {
  tag.dataset['person'] = runner.color
  tag.dataset['side'] = place.side
  tag.classList.toggle('hosting', hosting)
  tag.style.offsetDistance = `${place.distance}px`
  if (tag.firstElementChild !== null) setText(tag.firstElementChild, textOn(runner, small))
}

function textOn({ isMe, name }: Runner, small: boolean): string {
  if (isMe) return 'You'
  return small ? initialsOf(name) : name
}

function run(baton: HTMLElement, from: number, to: number): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  const duration = Math.min(1_400, 500 + (to - from) / 3)
  baton.animate([{ offsetDistance: `${from}px` }, { offsetDistance: `${to}px` }], {
    duration,
    easing: 'cubic-bezier(.45, 0, .15, 1)',
  })
}
