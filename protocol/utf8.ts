// Owns texts as bytes, on the one encoder of a page. What reads them back says itself how strict it is.

const encoder = new TextEncoder()

export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}
