// Marks an error with a code. Defined rather than assigned: `code` of a DOMException has no setter.

module.exports = (error, code) =>
  Object.defineProperty(error, 'code', { value: code, enumerable: true, configurable: true })
