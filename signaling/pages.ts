// Owns how files reach a browser: live from the disk, nothing hidden, nothing outside the folder.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import sirv from 'sirv'

export type PagesOptions = {
  /** Text of the 404 page. */
  readonly missing: (request: IncomingMessage) => string
  /** What each file is sent with. */
  readonly headers: { readonly [name: string]: string }
  /** Whether compressed copies lie beside the files, `x.js.br` and `x.js.gz`, for browsers that take them. */
  readonly hasCompressed?: boolean
}

/** Serves the files of a folder as they are at the moment of asking. */
export function servePages(
  folder: string,
  { missing, headers, hasCompressed = false }: PagesOptions,
): RequestListener {
  const serve = sirv(folder, {
    dev: true, // read at every request, so that an edit shows at the next reload
    brotli: hasCompressed,
    gzip: hasCompressed,
    etag: true, // which also makes sirv say `no-cache`: ask again, load only what has changed
    onNoMatch: (request, response) => answerText(response, 404, missing(request)),
    setHeaders: (response) => {
      response.setHeader('X-Content-Type-Options', 'nosniff')
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    },
  })
  return (request, response) => {
    const path = decodedPath(request)
    if (path === null)
      return answerText(response, 400, 'The address of this page is not well-formed.')
    // In its dev mode sirv serves dot files too.
    if (/[\\/]\./.test(path)) return answerText(response, 404, missing(request))
    if (!isServableRange(request.headers.range)) delete request.headers.range
    // sirv does not listen to its file stream: a file that vanishes or may not be read would end the process.
    response.on('pipe', (file) => file.on('error', () => response.destroy()))
    serve(request, response)
  }
}

export function answerText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(`${text}\n`)
}

/** The path without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}

/** Decoded as sirv will; null when that cannot be done. */
function decodedPath(request: IncomingMessage): string | null {
  try {
    return decodeURI(pathOf(request))
  } catch {
    return null // a malformed escape, which the sender is told
  }
}

/**
 * sirv throws at a range that ends before it begins, and misreads one of the last bytes. A server may ignore ranges.
 */
function isServableRange(range: string | undefined): boolean {
  const [, start, end] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(range ?? '') ?? []
  return start !== undefined && (end === '' || Number(end) >= Math.max(1, Number(start)))
}
