#!/usr/bin/env node
// Owns the process of the `baton` command: its streams, its signals and its exit code.

import { main } from './command.ts'

const stop = new AbortController()
// Once each: who asks a second time gets Node's own answer, an end at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

// Who reads the output may go before the service does (`| head -1`): it then speaks to nobody, and goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

process.exitCode = await main(process.argv.slice(2), {
  stdout: (line) => process.stdout.write(`${line}\n`),
  stderr: (line) => process.stderr.write(`${line}\n`),
  stop: stop.signal,
  columns: process.stdout.isTTY ? process.stdout.columns : null,
})
