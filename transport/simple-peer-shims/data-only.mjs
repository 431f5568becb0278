// Owns what is left out of simple-peer itself in a build: what it does for sound and pictures, what it finds out
// about addresses before it says that it is connected, how it waits for all of them where it does not trickle, how it
// negotiates more than once, how it is written to and ended as a stream, what it says to a debugger, and whom it asks for
// its address unless told otherwise. A connection of ours carries one data channel, is connected once that is open,
// trickles, and always says whom to ask.

const UNUSED_METHODS = [
  'addTransceiver',
  'addStream',
  'addTrack',
  'replaceTrack',
  'removeTrack',
  'removeStream',
  '_onTrack',
  '_requestMissingTransceivers',
  'getStats',
  'address',
  '_write',
  '_debug',
  '_startIceCompleteTimeout',
  '_onInterval',
  '_onChannelBufferedAmountLow',
  '_onSignalingStateChange',
  '_needsNegotiation',
  'negotiate',
  '_onFinish',
]

/** What is found, and what takes its place. Blocks end with a brace of their own indentation. */
const CUTS = [
  ...UNUSED_METHODS.map((name) => [
    new RegExp(`^( *)${name} \\(.*\\n(?:(?!\\1\\}$).*\\n)*\\1\\}$`, 'm'),
    '',
  ]),
  [/^( *)if \(this\.streams\) \{\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [/^( *)this\._pc\.ontrack = .*\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [
    /^( *)this\.getStats\(.*\n(?:(?!.*this\._connecting = false$).*\n)*((?:.*\n){2}).*\}$((?:\n(?!\1\}).*)*\n)\1\}\)$/m,
    '$2$3',
  ],
  [/^( *)if \(data\.transceiverRequest .*\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [' && !data.transceiverRequest', ''],
  [/^ *if \(!this\.initiator\) this\._requestMissingTransceivers\(\)$/m, ''],
  [/^function filterTrickle .*\n.*\n\}$/m, ''],
  [/^ *if \(!this\.trickle && !this\.allowHalfTrickle\) .*$/gm, ''],
  [/^ *(?:offer|answer)\.sdp = this\.sdpTransform\(.*\)$/gm, ''],
  [/^ *this\.(?:sdpTransform|allowHalfTrickle|_isReactNativeWebrtc) = .*$/gm, ''],
  [/^ {2}iceServers: \[\n(?:(?! {2}\]).*\n)* {2}\],$/m, ''],
  [/^ *this\.(?:local|remote)(?:Address|Family|Port) = .*$/gm, ''],
  [
    /^ *this\.(?:streams|_sendersAwaitingStable|_senderMap|_remoteTracks|_remoteStreams) = .*$/gm,
    '',
  ],
  [/^ *this\._debug\(.*\)$/gm, ''],
  [/^( *)this\._debug\(\n(?:(?!\1\)$).*\n)*\1\)$/m, ''],
  [/^( *)if \(event\.candidate\) \{\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [
    /^( *)if \(typeof this\._channel\.bufferedAmountLowThreshold !== .*\n(?:(?!\1\}$).*\n)*\1\}$/m,
    '',
  ],
  [/^( *)this\._channel\.onbufferedamountlow = .*\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [
    /^ *(?:this\.(?:_iceCompleteTimer|iceCompleteTimeout|_cb|_interval) = .*|clearInterval\(this\._interval\))$/gm,
    '',
  ],
  [/^( *)if \(data\.renegotiate && .*\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [/^( *)if \(typeof data === 'string'\) \{\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [/^ *this\.emit\('(?:iceStateChange|signalingStateChange)', .*$/gm, ''],
  [
    /^ *this\._needsNegotiation\(\)$/m,
    'if (this.initiator) setTimeout(() => this._createOffer(), 0)',
  ],
  [/^( *)this\._pc\.onsignalingstatechange = .*\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [/^ *this\._pc\.on(?:signalingstatechange|track) = null$/gm, ''],
  [/^ *this\._(?:isNegotiating|firstNegotiation|batchedNegotiation|queuedNegotiation) = .*$/gm, ''],
  [/^( *)this\._onFinishBound = \(\) .*\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [/^.*this\._onFinishBound.*$/gm, ''],
  [/^( *)if \(this\._chunk\) \{\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
]

/** simple-peer's source without them. Throws where it is not the source that this was written for. */
export function dataOnly(source) {
  return CUTS.reduce((left, [found, instead]) => {
    const next = left.replace(found, instead)
    if (next === left)
      throw new Error(
        `simple-peer has nothing like ${found} any more: read what has changed, then correct data-only.mjs.`,
      )
    return next
  }, source)
}

/** For Vite: builds with it. */
export const simplePeerWithoutMedia = {
  name: 'simple-peer-without-media',
  transform: (code, id) =>
    id.endsWith('/simple-peer/index.js') ? { code: dataOnly(code), map: null } : null,
}
