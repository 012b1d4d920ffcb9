import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
  /** Everything that came before the server ended the connection. */
  readonly text: string
}

/**
 * What a server answers to bytes, whatever they are, before it ends the connection.
 * @param url of the server @param stays the client's end stays open, and it goes on writing, until the server lets go of it
 */
export function sendRaw(url: string, bytes: string | Buffer, stays = false): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: stays })
    const chunks: Buffer[] = []
    let writing: NodeJS.Timeout | undefined
    let isEnded = false
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('end', () => {
      isEnded = true
      if (stays) writing = setInterval(() => socket.write('x'), 50)
    })
    // After the end a reset is what a client gets that goes on writing.
    socket.on('error', (error) => isEnded || reject(error))
    socket.on('close', () => {
      clearInterval(writing)
      const text = Buffer.concat(chunks).toString()
      const [head = '', body = ''] = text.split('\r\n\r\n')
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]), head, body, text })
    })
    // latin1: a byte each, whatever it is.
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  })
}
