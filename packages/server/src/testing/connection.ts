import { connect, type Socket } from 'node:net'

/** A connection that sends what it is told to, and keeps what comes. */
export class RawClient {
  readonly socket: Socket
  /** Resolves when the server has closed it, with all that came. */
  readonly closed: Promise<string>
  #text = ''
  #heard: (() => void) | undefined

  constructor(url: string, options: { readonly allowHalfOpen?: boolean } = {}) {
    const { hostname, port } = new URL(url)
    this.socket = connect({ ...options, host: hostname, port: Number(port) })
    this.socket.on('data', (data) => {
      this.#text += data.toString('latin1')
      this.#heard?.()
    })
    this.socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve(this.#text)))
  }

  get text(): string {
    return this.#text
  }

  send(text: string | Uint8Array): this {
    this.socket.write(text)
    return this
  }

  /** The head of a request with a body. */
  post(path: string, headers: Record<string, string | number>): this {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    return this.send(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`)
  }

  /** Waits until this has come. @throws with what came instead, where the server closes before */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text)) {
      if (this.socket.destroyed) throw new Error(`closed after: ${this.#text}`)
      await Promise.race([
        this.closed,
        new Promise<void>((resolve) => {
          this.#heard = resolve
        }),
      ])
    }
    return this.#text
  }
}
