import { type Kinds, optionsChecker } from '@arcface/vision'
import { GalleryError } from './errors.js'

export type { Kinds }

/** @throws GalleryError GALLERY_USE */
export const checkOptions = optionsChecker((message) => new GalleryError('GALLERY_USE', message))
