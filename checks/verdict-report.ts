// Owns what a person reads of recorded histories: what was in them, how soon the room worked again,
// and the verdict.

import { describeRecoveries } from './availability.ts'
import { judge, type Verdict } from './index.ts'
import { countReceipts } from './kept.ts'
import { mergeHistories, type HistoryEvent } from './history.ts'
import { parseHistory } from './parse-history.ts'

export type Recording = { readonly name: string; readonly text: string }
export type Report = {
  readonly verdict: Verdict['verdict'] | 'unreadable'
  readonly lines: readonly string[]
}

/** Takes the recordings as those of one run. */
export function reportOn(recordings: readonly Recording[]): Report {
  const histories: HistoryEvent[][] = []
  for (const { name, text } of recordings) {
    const parsed = parseHistory(text)
    if (!parsed.ok) return { verdict: 'unreadable', lines: [`${name}, ${parsed.error}`] }
    histories.push(parsed.value)
  }
  const history = mergeHistories(histories)
  const verdict = judge(history)
  const { owed, excused } = countReceipts(history)
  const lines = [
    countsOf(history),
    `${owed} receipts to keep, ${excused} of them excused`,
    ...describeRecoveries(history),
    ...linesOf(verdict),
  ]
  return { verdict: verdict.verdict, lines }
}

function countsOf(history: readonly HistoryEvent[]): string {
  const counts = new Map<string, number>()
  for (const { type } of history) counts.set(type, (counts.get(type) ?? 0) + 1)
  return `${history.length} events: ${Array.from(counts, ([type, count]) => `${count} ${type}`).join(', ')}`
}

function linesOf(verdict: Verdict): string[] {
  if (verdict.verdict === 'ok') return ['ok']
  if (verdict.verdict === 'void') return [`void: ${verdict.why}`]
  return verdict.findings.map(({ checker, what }) => `broken: ${checker}: ${what}`)
}
