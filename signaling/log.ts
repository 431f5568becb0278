// Owns the shape of a log line. ERROR: someone should look. INFO: a role or a connection changed; never a topic, a peer
// or an address. DEBUG: the rest. [SG6]

export type LogLevel = 'ERROR' | 'INFO' | 'DEBUG'
export type Log = (level: LogLevel, line: string) => void
