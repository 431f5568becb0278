// Owns what the apps of a room ask for when they join: who may host, when receipts come, and what a
// side of a split does. All of it by page number, counted round and round.

import type { Partition } from '../host/mandate.ts'
import type { Durability } from '../peer/outbox.ts'

export type RoomOptions = {
  /** Digit 1: this page may host. */
  readonly mayHost: string
  /** Digit 1: this page has its receipts as soon as its operations are ordered. */
  readonly early: string
  readonly partition: Partition
}

export type PageOptions = {
  readonly canHost: boolean
  readonly durability: Durability
  readonly partition: Partition
}

/** What pages are that ask for nothing. */
export const USUAL: RoomOptions = { mayHost: '1', early: '0', partition: 'continue' }

export function optionsOf({ mayHost, early, partition }: RoomOptions, page: number): PageOptions {
  return {
    canHost: digitOf(mayHost, page) === '1',
    durability: digitOf(early, page) === '1' ? 'host' : 'standby',
    partition,
  }
}

/** Whether nothing is asked for that makes recovery slower, or a promise weaker. */
export function isUsual({ mayHost, early, partition }: RoomOptions): boolean {
  return !mayHost.includes('0') && !early.includes('1') && partition === 'continue'
}

/** As a scenario says it: what is usual is not said. */
export function linesOf({ mayHost, early, partition }: RoomOptions): string[] {
  return [
    ...(mayHost === USUAL.mayHost ? [] : [`hosts ${mayHost}`]),
    ...(early === USUAL.early ? [] : [`early ${early}`]),
    ...(partition === USUAL.partition ? [] : [`partition ${partition}`]),
  ]
}

function digitOf(digits: string, page: number): string {
  return digits[(page - 1) % digits.length]!
}
