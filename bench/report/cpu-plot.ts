// Owns how the CPU's time is drawn: a bar for each contender, cut by process; the threads in a table to unfold.

import { escaped } from './plots.ts'
import type { CpuPart } from './summary.ts'
import { digits } from './written.ts'

/** In this order, each with a colour of its own; what else there is comes last. */
const PROCESSES = ['network', 'host', 'author', 'reader', 'other pages'] as const
const BESIDE = 5
const REST = 6

export function cpuPlot(parts: readonly CpuPart[], contenders: readonly string[]): string {
  if (parts.length === 0) return ''
  const most = Math.max(...contenders.map((name) => sumOf(of(parts, name))))
  const bars = contenders.map((name) => bar(name, of(parts, name), most))
  return `<h3>µs of CPU a message, by process</h3>${bars.join('')}${legend()}
<details><summary>By thread</summary><div class="wide">${threads(parts)}</div></details>`
}

const of = (parts: readonly CpuPart[], name: string) =>
  parts.filter(({ contender }) => contender === name)

const sumOf = (parts: readonly CpuPart[]) => parts.reduce((sum, { us }) => sum + us, 0)

function bar(name: string, parts: readonly CpuPart[], most: number): string {
  const processes = [...new Set(parts.map(({ process }) => process))]
  const pieces = processes
    .map((process) => ({ process, us: sumOf(parts.filter((part) => part.process === process)) }))
    .sort((a, b) => colourOf(a.process) - colourOf(b.process))
    .map(({ process, us }) => {
      const share = ((100 * us) / most).toFixed(2)
      const text = `${escaped(process)} ${digits(us)}`
      return `<span style="width:${share}%;background:var(--part-${colourOf(process)})" title="${text}">${text}</span>`
    })
  return `<div class="lane"><span>${escaped(name)}</span><span class="stack">${pieces.join('')}</span>
<span class="value">${digits(sumOf(parts))} µs</span><span></span></div>`
}

function colourOf(process: string): number {
  const known = PROCESSES.findIndex((name) => name === process)
  if (known >= 0) return known
  return process === 'service' || process.endsWith('relay') ? BESIDE : REST
}

function legend(): string {
  const names = [...PROCESSES, 'relay or service', 'the rest of the browser']
  const items = names.map(
    (name, i) => `<span><i style="background:var(--part-${i})"></i>${name}</span>`,
  )
  return `<div class="legend">${items.join('')}</div>`
}

function threads(parts: readonly CpuPart[]): string {
  const rows = parts.map(({ contender, process, thread, us }) => {
    const cells = [contender, process, thread, us.toFixed(2)]
    return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`
  })
  const head = ['who', 'process', 'thread', 'µs a message']
  return `<table><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr>${rows.join('')}</table>`
}
