import { checkModel, type Gallery, GalleryError, galleryModel } from '@arcface/gallery'
import type { FastifyRequest } from 'fastify'
import type { App } from '../app/app.js'
import { note } from '../audit/note.js'
import { checkGallery, principalOf } from '../keys/principal.js'

/** Where a request looks for people, and what its key may see. */
export interface Place {
  /** `undefined`: it is not there, and nobody is in it. */
  readonly gallery: Gallery | undefined
  /** Whether similarities are told, not the verdict alone. */
  readonly scores: boolean
}

/**
 * The gallery of a request: its key's, where the key is for a single one as keys of CompreFace are, else the configured one.
 * One that is not there is made where the request is about to put something into it.
 * @throws GalleryError GALLERY_MODEL; ServerError SERVER_SCOPE; as `Galleries`
 */
export async function placeOf(app: App, request: FastifyRequest): Promise<Place> {
  const principal = principalOf(request)
  const { key } = principal
  const own = key?.galleries?.length === 1 ? key.galleries[0] : undefined
  const name = own ?? app.config.compreface.gallery
  note(request, { gallery: name })
  checkGallery(principal, name)
  const mayMake = request.method === 'POST' && request.routeOptions.config.scope === 'enroll'
  const gallery = await (mayMake ? made(app, name) : found(app, name))
  if (gallery) checkModel(gallery.model, galleryModel(app.recognizer), `the gallery ${name}`)
  return { gallery, scores: mayScore(request) }
}

/** Whether the key of a request may see how alike faces are. */
export const mayScore = (request: FastifyRequest): boolean =>
  principalOf(request).key?.scores ?? true

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
