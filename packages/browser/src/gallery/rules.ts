import { type GalleryRefusal, galleryRules } from '@arcface/vision'
import { BrowserError } from '../errors.js'

export const refuse: GalleryRefusal = (trouble, message, options) =>
  new BrowserError(
    trouble === 'USE' ? 'BROWSER_USE' : `BROWSER_GALLERY_${trouble}`,
    message,
    options,
  )

/** What all galleries have in common, with the errors of this room. */
export const {
  checkOptions,
  textOf,
  textsOf,
  listOf,
  normalName,
  cleanName,
  groupsOf,
  checkDescription,
  checkPeople,
  checkSweep,
  checkClock,
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
  identifyHeld,
  noPerson,
  noFace,
  faceless,
  taken,
  samePerson,
} = galleryRules(refuse)
