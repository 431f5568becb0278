// Owns where the room stands in the fragment of an address, beside what the app keeps there. It knows no page.

/** A path of the app's own router, such as `/board/3` or `!/profile`. */
const ROUTE = /^[/!]/
/** In a route the room is a field of the query, which an anchor may follow. */
const FIELD_OF_ROUTE = /(^[^?#]*\?|&)room=([^&#]*)/
const FIELD = /(^\??|&)room=([^&]*)/

/** The token that a fragment (without its `#`) names; null where it names none. */
export function tokenIn(fragment: string): string | null {
  const value = fieldIn(fragment).exec(fragment)?.[2] ?? ''
  return value === '' ? null : decoded(value)
}

/** The fragment with this token in it. All else in it stays as it is, byte for byte. */
export function withToken(fragment: string, token: string): string {
  const field = `room=${encodeURIComponent(token)}`
  const place = fieldIn(fragment)
  if (place.test(fragment)) return fragment.replace(place, (_, before) => before + field)
  const [head, anchor] = ROUTE.test(fragment) ? cut(fragment, '#') : [fragment, '']
  return head + jointAfter(head) + field + anchor
}

function fieldIn(fragment: string): RegExp {
  return ROUTE.test(fragment) ? FIELD_OF_ROUTE : FIELD
}

function jointAfter(head: string): string {
  if (/(^|[?&])$/.test(head)) return ''
  return ROUTE.test(head) && !head.includes('?') ? '?' : '&'
}

/** `+` stands for itself, and so does a `%` that escapes nothing: a person may have typed it. */
function decoded(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return escapes // not UTF-8: no escape of ours
    }
  })
}

/** What is before a mark, and the rest with it. */
export function cut(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at)]
}
