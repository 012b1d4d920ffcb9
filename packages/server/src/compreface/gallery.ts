import { checkModel, type Gallery, GalleryError, galleryModel } from '@arcface/gallery'
import type { FastifyRequest } from 'fastify'
import type { App } from '../app/app.js'

/** Where a request looks for people, and what its key may see. */
export interface Place {
  /** `undefined`: it is not there, and nobody is in it. */
  readonly gallery: Gallery | undefined
  /** Whether similarities are told, not the verdict alone. */
  readonly scores: boolean
}

/**
 * The gallery of a request. One that is not there is made where the request is about to put something into it.
 * @throws GalleryError GALLERY_MODEL; as `Galleries`
 */
export async function placeOf(app: App, request: FastifyRequest): Promise<Place> {
  const name = app.config.compreface.gallery
  const mayMake = request.routeOptions.config.scope === 'enroll'
  const gallery = await (mayMake ? made(app, name) : found(app, name))
  if (gallery) checkModel(gallery.model, galleryModel(app.recognizer), `the gallery ${name}`)
  return { gallery, scores: true }
}

const found = (app: App, name: string): Promise<Gallery | undefined> =>
  app.galleries.get(name).catch(unless('GALLERY_MISSING'))

const made = async (app: App, name: string): Promise<Gallery> =>
  (await found(app, name)) ??
  (await app.galleries
    .create(name, galleryModel(app.recognizer))
    .catch(unless('GALLERY_EXISTS'))) ?? // another request made it meanwhile
  (await app.galleries.get(name))

const unless = (code: string) => (error: unknown) => {
  if (error instanceof GalleryError && error.code === code) return undefined
  throw error
}
