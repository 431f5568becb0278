// Owns which CBOR the gateway speaks. The build puts cborg into this file: as a dependency of the package it would give
// whoever installs Baton a command `cborg` as well.

export { decode, encode, type DecodeOptions } from 'cborg'
