// Owns what values are to the types of an app: what may be sent, interfaces of the app included, and what is given.
// What JSON would lose is refused once more as it is sent: types do not know a chat from an error.

import type { Json } from '../protocol/value.ts'

/**
 * A value as it was given to an app: of any shape that JSON has, or bytes. Somebody else made it, so look at it before
 * you trust it: `value as Chat` compiles, for interfaces too, and checks nothing.
 */
export type Received = ReceivedJson | Uint8Array
type ReceivedJson =
  | null
  | boolean
  | number
  | string
  | readonly ReceivedJson[]
  // Only so may it be cast to an interface: TypeScript relates no other index signature to one.
  // oxlint-disable-next-line typescript/no-explicit-any
  | { readonly [key: string]: any }

/** `T` where it can be sent: bytes by themselves, or what JSON keeps. */
export type Sendable<T> = T extends Uint8Array ? T : SendableJson<T>

/** `Absent` is what a field may be besides, and an element of a list may not: undefined. */
type SendableJson<T, Absent = never> = T extends Json | Absent
  ? T
  : T extends { toJSON(): unknown }
    ? T
    : T extends bigint | symbol | undefined | ((...args: never) => unknown)
      ? never
      : { [K in keyof T]: SendableJson<T[K], T extends readonly unknown[] ? never : undefined> }
