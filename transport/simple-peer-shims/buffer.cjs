// simple-peer wraps every ArrayBuffer that arrives; a view does, and copies nothing.

exports.Buffer = { from: (arrayBuffer) => new Uint8Array(arrayBuffer) }
