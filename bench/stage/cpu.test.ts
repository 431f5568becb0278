import { expect, test } from 'vitest'
import { cpuBetween } from './cpu.ts'

const thread = (process: string, thread: string, ticks: number) => ({ process, thread, ticks })

test('ticks of 10 ms become microseconds an item, by process and thread', () => {
  const before = new Map([
    ['1/1', thread('host', 'main', 100)],
    ['1/2', thread('host', 'pool', 5)],
    ['1/3', thread('host', 'gone', 7)],
  ])
  const after = new Map([
    ['1/1', thread('host', 'main', 103)],
    ['1/2', thread('host', 'pool', 5)],
    ['1/4', thread('host', 'pool', 2)],
  ])
  expect(cpuBetween(before, after, 1_000)).toEqual({
    cpu: [50],
    'cpu/host/main': [30],
    'cpu/host/pool': [20],
  })
})
