// Owns the chat as pure steps: the lines the room holds, and this page's lines that still wait for their turn.

import { CHAT_CHARS_MAX, CHAT_LINES_MAX } from './board-limits.ts'
import { readTalk, type ChatLine, type Talk } from './shapes.ts'

export type Unsent = { readonly line: ChatLine; readonly failed: boolean }

export type Chat = {
  readonly lines: readonly ChatLine[]
  /** Shown below the lines until the room sends them back. */
  readonly unsent: readonly Unsent[]
  /** Ids of lines said by this page. */
  readonly mine: ReadonlySet<string>
}

export const NO_CHAT: Chat = { lines: [], unsent: [], mine: new Set() }

/** A message of the stream `chat` came, one line or a fold of many; a line that is known already is not doubled. */
export function chatHeard(chat: Chat, value: unknown): Chat {
  const heard = readTalk(value)?.lines ?? []
  const known = new Set(chat.lines.map((line) => line.id))
  const fresh = heard.filter((line) => !known.has(line.id))
  if (fresh.length === 0) return chat
  const freshIds = new Set(fresh.map((line) => line.id))
  return {
    ...chat,
    lines: [...chat.lines, ...fresh].slice(-CHAT_LINES_MAX),
    unsent: chat.unsent.filter(({ line }) => !freshIds.has(line.id)),
  }
}

export function lineSaid(chat: Chat, line: ChatLine): Chat {
  return {
    ...chat,
    unsent: [...chat.unsent, { line, failed: false }],
    mine: new Set([...chat.mine, line.id]),
  }
}

export function lineFailed(chat: Chat, id: string): Chat {
  return {
    ...chat,
    unsent: chat.unsent.map((entry) => (entry.line.id === id ? { ...entry, failed: true } : entry)),
  }
}

/** The lines come again by replay; what was not sent yet stays. */
export function chatReset(chat: Chat, keys: readonly string[] | 'all'): Chat {
  return keys === 'all' || keys.includes('chat') ? { ...chat, lines: [] } : chat
}

/** What the stream `chat` folds into. */
export function foldedChat(chat: Chat): Talk {
  return { lines: chat.lines }
}

/** How many lines of others came after the one seen last (null: none was seen). */
export function unreadSince(chat: Chat, lastSeenId: string | null): number {
  const seen = chat.lines.findIndex((line) => line.id === lastSeenId)
  return chat.lines.slice(seen + 1).filter((line) => !chat.mine.has(line.id)).length
}

/** Why this text cannot be said, in a sentence; null when it can. */
export function chatRefusal(text: string): string | null {
  const length = text.trim().length
  if (length <= CHAT_CHARS_MAX) return null
  const tooMany = length - CHAT_CHARS_MAX
  return (
    `A message holds at most ${CHAT_CHARS_MAX} characters; this one has ${length}. ` +
    `Shorten it by ${tooMany}.`
  )
}
