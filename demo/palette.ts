// Owns the closed lists that people and notes choose from. What a peer sends is only ever a name of these;
// the colours themselves are in `styles/tokens.css`.

export const PERSON_COLORS = [
  'blue',
  'teal',
  'green',
  'olive',
  'copper',
  'pink',
  'violet',
  'slate',
] as const
export type PersonColor = (typeof PERSON_COLORS)[number]

export const NOTE_COLORS = ['butter', 'mint', 'sky', 'rose', 'lilac'] as const
export type NoteColor = (typeof NOTE_COLORS)[number]

/** Swift ones, short enough for a tag. */
export const ANIMALS = [
  'Heron',
  'Otter',
  'Lynx',
  'Falcon',
  'Hare',
  'Ibex',
  'Marten',
  'Swift',
  'Gazelle',
  'Kestrel',
  'Puffin',
  'Stoat',
  'Dingo',
  'Osprey',
  'Serval',
  'Jackal',
  'Plover',
  'Roebuck',
  'Wren',
  'Cheetah',
  'Emu',
  'Mustang',
  'Coyote',
  'Tern',
] as const

export function isPersonColor(value: unknown): value is PersonColor {
  return (PERSON_COLORS as readonly unknown[]).includes(value)
}

export function isNoteColor(value: unknown): value is NoteColor {
  return (NOTE_COLORS as readonly unknown[]).includes(value)
}

export function nextNoteColor(color: NoteColor): NoteColor {
  return NOTE_COLORS[(NOTE_COLORS.indexOf(color) + 1) % NOTE_COLORS.length] ?? NOTE_COLORS[0]
}
