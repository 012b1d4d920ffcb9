import type { FastifyInstance } from 'fastify'
import type { App } from '../app/app.js'
import { BODY_BYTES, FILE_BYTES } from './bodies.js'

/** What clients ask of the server itself, without a key. */
export const about = (app: App) => async (server: FastifyInstance) => {
  const config = { scope: 'public' } as const

  server.get('/config', { config }, async () => ({
    clientMaxFileSize: FILE_BYTES,
    clientMaxBodySize: BODY_BYTES,
  }))

  // Galleries of another model are refused, so that nothing here is inconsistent.
  server.get('/consistence/status', { config }, async () => ({
    demoFaceCollectionIsInconsistent: false,
    dbIsInconsistent: false,
    saveImagesToDB: app.config.thumbnails,
    status: 'OK',
  }))
}
