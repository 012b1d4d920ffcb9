import { RawClient } from './connection.js'

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
export async function sendRaw(
  url: string,
  bytes: string | Buffer,
  stays = false,
): Promise<RawAnswer> {
  const client = new RawClient(url, { allowHalfOpen: stays })
  let writing: NodeJS.Timeout | undefined
  client.socket.on('end', () => {
    if (stays) writing = setInterval(() => client.socket.write('x'), 50)
  })
  // latin1: a byte each, whatever it is.
  client.send(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  const text = Buffer.from(await client.closed, 'latin1').toString()
  clearInterval(writing)
  const [head = '', body = ''] = text.split('\r\n\r\n')
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]), head, body, text }
}
