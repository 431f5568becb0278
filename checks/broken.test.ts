import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { HistoryEvent } from './history.ts'
import { parseHistory } from './parse-history.ts'
import { CHECKERS, type CheckerName } from './index.ts'

const folder = new URL('broken/', import.meta.url)

function readHistory(file: string): readonly HistoryEvent[] {
  const parsed = parseHistory(readFileSync(new URL(file, folder), 'utf8'))
  if (!parsed.ok) throw new Error(`${file}, ${parsed.error}`)
  return parsed.value
}

function fileOf(checker: string): string {
  return `${checker.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.jsonl`
}

/** What each finds is also what a person reads: it names who, where and when. */
const FINDINGS: { readonly [Checker in CheckerName]: string } = {
  noCreation:
    'a at 101 ms was given a/1 as 1 under "log" on 1:a, which a at 103 ms was told is refused (room-full)',
  noDuplicates: 'b at 160 ms was given a/1 twice, as 1 and as 2',
  agreement:
    '2:c has b/1 as 1, and continues 1:a, which has a/1 there: b went from one to the other and heard of no reset',
  totalOrder: 'b at 102 ms was given seq 1 after 2, and no reset said so',
  noGaps: 'b was never given seq 2 between 1 and 3',
  authorOrder: 'a at 102 ms was given b/9 after b/10',
  kept: 'a/1 ("log") was acknowledged at 102 ms as 1 and is not in b\'s end state, though not all who held it are gone, as [a b] did at first',
  replayIsFold: 'b at 200 ms replays "log" after 0 with a/1 as 1, which a/2 as 2 replaced',
  noGhosts: 'b at 310 ms has a/1 as 1 under "log", which b/1 had folded up to 2',
  oneHost: 'term 2 has two hosts: c, says c at 320 ms, and b, says b at 300 ms',
  noLoneReceipts: 'a gave itself a receipt for a/2 at 5001 ms, and had heard nobody for 2000 ms',
  converged: '"log" ends with b/1 as 1 at place 1 for a, with a/1 as 1 for b',
  noneForgotten: 'b at 30000 ms still waits for 1 receipts in a room that has long been quiet',
  nothingTakenBack:
    'b at 310 ms had to forget what came after seq 0, though its new host could have asked it',
  oneOutcome: 'a/1 is acknowledged as 1 at 103 ms, and was refused (receipt-unknown) at 102 ms',
  silenceTold: 'a calls itself connected at 16500 ms, and nothing passes its socket since 1000 ms',
  availability: 'the first receipt after the crash until 1000 ms took 2901 ms; 2400 ms are allowed',
  bounded: 'tail of a takes 8388609 bytes at 20000 ms, and 8388608 are the most',
}

test.each(Object.keys(CHECKERS) as CheckerName[])(
  'a history that breaks the promise of %s is found by it alone',
  (checker) => {
    const history = readHistory(fileOf(checker))
    const found = Object.fromEntries(
      (Object.keys(CHECKERS) as CheckerName[])
        .map((name) => [name, CHECKERS[name](history)])
        .filter(([, what]) => what !== null),
    )
    expect(found).toEqual({ [checker]: FINDINGS[checker] })
  },
)

test('every broken history belongs to a checker', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(CHECKERS).map(fileOf).sort())
})
