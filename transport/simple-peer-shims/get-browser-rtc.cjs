// Every browser with data channels has the unprefixed names.

module.exports = () => (globalThis.RTCPeerConnection ? globalThis : null)
