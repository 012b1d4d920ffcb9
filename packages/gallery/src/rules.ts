import { type GalleryRefusal, galleryRules } from '@arcface/vision'
import { GalleryError } from './errors.js'

export const refuse: GalleryRefusal = (trouble, message, options) =>
  new GalleryError(`GALLERY_${trouble}`, message, options)

/** What all galleries have in common, with the errors of this room: `USE` is GALLERY_USE, and so on. */
export const {
  checkOptions,
  textOf,
  textsOf,
  listOf,
  checkCount,
  normalName,
  cleanName,
  cleanGroups,
  groupsOf,
  checkKeeping,
  checkDescription,
  checkClock,
  checkSweep,
  checkPeople,
  checkPeoplePage,
  checkFaces,
  checkEmbedding,
  checkFacesPage,
  parseModel,
  checkModel,
  modelIn,
  checkRows,
  parseRow,
  checkIdentify,
  thresholdOf,
  identifyHeld,
  noPerson,
  noFace,
  faceless,
  taken,
  samePerson,
} = galleryRules(refuse)
