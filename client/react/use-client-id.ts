// Owns the hook for the id of this tab.

import { useSyncExternalStore } from 'react'
import { uniqueClientId, type ClientIdOptions } from '../index.ts'

/**
 * An id of this tab: the same after a reload, another one in every other tab, a duplicated one included. Null on a
 * server and while hydrating.
 *
 * @example
 * const me = useClientId()
 */
export function useClientId(options?: ClientIdOptions): string | null {
  return useSyncExternalStore(
    neverChanges,
    () => uniqueClientId(options),
    () => null,
  )
}

function neverChanges(): () => void {
  return () => {}
}
