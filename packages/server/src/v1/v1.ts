import type { FastifyInstance } from 'fastify'
import type { App } from '../app/app.js'
import { detect } from './detect.js'
import { modelRoutes } from './model.js'
import { verify } from './verify.js'

/** Our API. */
export const v1 = (app: App) => async (server: FastifyInstance) => {
  for (const routes of [detect, verify, modelRoutes]) await server.register(routes(app))
}
