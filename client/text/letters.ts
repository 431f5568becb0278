// Owns a text whose letters have names, and the edits that name them. An edit means the same letters wherever it is
// applied: so two edits of one text are merged, in whatever order they come. Pure.

import { spanOf } from './span.ts'

/** A letter, a UTF-16 unit: who wrote it, and which of the author's letters it is. */
export type Place = readonly [by: string, n: number]

/** Letters of one author in a row, the first of which is the n-th; of letters that are gone only how many they were. */
export type Run = readonly [by: string, n: number, what: string | number]

/** A text as it was at first has letters of nobody. */
export type Letters = string | readonly Run[]

/** Some letters are gone, and others stand behind a letter; behind null is in front. */
export type Edit = {
  readonly after: Place | null
  /** The first of these letters is this one; the others count on. */
  readonly by: string
  readonly n: number
  readonly put: string
  readonly cut: readonly (readonly [by: string, n: number, count: number])[]
}

/** So many runs remember letters that are gone. Beyond, edits that are on their way may lose their place, no letter. */
const TEXT_RUNS_MAX = 1_024

export function textOf(letters: Letters): string {
  return typeof letters === 'string' ? letters : letters.map(liveOf).join('')
}

/** What makes this text of these letters; `by` and `n` name the first new letter. Null where nothing changes. */
export function editOf(
  letters: Letters,
  text: string,
  [by, n]: Place,
  caret?: number,
): Edit | null {
  const { start, end, put } = spanOf(textOf(letters), text, caret)
  if (start === end && put === '') return null
  let offset = 0
  const cut = runsOf(letters).flatMap((run) => {
    const from = Math.max(start - offset, 0)
    const to = Math.min(end - offset, liveOf(run).length)
    offset += liveOf(run).length
    return from < to ? [[run[0], run[1] + from, to - from] as const] : []
  })
  return { after: placeAt(letters, start), by, n, put, cut }
}

/** @throws TypeError for what is no edit. */
export function applied(letters: Letters, edit: Edit): Letters {
  if (!isEdit(edit)) throw new TypeError('An edit of a text is { after, by, n, put, cut }.')
  const { after, by, n, put, cut } = edit
  const kept = cut.reduce(
    (runs, range) => runs.flatMap((run) => without(run, range)),
    runsOf(letters),
  )
  return joined(behind(kept, after, [by, n, put]))
}

/** The letter before this offset; null at the start. */
export function placeAt(letters: Letters, offset: number): Place | null {
  if (offset === 0) return null
  let left = offset
  for (const run of runsOf(letters)) {
    const { length } = liveOf(run)
    if (left <= length) return [run[0], run[1] + left - 1]
    left -= length
  }
  return null
}

/** Where the text goes on behind a letter, even if that is gone. */
export function offsetOf(letters: Letters, place: Place | null): number {
  if (place === null) return 0
  let offset = 0
  for (const run of runsOf(letters)) {
    const { length } = liveOf(run)
    const within = indexIn(run, place)
    if (within >= 0) return offset + Math.min(within + 1, length)
    offset += length
  }
  return offset
}

function runsOf(letters: Letters): readonly Run[] {
  return typeof letters === 'string' ? [['', 0, letters]] : letters
}

function liveOf([, , what]: Run): string {
  return typeof what === 'string' ? what : ''
}

function lengthOf([, , what]: Run): number {
  return typeof what === 'string' ? what.length : what
}

/** -1 where the letter is not in this run. */
function indexIn(run: Run, [by, n]: Place): number {
  const index = n - run[1]
  return by === run[0] && index < lengthOf(run) ? index : -1
}

/** A run without letters of this range, in up to three pieces. */
function without(run: Run, [by, n, count]: Edit['cut'][number]): readonly Run[] {
  const [author, first, what] = run
  if (author !== by || typeof what === 'number') return [run]
  const from = Math.max(n - first, 0)
  const to = Math.min(n + count - first, what.length)
  if (from >= to) return [run]
  return [
    [by, first, what.slice(0, from)],
    [by, first + from, to - from],
    [by, first + to, what.slice(to)],
  ]
}

/** New letters directly behind a letter; of a letter that nobody knows any more, behind all. */
function behind(runs: readonly Run[], after: Place | null, put: Run): readonly Run[] {
  if (after === null) return [put, ...runs]
  const i = runs.findIndex((run) => indexIn(run, after) >= 0)
  if (i < 0) return [...runs, put]
  const [by, first, what] = runs[i]!
  const left = after[1] - first + 1
  const [before, rest] =
    typeof what === 'string' ? [what.slice(0, left), what.slice(left)] : [left, what - left]
  return [
    ...runs.slice(0, i),
    [by, first, before],
    put,
    [by, first + left, rest],
    ...runs.slice(i + 1),
  ]
}

/** In as few runs as may be. */
function joined(runs: readonly Run[]): readonly Run[] {
  const kept: Run[] = []
  for (const run of runs) {
    const last = kept.at(-1)
    if (lengthOf(run) === 0) continue
    if (last !== undefined && goesOn(last, run))
      kept[kept.length - 1] = [last[0], last[1], (last[2] as string) + (run[2] as string)]
    else kept.push(run)
  }
  return kept.length > TEXT_RUNS_MAX ? kept.filter((run) => typeof run[2] === 'string') : kept
}

/** Whether a run begins where the other ends, and both live or both are gone. */
function goesOn(last: Run, [by, n, what]: Run): boolean {
  return last[0] === by && last[1] + lengthOf(last) === n && typeof last[2] === typeof what
}

function isEdit(edit: Edit): boolean {
  const { after, by, n, put, cut } = edit ?? {}
  if (typeof put !== 'string' || !Array.isArray(cut)) return false
  const places: unknown[] = [[by, n], ...(after === null ? [] : [after]), ...cut]
  return places.every(isPlace) && cut.every(([, , count]) => Number.isSafeInteger(count))
}

function isPlace(place: unknown): boolean {
  if (!Array.isArray(place)) return false
  return typeof place[0] === 'string' && Number.isSafeInteger(place[1])
}
