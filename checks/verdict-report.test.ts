import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { toJsonLines, type HistoryEvent } from './history.ts'
import { reportOn } from './verdict-report.ts'

const BROKEN = readFileSync(new URL('broken/availability.jsonl', import.meta.url), 'utf8')

function good(): HistoryEvent[] {
  const events: HistoryEvent[] = [
    { atMs: 0, peer: 'a', type: 'joined' },
    { atMs: 1, peer: 'a', type: 'live', branch: '1:a' },
  ]
  const log: (readonly [number, string])[] = []
  for (let seq = 1; seq <= 5; seq++) {
    log.push([seq, `a/${seq}`])
    events.push({
      atMs: 10 * seq,
      peer: 'a',
      type: 'invoked',
      mid: `a/${seq}`,
      action: 'append',
      key: 'log',
    })
    events.push({
      atMs: 10 * seq + 1,
      peer: 'a',
      type: 'delivered',
      branch: '1:a',
      seq,
      key: 'log',
      mid: `a/${seq}`,
    })
    events.push({ atMs: 10 * seq + 2, peer: 'a', type: 'acknowledged', mid: `a/${seq}`, seq })
  }
  return [
    ...events,
    {
      atMs: 900,
      peer: 'a',
      type: 'final',
      branch: '1:a',
      lastSeq: 5,
      pending: 0,
      streams: [['log', log]],
    },
  ]
}

test('a run in which nothing is broken is ok, and says what it was', () => {
  expect(reportOn([{ name: 'a', text: toJsonLines(good()) }])).toEqual({
    verdict: 'ok',
    lines: [
      '18 events: 1 joined, 1 live, 5 invoked, 5 delivered, 5 acknowledged, 1 final',
      '5 receipts to keep, 0 of them excused',
      'ok',
    ],
  })
})

test('recordings of one run are judged together', () => {
  const lines = BROKEN.split('\n')
  const [ofA, ofB] = ['"a"', '"b"'].map((peer) =>
    lines.filter((line) => line.includes(`"peer":${peer}`)).join('\n'),
  )
  const injected = lines.filter((line) => line.includes('"fault"')).join('\n')
  const report = reportOn([
    { name: 'b', text: ofB! },
    { name: 'faults', text: injected },
    { name: 'a', text: ofA! },
  ])
  expect(report.verdict).toBe('broken')
  expect(report.lines.slice(1)).toEqual([
    '2 receipts to keep, 0 of them excused',
    'crash: 1 times, worst 2901 ms, p99 2901 ms',
    'broken: availability: the first receipt after the crash until 1000 ms took 2901 ms; 2400 ms are allowed',
  ])
})

test('a run in which hardly anything was acknowledged is void', () => {
  const history = good().filter((event) => event.type === 'joined' || event.type === 'live')
  const report = reportOn([
    {
      name: 'a',
      text: toJsonLines([
        ...history,
        { atMs: 900, peer: 'a', type: 'final', branch: '1:a', lastSeq: 0, pending: 0, streams: [] },
      ]),
    },
  ])
  expect(report.verdict).toBe('void')
  expect(report.lines.at(-1)).toBe('void: 0 operations had an outcome; fewer than 5 prove nothing')
})

test('what is no history is named by file and line', () => {
  expect(reportOn([{ name: 'page.jsonl', text: '\n{"type":"joined"}\n' }])).toEqual({
    verdict: 'unreadable',
    lines: ['page.jsonl, line 2: atMs is undefined'],
  })
})

test('the command reads files and ends with a status for each verdict', () => {
  const command = fileURLToPath(new URL('../scripts/check-history.mjs', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'baton-report-'))
  try {
    const check = (text: string) => {
      const file = join(folder, 'run.jsonl')
      writeFileSync(file, text)
      const { status, stdout } = spawnSync(process.execPath, [command, file], { encoding: 'utf8' })
      return { status, last: stdout.trim().split('\n').at(-1) }
    }
    expect(check(toJsonLines(good()))).toEqual({ status: 0, last: 'ok' })
    expect(check(BROKEN)).toMatchObject({
      status: 1,
      last: expect.stringContaining('broken: availability'),
    })
    expect(check('{')).toMatchObject({ status: 2, last: expect.stringContaining('line 1') })
    expect(check(toJsonLines(good().slice(0, 2)))).toMatchObject({
      status: 1,
      last: expect.stringContaining('converged'),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
