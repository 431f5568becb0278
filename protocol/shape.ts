// Owns the small vocabulary that messages in JSON are read with: texts, counts, lists, shapes, unions. It says in
// JSON what `codec.ts` says in bytes, so both use the same words. Knows no message.

/** Reads what JSON.parse made. Undefined says: not of this form; JSON itself has no undefined. Never throws. */
export type Shape<T> = (value: unknown) => T | undefined

type Fields = { readonly [name: string]: unknown }
type ShapesOf<T> = { readonly [Name in keyof T]-?: Shape<T[Name]> }

/** A value that a type guard lets pass. */
export function guarded<T>(isSo: (value: unknown) => value is T): Shape<T> {
  return (value) => (isSo(value) ? value : undefined)
}

export const bool: Shape<boolean> = guarded((value): value is boolean => typeof value === 'boolean')

export const text: Shape<string> = guarded((value): value is string => typeof value === 'string')

/** A text in the letters of base64url: one letter at least, `charsMax` at most. */
export function base64urlText(charsMax: number): Shape<string> {
  const fits = (value: string) => value.length <= charsMax && /^[A-Za-z0-9_-]+$/.test(value)
  return guarded((value): value is string => typeof value === 'string' && fits(value))
}

/** Whole numbers from `min` to `max`; minus zero is none of them. Also for the branded ones. */
export function uint<T extends number = number>(min: number, max: number): Shape<T> {
  const fits = (value: number) => min <= value && value <= max && !Object.is(value, -0)
  return guarded((value): value is T => Number.isSafeInteger(value) && fits(value as number))
}

export const count = uint(0, Number.MAX_SAFE_INTEGER)

/** One of a fixed list of words. */
export function word<T extends string>(words: readonly T[]): Shape<T> {
  return guarded((value): value is T => words.includes(value as T))
}

export function nullable<T>(of: Shape<T>): Shape<T | null> {
  return (value) => (value === null ? null : of(value))
}

export function list<T>(of: Shape<T>): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined
    const items = value.map(of)
    return items.includes(undefined) ? undefined : (items as T[])
  }
}

/** An object with these fields and no other. */
export function shape<T extends object>(fields: ShapesOf<T>): Shape<T> {
  const read = looseShape(fields)
  const isKnown = (name: string) => Object.hasOwn(fields, name)
  return (value) => {
    const found = read(value)
    return found !== undefined && Object.keys(value as Fields).every(isKnown) ? found : undefined
  }
}

/** An object with these fields; others are ignored. One of `extras` that is absent or of another form is left out. */
export function looseShape<T extends object, E extends object = object>(
  fields: ShapesOf<T>,
  extras?: ShapesOf<E>,
): Shape<T & Partial<E>> {
  const shapes = Object.entries<Shape<unknown>>({ ...fields, ...extras })
  return (value) => {
    if (!isObject(value)) return undefined
    const found: { [name: string]: unknown } = {}
    for (const [name, of] of shapes) {
      const field = of(value[name])
      if (field !== undefined) found[name] = field
      else if (Object.hasOwn(fields, name)) return undefined
    }
    return found as T & Partial<E>
  }
}

/** One of several shapes told apart by `type`, each read from the fields beside it. */
export function union<U extends { readonly type: string }>(variants: {
  readonly [Type in U['type']]: Shape<Omit<Extract<U, { readonly type: Type }>, 'type'>>
}): Shape<U> {
  const shapes = new Map<unknown, Shape<object>>(Object.entries(variants))
  return (value) => {
    if (!isObject(value)) return undefined
    const { type, ...fields } = value
    const found = shapes.get(type)?.(fields)
    return found && ({ type, ...found } as U)
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
