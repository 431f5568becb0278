// Owns how two values are compared: by what travels of them.

/** Equal for equal values. */
export function textOf(value: unknown): string {
  return value instanceof Uint8Array ? `bytes ${value.join()}` : JSON.stringify(value)
}
