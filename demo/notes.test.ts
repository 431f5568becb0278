import { expect, test } from 'vitest'
import { LISTED_MAX } from './board-limits.ts'
import {
  NO_NOTES,
  draftRefused,
  draftSettled,
  dragsExpired,
  foldedListing,
  noteDragged,
  noteDrafted,
  noteListed,
  noteReplaced,
  notesReset,
  shownNotes,
  type Draft,
  type Notes,
} from './notes.ts'
import type { Note } from './shapes.ts'

const ID = 'note00001'
const note: Note = { x: 0.5, y: 0.5, text: 'one', color: 'mint', author: 'Heron' }
const standing = noteReplaced(NO_NOTES, ID, note, 5)

function draftOf(notes: Notes): Draft {
  const draft = notes.drafts.get(ID)
  if (draft === undefined) throw new Error('no draft')
  return draft
}

test('what the room says is shown', () => {
  expect(shownNotes(standing).get(ID)).toEqual({ note, order: 5, waiting: false })
})

test('a null deletes, and a bad shape changes nothing', () => {
  expect(shownNotes(noteReplaced(standing, ID, null, 6)).size).toBe(0)
  expect(noteReplaced(standing, ID, { text: 1 }, 6)).toBe(standing)
})

test('a draft is shown before the room has taken it, and says that it waits', () => {
  const drafted = noteDrafted(standing, ID, { ...note, text: 'two' })
  expect(shownNotes(drafted).get(ID)).toMatchObject({ note: { text: 'two' }, waiting: true })
})

test('a draft outlives what others say until its own message comes', () => {
  const drafted = noteDrafted(standing, ID, { ...note, text: 'two' })
  const overtaken = noteReplaced(drafted, ID, { ...note, text: 'theirs' }, 6)
  expect(shownNotes(overtaken).get(ID)?.note.text).toBe('two')
  const settled = draftSettled(overtaken, ID, draftOf(overtaken), 7)
  expect(shownNotes(settled).get(ID)).toMatchObject({ note: { text: 'two' }, waiting: false })
  const confirmed = noteReplaced(settled, ID, { ...note, text: 'two' }, 7)
  expect(confirmed.drafts.size).toBe(0)
  expect(shownNotes(confirmed).get(ID)?.note.text).toBe('two')
})

test('a receipt that comes after its message ends the draft at once', () => {
  const drafted = noteDrafted(standing, ID, { ...note, text: 'two' })
  const here = noteReplaced(drafted, ID, { ...note, text: 'two' }, 6)
  expect(draftSettled(here, ID, draftOf(drafted), 6).drafts.size).toBe(0)
})

test('the receipt of an older draft leaves the newer one alone', () => {
  const first = noteDrafted(standing, ID, { ...note, text: 'two' })
  const second = noteDrafted(first, ID, { ...note, text: 'three' })
  expect(draftSettled(second, ID, draftOf(first), 6)).toBe(second)
  expect(draftRefused(second, ID, draftOf(first))).toBe(second)
})

test('a refused draft brings back what stands', () => {
  const drafted = noteDrafted(standing, ID, null)
  expect(shownNotes(drafted).size).toBe(0)
  expect(shownNotes(draftRefused(drafted, ID, draftOf(drafted))).get(ID)?.note).toEqual(note)
})

test('a drag moves a note until its resting place comes, or until it has been silent', () => {
  const dragged = noteDragged(standing, { id: ID, x: 0.9, y: 0.1 }, 1_000)
  expect(shownNotes(dragged).get(ID)?.note).toMatchObject({ x: 0.9, y: 0.1, text: 'one' })
  expect(shownNotes(noteReplaced(dragged, ID, { ...note, x: 0.8 }, 6)).get(ID)?.note.x).toBe(0.8)
  expect(shownNotes(dragsExpired(dragged, 2_000)).get(ID)?.note.x).toBe(0.5)
  expect(dragsExpired(dragged, 500)).toBe(dragged)
})

test('a drag of a note nobody has is ignored', () => {
  expect(noteDragged(NO_NOTES, { id: ID, x: 0, y: 0 }, 0)).toBe(NO_NOTES)
})

test('listings add up, whether one by one or folded', () => {
  const listed = noteListed(noteListed(NO_NOTES, { ids: [ID] }), { ids: ['note00002', ID] })
  expect([...listed.listed]).toEqual([ID, 'note00002'])
  expect(noteListed(listed, { ids: [ID] })).toBe(listed)
})

test('a page that has seen many notes come and go still takes new ones', () => {
  let notes = NO_NOTES
  for (let i = 0; i < LISTED_MAX + 5; i++) {
    const id = `note${String(i).padStart(5, '0')}`
    notes = noteReplaced(noteListed(notes, { ids: [id] }), id, i === 0 ? note : null, i + 1)
  }
  expect(notes.listed.size).toBeLessThan(10)
  expect(notes.listed.has('note00000')).toBe(true)
  expect(notes.listed.has(`note${String(LISTED_MAX + 4).padStart(5, '0')}`)).toBe(true)
})

test('a fold leaves out only the notes known to be deleted', () => {
  const listed = noteListed(standing, { ids: [ID, 'note00002', 'note00003'] })
  expect(foldedListing(noteReplaced(listed, 'note00002', null, 8))).toEqual({
    ids: [ID, 'note00003'],
  })
})

test('a reset forgets what was heard under its keys and keeps what was never confirmed', () => {
  const other = noteReplaced(standing, 'note00002', note, 6)
  const drafted = noteDrafted(noteListed(other, { ids: [ID] }), ID, { ...note, text: 'mine' })
  const reset = notesReset(drafted, [`note/${ID}`])
  expect(reset.listed.size).toBe(1)
  expect([...shownNotes(reset)].map(([id, shown]) => [id, shown.note.text])).toEqual([
    ['note00002', 'one'],
    [ID, 'mine'],
  ])
  expect(shownNotes(notesReset(draftSettled(drafted, ID, draftOf(drafted), 9), 'all')).size).toBe(0)
})
