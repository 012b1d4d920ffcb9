import { kindOf } from '@arcface/vision'
import { GalleryError } from '../errors.js'

/** Of a gallery among others: it becomes the name of a folder, and stands in addresses. */
export const GALLERY_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/

export const exists = (name: string) =>
  new GalleryError('GALLERY_EXISTS', `a gallery ${name} is there already`)

/** @throws GalleryError GALLERY_NAME */
export function checkGalleryName(name: string): string {
  if (typeof name === 'string' && GALLERY_NAME.test(name)) return name
  const given = typeof name === 'string' ? JSON.stringify(name.slice(0, 80)) : kindOf(name)
  throw new GalleryError(
    'GALLERY_NAME',
    `${given} is no name of a gallery: letters a to z, digits, _ and -, up to 63, the first no _ or -`,
  )
}
