// Owns what an app gets as a shared text: a reducer whose actions are edits, and the fields that show it.

import { BatonError, createToken, sharedReducer } from '../index.ts'
import type { Room, Shared, SharedReducer } from '../index.ts'
import { ownMembers } from '../own-members.ts'
import { bindField, type Field } from './field.ts'
import { applied, editOf, textOf, type Edit, type Letters } from './letters.ts'

/** A text that several people write at once: what each of them types stays, whoever types elsewhere meanwhile. */
export interface SharedText extends Shared<string> {
  /**
   * Makes it this text, or what a function makes of it. Only the span that differs travels. Resolves once the edit is
   * safe in the room; rejects as `room.append` does.
   */
  set(next: string | ((current: string) => string)): Promise<void>
  /**
   * Ties a text field to it: the field shows the text, typing changes it, and the caret stays with its letters. Each of
   * several fields may be tied. What is composed (IME) is not disturbed: it travels when it is done. The undo of the
   * browser is left alone. What the room refuses to take is taken back, and reported as an uncaught error is. In a room
   * that was left the field is the page's own. A script that changes the field calls `set` instead.
   *
   * @param field A textarea, or an input of type text, search, url, tel or password; an input shows one line.
   * @returns what unties it, and leaves in it what it shows.
   * @throws BatonError `bad-argument` for anything else.
   * @example
   * const untie = sharedText(room, 'plan').bind(document.querySelector('textarea'))
   */
  bind(field: Field): () => void
}

/**
 * Shares one text. Two edits at once are both kept, letter by letter; at the same place, the later in the room's order
 * stands in front. Where a `sharedValue` holds a text, the last write takes the place of all of it.
 *
 * @param key Of the stream, which holds edits; a `sharedValue` of the same key is something else.
 * @param initial What it is while nobody has changed it: the same on every page. At most 4 MiB, as any value.
 * @throws BatonError `bad-argument` or `key-too-long` for a room, key or text that is none.
 * @example
 * const title = sharedText(room, 'title', 'Untitled')
 * title.bind(document.querySelector('input'))
 * title.subscribe((text) => (document.title = text))
 */
export function sharedText(room: Room, key: string, initial = ''): SharedText {
  if (typeof initial !== 'string')
    throw new BatonError('bad-argument', `A text begins as a string; this is ${typeof initial}.`)
  return new TextObject(room, sharedReducer<Letters, Edit>(room, key, applied, initial))
}

class TextObject implements SharedText {
  readonly #room: Room
  readonly #letters: SharedReducer<Letters, Edit>
  /** Names this object among all that write to the key. */
  readonly #author = createToken().slice(0, 10)
  #written = 0
  #isClosed = false

  constructor(room: Room, letters: SharedReducer<Letters, Edit>) {
    this.#room = room
    this.#letters = letters
    ownMembers(this)
  }

  get value(): string {
    return textOf(this.#letters.value)
  }

  get ready(): Promise<void> {
    return this.#letters.ready
  }

  get isReady(): boolean {
    return this.#letters.isReady
  }

  subscribe(listener: (value: string) => void): () => void {
    if (typeof listener !== 'function')
      throw new BatonError('bad-argument', `A listener is a function; this is ${typeof listener}.`)
    let told = this.value
    return this.#letters.subscribe((letters) => {
      const text = textOf(letters)
      if (text === told) return
      told = text
      listener(text)
    })
  }

  async set(next: string | ((current: string) => string)): Promise<void> {
    const text = typeof next === 'function' ? next(this.value) : next
    if (typeof text !== 'string')
      throw new BatonError('bad-argument', `A text is set to a string; this is ${typeof text}.`)
    const edit = this.#editOf(this.#letters.value, text)
    if (edit !== null) await this.#letters.dispatch(edit)
  }

  bind(field: Field): () => void {
    if (typeof field?.setRangeText !== 'function')
      throw new BatonError('bad-argument', 'bind needs an input or a textarea of this page.')
    return bindField(field, {
      letters: this.#letters,
      editOf: (letters, text, caret) => this.#editOf(letters, text, caret),
      isOver: () => this.#isClosed || this.#room.status.status === 'closed',
    })
  }

  close(): void {
    this.#isClosed = true
    this.#letters.close()
  }

  #editOf(letters: Letters, text: string, caret?: number): Edit | null {
    const edit = editOf(letters, text, [this.#author, this.#written], caret)
    this.#written += edit?.put.length ?? 0
    return edit
  }
}
