import { isOfPhoto } from '@arcface/recognize'
import type { FastifyRequest } from 'fastify'
import type { App } from '../app/app.js'
import { type Picture, readPictures } from '../http/pictures.js'
import { problemOf } from '../http/problem.js'

/**
 * Works with each photograph of a request's part `photo`. Of several one that cannot be read keeps nobody from the
 * others; the only one fails the request.
 */
export async function eachPhotograph<T>(
  app: App,
  request: FastifyRequest,
  work: (photo: Picture) => Promise<T[]>,
) {
  const [photos] = await readPictures(request, { names: ['photo'], many: true }, app.config.limits)
  const results = photos!.map(async (photo) => {
    const { name } = photo
    try {
      const faces = await work(photo)
      app.metrics.found(faces.length)
      return { name, faces }
    } catch (error) {
      if (photos!.length === 1 || !isOfPhoto(error)) throw error
      return { name, problem: problemOf(error) }
    }
  })
  return { photos: await Promise.all(results) }
}
