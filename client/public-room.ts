// Owns which room everybody means who opens one page, or a page of one origin, with the same name for the room. Such a
// room is public: whoever knows the page or the name can be in it.

import { sha256 } from '@noble/hashes/sha2.js'
import { toBase64Url } from '../protocol/base64url.ts'
import { utf8 } from '../protocol/utf8.ts'
import { badArgument } from './argument-checks.ts'
import { ownOrigin } from './own-origin.ts'

/**
 * The token of a public room: `page` for this page's address without its fragment, any other name under this page's
 * origin.
 *
 * @throws BatonError `bad-argument` for an empty name, and where the page has no such origin or address.
 */
export function publicToken(name: string): string {
  const origin = ownOrigin()
  if (name === '') throw badArgument('`room` is empty. Give it "page", or a name such as "lobby".')
  if (origin === 'null')
    throw badArgument(
      "`room` is a room of the page's origin, and this page has none: " +
        `it is a ${location.protocol} page or a sandboxed frame. ` +
        'Open it over http or https, or give a `token`.',
    )
  if (name !== 'page') return hashOf('name', origin, name.normalize('NFC'))
  const isOpenToOthers = location.origin === origin && location.protocol !== 'blob:'
  if (isOpenToOthers) return hashOf('page', origin, location.pathname + location.search)
  throw badArgument(
    `Nobody else can open the address of this page (${location.protocol}). ` +
      'Give `room` a name such as "lobby", or give a `token`.',
  )
}

/**
 * Fixed for ever: another text would lead pages to different rooms. JSON keeps its parts apart, whatever is in them: no
 * name of one origin is a name of another, or a page. [SG1c]
 */
function hashOf(kind: 'name' | 'page', origin: string, name: string): string {
  const text = JSON.stringify(['baton/1', kind, origin, name])
  return toBase64Url(sha256(utf8(text)))
}
