// Owns the bare data channels of a page: made by offer and answer, which the benchmark carries from tab to tab.

import { LOW_WATER_BYTES } from '../../transport/link-limits.ts'

const connections: RTCPeerConnection[] = []
/** In the order in which they were made. */
export const channels: RTCDataChannel[] = []

async function describe(connection: RTCPeerConnection): Promise<string> {
  await connection.setLocalDescription()
  while (connection.iceGatheringState !== 'complete')
    await new Promise((resolve) =>
      connection.addEventListener('icegatheringstatechange', resolve, { once: true }),
    )
  return connection.localDescription!.sdp
}

function keep(channel: RTCDataChannel): void {
  channel.binaryType = 'arraybuffer'
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES
  channels.push(channel)
}

function connect(): RTCPeerConnection {
  const connection = new RTCPeerConnection()
  connections.push(connection)
  return connection
}

export async function offer(): Promise<string> {
  const connection = connect()
  keep(connection.createDataChannel('raw'))
  return describe(connection)
}

export async function answer(sdp: string): Promise<string> {
  const connection = connect()
  connection.ondatachannel = ({ channel }) => keep(channel)
  await connection.setRemoteDescription({ type: 'offer', sdp })
  return describe(connection)
}

export async function accept(sdp: string): Promise<void> {
  await connections.at(-1)!.setRemoteDescription({ type: 'answer', sdp })
}

export async function untilOpen(): Promise<void> {
  while (channels.length < connections.length || channels.at(-1)!.readyState !== 'open')
    await new Promise((resolve) => setTimeout(resolve, 5))
}
