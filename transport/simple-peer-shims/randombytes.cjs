// simple-peer draws names from here, for its log and its channel, and asks for nothing but their hex form.

module.exports = (length) => ({
  toString: () =>
    Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join(''),
})
