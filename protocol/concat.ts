// Owns how bytes that came in pieces are put together.

/** One piece alone is given back as it is. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces
  if (first !== undefined && pieces.length === 1) return first
  const whole = new Uint8Array(lengthOf(pieces))
  putTogether(pieces, whole)
  return whole
}

export function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((length, piece) => length + piece.length, 0)
}

export function putTogether(pieces: readonly Uint8Array[], into: Uint8Array): void {
  let at = 0
  for (const piece of pieces) {
    into.set(piece, at)
    at += piece.length
  }
}
