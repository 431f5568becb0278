// Owns what is left out of simple-peer in a build:
// - sound and pictures;
// - what simple-peer finds out about addresses before it says that it is connected, and that it is about to;
// - waiting for all addresses where it does not trickle;
// - negotiating more than once;
// - being written to, read from and ended as a stream;
// - its words to a debugger, the codes of its errors, and the sentences of those that nobody is shown;
// - the name and the settings of its channel, the options of offers and answers, and another WebRTC than the browser's;
// - a turn before the offer, which a hidden page's timers would make a second;
// - waiting for the browser to take its own description, before the other side is told of it;
// - whom it asks for its address unless told otherwise.
// A connection of ours carries one data channel, is connected once that is open, trickles, and always says whom to ask.

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
  'get connected',
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
    'if (this.initiator) queueMicrotask(() => this._createOffer())',
  ],
  [/^( *)this\._pc\.onsignalingstatechange = .*\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [/^ *this\._pc\.on(?:signalingstatechange|track) = null$/gm, ''],
  [/^ *this\._(?:isNegotiating|firstNegotiation|batchedNegotiation|queuedNegotiation) = .*$/gm, ''],
  [/^( *)this\._onFinishBound = \(\) .*\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [/^.*this\._onFinishBound.*$/gm, ''],
  [/^( *)if \(this\._chunk\) \{\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [/^ *_read \(\) \{\}$/m, ''],
  [/^ *this\.channelName = opts\.initiator\n(?:.*\n){2}/m, ''],
  [
    /^ *this\.(?:channelConfig|channelNegotiated|offerOptions|answerOptions|channelName) = .*$/gm,
    '',
  ],
  ['createDataChannel(this.channelName, this.channelConfig)', "createDataChannel('')"],
  [' || this.channelNegotiated', ''],
  [/\(this\.(?:offer|answer)Options\)/g, '()'],
  [/^Peer\.channelConfig = .*$/m, ''],
  [/^( *this\._wrtc = )\(opts\.wrtc .*\n.*\n *: /m, '$1'],
  [/^ *if \(typeof window === 'undefined'\) \{\n.*\n *\} else \{\n(.*)\n *\}$/m, '$1'],
  [/^const randombytes = .*$/m, ''],
  [/^( *)if \(!event\.channel\) \{\n(?:(?!\1\}$).*\n)*\1\}$/m, ''],
  [/^ *opts = Object\.assign\(\{\n.*\n *\}, opts\)$/m, ''],
  [' && !data.renegotiate', ''],
  [
    /^ *(?:this\.readable = this\.writable = false|if \(!this\._(?:readable|writable)State\..*)$/gm,
    '',
  ],
  [/^const debug = .*$/m, ''],
  [/errCode\((err|new Error\(.*?\)), 'ERR_\w+'\)/g, '$1'],
  [/^const errCode = .*$/m, ''],
  [/new Error\('cannot [^']*'\)/g, 'new Error()'],
  [/^Peer\.WEBRTC_SUPPORT = .*$/m, ''],
  [' || this._connecting', ''],
  [/^ *this\._connecting = (?:true|false)$/gm, ''],
  [/^( *)if \(this\.trickle \|\| this\._iceComplete\) (send\w+\(\))\n.*$/gm, '$1$2'],
  [' && this.trickle', ''],
  [/^( *)const onSuccess = .*\n(?:(?!\1\}$).*\n)*\1\}$/gm, ''],
  ...['Offer', 'Answer'].map((name) => [
    `(${name.toLowerCase()})\n          .then(onSuccess)\n          .catch(onError)`,
    `(${name.toLowerCase()}).catch(onError)\n        send${name}()`,
  ]),
  [/^( *\}) else if \(!event\.candidate && .*\n(?:(?! *\}$).*\n)* *\}$/m, '$1'],
  [/^ *this\.(?:_iceComplete|trickle|_chunk|_id) = .*$/gm, ''],
  [
    /^( *)if \(typeof this\._channel\.bufferedAmountLowThreshold === .*\n(?:(?!\1\}$).*\n)*\1\}$/m,
    '',
  ],
]

/** What is left of simple-peer asks its stream for events alone. */
const STREAM_CUTS = [
  ...['once', 'removeListener', 'end'].map((name) => [
    new RegExp(`^( *)${name}\\(.*\\n(?:(?!\\1\\}$).*\\n)*\\1\\}$`, 'm'),
    '',
  ]),
  [/^ *(?:readable|writable|_readableState|_writableState) = .*$/gm, ''],
  [/^( *)push\(chunk\) \{\n(?:(?!\1\}$).*\n)*\1\}$/m, "push(chunk) { this.emit('data', chunk) }"],
]

/** simple-peer's source without them. Throws where it is not the source that this was written for. */
export function dataOnly(source) {
  return without(CUTS, source)
}

function without(cuts, source) {
  return cuts.reduce((left, [found, instead]) => {
    const next = left.replace(found, instead)
    if (next === left)
      throw new Error(
        `simple-peer has nothing like ${found} any more: read what has changed, then correct data-only.mjs.`,
      )
    return next
  }, source)
}

/** CommonJS as a module, which a build takes as it is: it need not make `require` for it. */
function asModule(source) {
  return source
    .replace(/^const (\w+) = require\((.*)\)/gm, 'import $1 from $2')
    .replace(/^const (\{.*\}) = require\((.*)\)/gm, 'import $1 from $2')
    .replace(/^module\.exports = /m, 'export default ')
    .replace(/^exports\.(\w+) = /m, 'export const $1 = ')
}

/** For Vite: builds with it. */
export const simplePeerWithoutMedia = {
  name: 'simple-peer-without-media',
  enforce: 'pre',
  resolveId: (source) =>
    source.includes('/simple-peer-shims/') ? `${source}?as-module` : undefined,
  transform(code, id) {
    if (id.endsWith('/simple-peer/index.js')) return { code: asModule(dataOnly(code)), map: null }
    if (id.includes('/readable-stream.cjs'))
      return { code: asModule(without(STREAM_CUTS, code)), map: null }
    if (id.includes('/simple-peer-shims/')) return { code: asModule(code), map: null }
    return null
  },
}
