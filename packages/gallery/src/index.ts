export type { Alike } from './alike.js'
export { checkGallery, type GalleryCheck, type TableCheck } from './check.js'
export { clusterFaces } from './cluster.js'
export type { Compared } from './compare.js'
export { photoHash } from './content.js'
export type { Duplicate } from './duplicates.js'
export { type Enrolled, FACE, type NewFace, type NewPerson } from './enroll.js'
export { GalleryError, type GalleryErrorCode, galleryErrors } from './errors.js'
export { exportGallery, exportReadable } from './export.js'
export { facesOf } from './faces-of.js'
export {
  type EnrollFolderOptions,
  type EnrollFolderResult,
  enrollFolder,
  type FacesOf,
} from './folder.js'
export { type FaceOfPerson, Gallery, type GalleryStats, openGallery } from './gallery.js'
export type { Filter, Identified, IdentifyOptions, Match, Searched } from './identify.js'
export { exportedModel, importGallery } from './import.js'
export type { Metadata } from './metadata.js'
export { checkModel, type GalleryModel, galleryModel } from './model.js'
export type { Person } from './person.js'
export {
  enrollPhoto,
  type IdentifyPhotoOptions,
  identifyPhoto,
  openGalleryOf,
  verifyPerson,
} from './photo.js'
export type { IdentifiedFace, PersonVerification } from './photo-results.js'
export type { StoreOptions } from './store.js'
