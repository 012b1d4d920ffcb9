import { basename } from 'node:path'
import { type EmbeddedFace, type Face, likelyFaces } from '@arcface/vision'
import type { FastifyRequest } from 'fastify'
import type { App } from '../app/app.js'
import type { Picture } from '../http/pictures.js'
import type { Times } from './items.js'
import type { FindParameters } from './query.js'
import { ComprefaceRefusal } from './refusals.js'

export interface Found<F extends Face> {
  /** The largest first. */
  readonly faces: readonly F[]
  readonly times: Times
}

type Finding = Pick<FindParameters, 'limit' | 'minScore' | 'detect'>

/** The faces of a photograph. @throws ComprefaceRefusal: there are none (28); as `Recognizer.detect` */
export const detectFaces = (
  app: App,
  request: FastifyRequest,
  picture: Picture,
  parameters: Finding,
): Promise<Found<Face>> =>
  find(app, parameters, (options) =>
    app.recognizer.detect(picture, { ...options, signal: request.gone }),
  )

/** With their embeddings. Errors as `detectFaces`. */
export const embedFaces = (
  app: App,
  request: FastifyRequest,
  picture: Picture,
  parameters: Finding,
): Promise<Found<EmbeddedFace>> =>
  find(app, parameters, (options) =>
    app.recognizer.embed(picture, { ...options, signal: request.gone }),
  )

interface FindOptions {
  readonly minScore: number | undefined
  readonly whole: boolean
  readonly onStep: (step: 'find' | 'embed', milliseconds: number) => void
}

async function find<F extends Face>(
  { metrics }: App,
  { limit, minScore, detect }: Finding,
  work: (options: FindOptions) => Promise<readonly F[]>,
): Promise<Found<F>> {
  const times = { find: 0, embed: undefined as number | undefined }
  const onStep: FindOptions['onStep'] = (step, milliseconds) => {
    times[step] = milliseconds
  }
  const found = likelyFaces(await work({ minScore, whole: !detect, onStep }))
  metrics.found(found.length)
  if (found.length === 0) throw new ComprefaceRefusal('noFace')
  const area = ({ box }: Face) => box.width * box.height
  const faces = [...found].sort((a, b) => area(b) - area(a))
  return { faces: limit > 0 ? faces.slice(0, limit) : faces, times }
}

/** Names of what looked at a photograph, as `status` asks for them. */
export const versionsOf = (app: App, withEmbeddings: boolean) => ({
  detector: app.recognizer.detector,
  ...(withEmbeddings && { calculator: basename(app.recognizer.model.name) }),
})
