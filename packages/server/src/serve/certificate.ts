import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls'
import { messageOf, readText } from '@arcface/files'
import type { FastifyBaseLogger } from 'fastify'
import type { ServerConfig } from '../config/schema.js'
import { ServerError } from '../errors.js'
import { type Followed, follow } from '../follow/follow.js'

/** A certificate and its key as their files have them now; those who are connected stay so when they change. */
export class Certificate {
  #options: SecureContextOptions = {}
  #server: Server | undefined
  #followed: Followed | undefined

  private constructor(private readonly files: NonNullable<ServerConfig['tls']>) {}

  /** @throws ServerError SERVER_CONFIG: files that cannot be read, are none, or do not belong together */
  static async open(
    files: NonNullable<ServerConfig['tls']>,
    log: Pick<FastifyBaseLogger, 'info' | 'error'>,
  ): Promise<Certificate> {
    const certificate = new Certificate(files)
    certificate.#followed = await follow(
      [files.cert, files.key],
      () => {
        certificate.#read()
        log.info('the certificate is read')
      },
      (err) => log.error({ err }, 'the certificate stays what it was'),
    )
    return certificate
  }

  /** Of the server when it is made. */
  get options(): SecureContextOptions {
    return this.#options
  }

  /** Gives it what is read from now on. */
  serve(server: Server): void {
    this.#server = server
    server.setSecureContext(this.#options)
  }

  async reload(): Promise<void> {
    await this.#followed?.reload()
  }

  close(): void {
    this.#followed?.[Symbol.dispose]()
  }

  #read(): void {
    const { cert, key } = this.files
    try {
      const options = { cert: readText(cert), key: readText(key), minVersion: 'TLSv1.2' } as const
      // An empty text, as of a file that is just being written, a secure context takes for nothing given.
      if (!new X509Certificate(options.cert).checkPrivateKey(createPrivateKey(options.key)))
        throw new Error("the key is another certificate's")
      createSecureContext(options)
      this.#options = options
    } catch (cause) {
      throw new ServerError('SERVER_CONFIG', `tls: ${cert} and ${key}: ${messageOf(cause)}`, {
        cause,
      })
    }
    this.#server?.setSecureContext(this.#options)
  }
}
