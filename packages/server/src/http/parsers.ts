import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import type { ServerConfig } from '../config/schema.js'
import { ServerError } from '../errors.js'

/** Bodies that are read whole: the bytes of a photograph, and JSON. */
export function takeBodies(
  server: FastifyInstance,
  { photoBytes }: Pick<ServerConfig['limits'], 'photoBytes'>,
): void {
  for (const type of [/^image\//, 'application/octet-stream'])
    server.addContentTypeParser(
      type,
      { parseAs: 'buffer', bodyLimit: photoBytes },
      async (_: unknown, body: Buffer) => body,
    )
  const parse = server.getDefaultJsonParser('error', 'error')
  server.removeContentTypeParser('application/json')
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      parse(request, textOf(body as Buffer), done)
    } catch (error) {
      done(error as Error)
    }
  })
}

/** A name in another encoding would be kept as something else. @throws ServerError SERVER_REQUEST */
export function textOf(body: Buffer): string {
  if (isUtf8(body)) return body.toString()
  throw new ServerError('SERVER_REQUEST', 'the body is not UTF-8')
}
