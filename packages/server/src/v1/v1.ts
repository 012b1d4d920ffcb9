import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { temporaryOf } from '../config/load.js'
import { keepTidy } from '../http/upload.js'
import { leaveOutScores } from '../keys/scores.js'
import { auditRoutes } from './audit.js'
import { challenges } from './challenges.js'
import { detect } from './detect.js'
import { enroll } from './enroll.js'
import { faces } from './faces.js'
import { galleries } from './galleries.js'
import { identify } from './identify.js'
import { jobs } from './jobs.js'
import { keyRoutes } from './keys.js'
import { liveness } from './liveness.js'
import { modelRoutes } from './model.js'
import { modelFiles } from './model-files.js'
import { people } from './people.js'
import { review } from './review.js'
import { runs } from './runs.js'
import { sessionRoutes } from './session.js'
import { strangers } from './strangers.js'
import { sweep } from './sweep.js'
import { tasks } from './tasks.js'
import { transfer } from './transfer.js'
import { verify } from './verify.js'
import { workspaceRoutes } from './workspace.js'

const ROUTES = [
  ...[detect, liveness, verify, modelRoutes, modelFiles, galleries, people, sweep],
  ...[enroll, review, faces, identify, challenges, transfer, jobs, strangers],
  ...[workspaceRoutes, runs, tasks, keyRoutes, auditRoutes],
]

/** Our API. */
export const v1 = (app: App) => async (server: FastifyInstance) => {
  server.addHook('preSerialization', leaveOutScores())
  // An option that is unknown is refused, also where there are none.
  server.addHook('onRoute', (route) => {
    route.schema = { querystring: z.strictObject({}), ...route.schema }
  })
  keepTidy(server, temporaryOf(app.config))
  // Whoever watches a job would keep the server from ending.
  server.addHook('preClose', () => app.jobs.close())
  await server.register(sessionRoutes(app))
  for (const routes of ROUTES) await server.register(routes(app))
}
