// Owns finding out why signaling cannot be reached. A browser does not tell a page why a WebSocket failed, so a plain
// GET asks at the same address. The answer is for who builds the page: the cause, and what to do.

/** What of an answer matters here. */
export type Answer = Pick<Response, 'headers' | 'redirected' | 'status' | 'text' | 'url'>

/** As much of `fetch` as is used here. */
export type Ask = (url: string, init: RequestInit) => Promise<Answer>

/** What a page knows of itself. */
export type Asker = {
  /** What its relative URLs are relative to. */
  readonly base: string
  readonly origin: string
  /** Whether its Content-Security-Policy has refused a connection by now. */
  readonly isForbidden: () => boolean
}

/** Null where nothing answers, or nothing that this page may read. */
type Get = (url: string, mode?: RequestMode) => Promise<Answer | null>

/** A server that has not answered by then does not answer: as long as a page waits for its socket. */
const ANSWER_MS = 3_000
/** The service would have let a socket in. */
const NEEDS_SOCKET = 426
const START = 'Start one there (npx baton), or give joinRoom the right address as `signaling`.'

/** The cause, and what to do about it. Never rejects. */
export async function whyUnreachable(
  address: string,
  { base, origin, isForbidden }: Asker,
  ask: Ask = (url, init) => fetch(url, init),
): Promise<string> {
  const get: Get = (url, mode = 'cors') =>
    ask(url, { mode, cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => null)
  const url = address.replace('ws', 'http')
  const separator = url.includes('?') ? '&' : '?'
  const answer = await get(`${url}${separator}origin=${encodeURIComponent(origin)}`)
  if (answer?.redirected === true)
    return `it redirects to ${answer.url}, and a socket follows nowhere. ${START}`
  if (isService(answer)) return whyServiceFails(answer)
  if (answer === null && isForbidden())
    return `this page's Content-Security-Policy forbids it. Let its connect-src allow ${new URL(address).origin}.`
  if (answer === null && (await get(url, 'no-cors')) === null) return whySilent(url, get)
  for (const { href } of [new URL('/signal', url), new URL('signal', base)])
    if (href !== url && isService(await get(href)))
      return `no service is there, but one is at ${href}. ${give('that')}`
  return whatAnswers(answer)
}

function give(address: string): string {
  return `Give joinRoom ${address} as \`signaling\`.`
}

async function whySilent(url: string, get: Get): Promise<string> {
  const isSecure = url.startsWith('https')
  const other = isSecure ? 'http' : 'https'
  const otherUrl = url.replace(/^https?/, other)
  if ((await get(otherUrl, 'no-cors')) !== null)
    return `the server there speaks ${other}. ${give(otherUrl)}`
  return `nothing answers${isSecure ? ', or its certificate is not trusted' : ''}. ${START}`
}

/** What is no service. Null where the page may not read it. */
async function whatAnswers(answer: Answer | null): Promise<string> {
  if (answer === null)
    return `what answers is no signaling service, or hides that from other origins. ${START}`
  if ((await textOf(answer)).includes('/@vite/'))
    return "Vite's server has no signaling. Add baton() of baton-relay/vite to its plugins."
  if (answer.status >= 500)
    return `a server answers ${answer.status}: what it passes on to does not run. Start the service there.`
  return `what answers (${answer.status}) is no signaling service. ${START}`
}

async function whyServiceFails(answer: Answer): Promise<string> {
  if (answer.status !== NEEDS_SOCKET)
    return `the service answers ${answer.status}: ${await textOf(answer)}`
  return (
    'the service is there, but no WebSocket reaches it. ' +
    'Let the proxy before it pass the headers `Upgrade` and `Connection` on.'
  )
}

function isService(answer: Answer | null): answer is Answer {
  return answer?.headers.has('baton') === true
}

/** Empty where the answer breaks off. */
async function textOf(answer: Answer): Promise<string> {
  const text = await answer.text().catch(() => '')
  return text.trim()
}
