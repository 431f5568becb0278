// Owns what a drop-in script leaves out of noble's ciphers and hashes: the sentences of their errors. Nobody but Baton
// calls them, and Baton shows none. What is checked and computed stays as noble's authors wrote it.

const NOBLE = /\/@noble\/(?:ciphers|hashes)\/\w+\.js$/
/** An error with its sentence, which holds at most calls without calls in them. */
const ERROR = /new ((?:Range|Type)?Error)\((?:[^()]|\([^()]*\))*\)/g

/** For Vite. */
export const nobleWithoutSentences = {
  name: 'noble-without-sentences',
  transform: (code, id) =>
    NOBLE.test(id) ? { code: code.replace(ERROR, 'new $1()'), map: null } : null,
}
