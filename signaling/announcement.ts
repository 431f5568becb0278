// Owns what the command says once the service runs: where it is, and with which links others get in.

import { terminalQr } from './terminal-qr.ts'

const NO_NETWORK =
  'This machine is in no network: nobody else can open this link. Join a network, then start again.'

/** It is for scripts too: they wait for it and take the URL from it. */
export function firstLine(url: string): string {
  return `Baton is at ${url} (Ctrl+C stops it)`
}

/**
 * The link for others first, as text and as a QR code, then all other ones. They lead to one room:
 * a page that is opened without a room in its address makes one of its own.
 *
 * @param urls Of a running server: its own machine's first, then the likeliest that others can open.
 */
export function linesForNetwork(
  urls: readonly string[],
  token: string,
  columns: number | null,
): readonly string[] {
  const [own = '', best, ...others] = urls.map((url) => `${url}#room=${encodeURIComponent(token)}`)
  if (best === undefined) return [firstLine(own), NO_NETWORK]
  const code = terminalQr(best, columns)
  return [
    firstLine(best),
    `Others in your network can open this link${code === null ? '.' : ', or scan it:'}`,
    ...(code === null ? [] : [code]),
    `On this machine: ${own}`,
    ...others.map((other) => `In another network of this machine: ${other}`),
  ]
}
