import { checkModel, type Gallery, GalleryError, galleryModel, normalName } from '@arcface/gallery'
import { z } from 'zod'
import type { App } from '../app/app.js'

// What the routes of one gallery have in common.

export const galleryParams = z.object({ gallery: z.string().describe('Its name') })
export const personParams = galleryParams.extend({ person: z.string().describe('Their name') })
export const faceParams = galleryParams.extend({ face: z.string().describe('Its id') })

/** @throws GalleryError GALLERY_MISSING, GALLERY_NAME */
export const galleryOf = (app: App, name: string): Promise<Gallery> => app.galleries.get(name)

/** A gallery whose embeddings this server's model makes. @throws GalleryError GALLERY_MODEL; as `galleryOf` */
export async function galleryOfModel(app: App, name: string): Promise<Gallery> {
  const gallery = await galleryOf(app, name)
  checkModel(gallery.model, galleryModel(app.recognizer), `the gallery ${name}`)
  return gallery
}

/** Of somebody who is made: such a name could not be asked for again. @throws GalleryError GALLERY_NAME */
export function checkAddressable(name: string): void {
  const stored = normalName(name)
  if (stored === '.' || stored === '..')
    throw new GalleryError('GALLERY_NAME', `${stored} is a step in an address, and no name here`, {
      hint: 'No address could name that person again: add a letter.',
    })
}
