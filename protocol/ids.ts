// Owns the names of things: who (PeerId), where (Topic, Token) and when (Term, Index, Seq, OpId).
// Each is a plain string or number at run time; the brands keep one from being passed for another.

import { FIRST_TERM_MAX, TERM_LEAP_MAX } from './limits.ts'

declare const brand: unique symbol
type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** One joined page or process: 16 random bytes in base64url, fresh at every join. */
export type PeerId = Brand<string, 'PeerId'>
/** The secret that names a room. Whoever holds it is a member; signaling never sees it. */
export type Token = Brand<string, 'Token'>
/** What signaling knows a room by: a hash of the token in base64url. */
export type Topic = Brand<string, 'Topic'>
/** Number of a host's reign: 1 and up, only ever rising. */
export type Term = Brand<number, 'Term'>
/** Place of an entry in the room's log: 1 and up, without gap. */
export type Index = Brand<number, 'Index'>
/** Place of a message in the room: 1 and up over all keys. Compactions take none. */
export type Seq = Brand<number, 'Seq'>
/** Number of an operation among its author's: 1 and up, without gap. */
export type OpId = Brand<number, 'OpId'>

export const NO_TERM = 0 as Term
export const NO_INDEX = 0 as Index
export const NO_SEQ = 0 as Seq
export const NO_OP = 0 as OpId

const ID_PATTERN = /^[A-Za-z0-9_-]{22}$/

/** True for 22 characters of base64url, the form of every PeerId and Topic. */
export function isId(text: unknown): text is string {
  return typeof text === 'string' && ID_PATTERN.test(text)
}

export function isPeerId(text: unknown): text is PeerId {
  return isId(text)
}

export function isTopic(text: unknown): text is Topic {
  return isId(text)
}

/** A reign: the term and who reigned. Claims are ordered by term, then by id. */
export type Claim = { readonly term: Term; readonly host: PeerId }

/** Negative when `a` is the lower claim, positive when it is the higher, 0 when they are one. [EL1] */
export function compareClaims(a: Claim, b: Claim): number {
  if (a.term !== b.term) return a.term - b.term
  if (a.host === b.host) return 0
  return a.host < b.host ? -1 : 1
}

export function sameClaim(a: Claim | null, b: Claim | null): boolean {
  if (a === null || b === null) return a === b
  return a.term === b.term && a.host === b.host
}

/**
 * The highest term that whoever knows this reign believes. A higher one is no honest history, and would use up the
 * terms. [SG3e]
 */
export function highestCredibleTerm(known: Claim | null): number {
  return known === null ? FIRST_TERM_MAX : known.term + TERM_LEAP_MAX
}
