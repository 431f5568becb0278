// Owns an id that stays with a tab: kept through reloads, and never shared with a duplicate of the tab.

import { toBase64Url } from '../../protocol/base64url.ts'
import { randomBytes } from '../../transport/clock.ts'
import { checkOptions } from '../argument-checks.ts'

export type ClientIdOptions = {
  /** Of several ids of one tab, which. Default `client`. */
  readonly name?: string | undefined
}

const idByName = new Map<string, string>()

/**
 * An id of this tab: the same after a reload and after going back and forth, another one in every other tab, a
 * duplicate of this one included. A tab that crashed gets a new one. Without sessionStorage the id lasts as long as the
 * page.
 *
 * While a page lives, its id is nowhere but in its memory. Only on its way out the page lays the id down for the next
 * page of the tab. So a duplicate, which gets a copy of what lies there, finds nothing.
 *
 * @example
 * const id = uniqueClientId()
 * await sharedMap<string>(room, 'names').set(id, 'Ada')
 */
export function uniqueClientId(options: ClientIdOptions = {}): string {
  checkOptions('uniqueClientId', options, { name: 'string' })
  const { name = 'client' } = options
  const known = idByName.get(name)
  if (known !== undefined) return known
  const item = `baton-id ${name}`
  const storage = tabStorage()
  const id = storage?.getItem(item) ?? toBase64Url(randomBytes(16))
  idByName.set(name, id)
  storage?.removeItem(item)
  if (storage !== null) {
    addEventListener('pagehide', () => storage.setItem(item, id))
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) storage.removeItem(item)
    })
  }
  return id
}

/** Null where there is none, or the page may not use it. */
function tabStorage(): Storage | null {
  try {
    return typeof sessionStorage === 'undefined' ? null : sessionStorage
  } catch {
    return null // a browser that blocks storage throws on the name alone
  }
}
