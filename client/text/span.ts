// Owns the one span in which two texts differ. Pure.

/** What stood from `start` to `end` gave way to `put`. */
export type Span = { readonly start: number; readonly end: number; readonly put: string }

/**
 * The shortest span that makes `after` of `before`. It holds the two halves of an emoji or neither.
 *
 * @param caret Where the caret of whoever typed stands in `after`. Of spans that make the same text, such as an `a`
 * among others, it tells which: the one that ends there.
 */
export function spanOf(before: string, after: string, caret = Infinity): Span {
  const shared = Math.min(before.length, after.length)
  const startMax = Math.min(shared, caret - Math.max(after.length - before.length, 0))
  let start = 0
  while (start < startMax && before[start] === after[start]) start++
  if (isFirstHalf(before.charCodeAt(start - 1))) start--
  let tail = 0
  while (tail < shared - start && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  if (isSecondHalf(before.charCodeAt(before.length - tail))) tail--
  return { start, end: before.length - tail, put: after.slice(start, after.length - tail) }
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isSecondHalf(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
