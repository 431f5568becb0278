// Owns where each record of a stored copy lies: places behind the prefix of the room. What the records hold is
// copy-records.ts's. [PE11]
//
//   prefix 0                               the head
//   prefix 1 number                        the fence, for each number that was taken
//   prefix 2 life number                   the outbox of that life
//   prefix 3 author op                     what apps were told is over
//   prefix 4                               the head of a copy that failed its checks
//   prefix 5 generation area …             a whole copy; the head names the generation that counts

import { concat } from '../protocol/concat.ts'
import type { Index, OpId, PeerId, Seq } from '../protocol/ids.ts'
import type { Place, Write } from '../storage/store.ts'

const NUMBER_BYTES = 7
const LENGTH_BYTES = 2
const AREAS = ['history', 'ops', 'tail', 'streams', 'folds'] as const
export type Area = (typeof AREAS)[number]

const utf8 = new TextEncoder()
const fromUtf8 = new TextDecoder('utf-8', { fatal: true })

export class CopyPlaces {
  readonly #prefix: Place

  constructor(prefix: Place) {
    this.#prefix = prefix
  }

  /** From here … */
  get start(): Place {
    return this.#prefix
  }

  /** … up to here, left out, lies all of the room. */
  get end(): Place {
    return after(this.#prefix)
  }

  get head(): Place {
    return this.#at(0)
  }

  get fence(): Place {
    return this.#at(1)
  }

  get outbox(): Place {
    return this.#at(2)
  }

  outboxOf(life: PeerId): Place {
    return join(this.outbox, utf8.encode(life))
  }

  promised(life: PeerId, number: number): Place {
    return join(this.outboxOf(life), numberBytes(number))
  }

  get over(): Place {
    return this.#at(3)
  }

  overOp(author: PeerId, opId: OpId): Place {
    return join(this.over, utf8.encode(author), numberBytes(opId))
  }

  get setAside(): Place {
    return this.#at(4)
  }

  get generations(): Place {
    return this.#at(5)
  }

  generation(generation: number): GenerationPlaces {
    return new GenerationPlaces(join(this.generations, numberBytes(generation)))
  }

  #at(what: number): Place {
    return join(this.#prefix, Uint8Array.of(what))
  }
}

export class GenerationPlaces {
  readonly start: Place

  constructor(start: Place) {
    this.start = start
  }

  area(area: Area): Place {
    return join(this.start, Uint8Array.of(AREAS.indexOf(area)))
  }

  reign(number: number): Place {
    return join(this.area('history'), numberBytes(number))
  }

  author(author: PeerId): Place {
    return join(this.area('ops'), utf8.encode(author))
  }

  /** A piece of the tail, by its last entry. */
  tail(last: Index): Place {
    return join(this.area('tail'), numberBytes(last))
  }

  stream(key: string): Place {
    const bytes = utf8.encode(key)
    const length = Uint8Array.of(bytes.length >>> 8, bytes.length)
    return join(this.area('streams'), length, bytes)
  }

  /** A piece of a stream, by its last message. */
  piece(key: string, last: Seq): Place {
    return join(this.stream(key), numberBytes(last))
  }

  fold(index: Index): Place {
    return join(this.area('folds'), numberBytes(index))
  }
}

/** What a place behind `generations` names. */
export type InGeneration = {
  readonly generation: number
  readonly area: Area | undefined
  /** What is behind the area. */
  readonly rest: Uint8Array
}

export function inGeneration(place: Place, generations: Place): InGeneration {
  const from = generations.length
  const generation = numberIn(place.subarray(from, from + NUMBER_BYTES))
  const area = AREAS[place[from + NUMBER_BYTES] ?? AREAS.length]
  return { generation, area, rest: place.subarray(from + NUMBER_BYTES + 1) }
}

/** Key and last seq of a piece. */
export function pieceIn(rest: Uint8Array): { readonly key: string; readonly last: Seq } {
  const key = rest.subarray(LENGTH_BYTES, rest.length - NUMBER_BYTES)
  return { key: fromUtf8.decode(key), last: lastNumberIn(rest) as Seq }
}

export function textIn(bytes: Uint8Array): string {
  return fromUtf8.decode(bytes)
}

/** The number that a place ends with. */
export function lastNumberIn(place: Uint8Array): number {
  return numberIn(place.subarray(Math.max(0, place.length - NUMBER_BYTES)))
}

/** The text before the number that a place ends with. */
export function textBeforeNumber(rest: Uint8Array): string {
  return textIn(rest.subarray(0, rest.length - NUMBER_BYTES))
}

type Delete = Extract<Write, { readonly deleteFrom: Place }>

/** Deletes all that begins with this place. */
export function deleteAllIn(place: Place): Delete {
  return { deleteFrom: place, to: after(place) }
}

export function deleteOne(place: Place): Delete {
  return { deleteFrom: place, to: join(place, Uint8Array.of(0)) }
}

/** The first place behind all that begin with this one. No place is of bytes 255 alone. */
export function after(place: Place): Place {
  const last = place.findLastIndex((byte) => byte < 255)
  const next = place.slice(0, last + 1)
  next[last]!++
  return next
}

export function startsWith(place: Place, start: Place): boolean {
  return place.length >= start.length && start.every((byte, at) => place[at] === byte)
}

function numberBytes(number: number): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES)
  let rest = number
  for (let at = NUMBER_BYTES - 1; at >= 0; at--) {
    bytes[at] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return bytes
}

function numberIn(bytes: Uint8Array): number {
  return bytes.reduce((number, byte) => number * 256 + byte, 0)
}

function join(...parts: readonly Uint8Array[]): Place {
  return concat(parts)
}
