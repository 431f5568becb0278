// Owns the names under which this service answers, as requests have them in `Host`. Anybody's page may have a name that
// resolves to this machine: under such a name a browser would take the service for a part of that page. [SG6f]

import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { hostIn } from './origins.ts'

export type HostNamesOptions = {
  /** Where the service listens: an address or a name. */
  readonly host: string
  /** Names that the operator gave. */
  readonly names: readonly string[]
  /** Origins whose pages may use the service: its pages are there, or on the way through its proxy. */
  readonly origins: readonly string[]
}

export class HostNames {
  /** Whether only this machine reaches the service. */
  readonly #isLocal: boolean
  readonly #names: ReadonlySet<string>
  /** Of `*.game.example`: what all its names end with. */
  readonly #endings: readonly string[]

  constructor({ host, names, origins }: HostNamesOptions) {
    const own = isIP(host) === 6 ? `[${host}]` : host.toLowerCase()
    const ofOrigins = origins.map(hostIn).filter((name) => name !== null)
    this.#isLocal = isLoopback(own)
    this.#names = new Set([
      ...(this.#isLocal ? [] : [own, ...machineNames()]),
      ...names.map((name) => name.toLowerCase()),
      ...ofOrigins,
    ])
    this.#endings = ofOrigins.filter((name) => name.startsWith('*')).map((name) => name.slice(1))
  }

  /** Whether a request may be answered that has this in `Host`. Without one it is of no browser. */
  admit(host: string | undefined): boolean {
    if (host === undefined) return true
    const name = nameIn(host)
    if (name === null) return false
    if (isLoopback(name) || this.#names.has(name)) return true
    if (this.#endings.some((ending) => name.endsWith(ending))) return true
    // A browser takes an address in numbers for what it is: nobody can make it lead elsewhere.
    return !this.#isLocal && isAddress(name)
  }
}

/** What a request is told that asks for another host. */
export function wrongHost(host = ''): string {
  const name = host.slice(0, SHOWN_CHARS_MAX)
  return (
    `This service does not answer to "${name}". Use an address of its machine. ` +
    `Or its operator starts it with --origin https://${name} for pages of that origin alone, ` +
    `with --name ${name} for pages of any origin, or with --lan for the machine's own name.`
  )
}

/** The longest name of a host has 253. */
const SHOWN_CHARS_MAX = 253

/** What a host names, without the port, in small letters; null for what is no host. */
export function nameIn(host: string): string | null {
  if (!/^[^\s/?#@\\]+$/.test(host) || !URL.canParse(`http://${host}`)) return null
  return new URL(`http://${host}`).hostname.replace(/\.$/, '')
}

function isLoopback(name: string): boolean {
  return /^(?:127(?:\.\d+){3}|\[::1\]|(?:.+\.)?localhost)$/.test(name)
}

function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0
}

/** This machine's name, whole and its first part, and the latter as mDNS has it. */
function machineNames(): string[] {
  const whole = hostname().toLowerCase()
  const [first = whole] = whole.split('.')
  return [whole, first, `${first}.local`]
}
