import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { done, problems } from './schemas.js'

// An aligned face as a picture.

export const thumbnailAnswer = {
  200: { description: 'JPEG, 112 x 112', content: { 'image/jpeg': { schema: z.unknown() } } },
  204: done.describe('None was kept'),
  ...problems,
}

export function sendThumbnail(
  reply: Pick<FastifyReply, 'header' | 'code' | 'type' | 'send'>,
  picture: Uint8Array | null,
) {
  reply.header('cache-control', 'private, no-store')
  if (picture === null) return reply.code(204).send(null)
  return reply.type('image/jpeg').send(Buffer.from(picture))
}
