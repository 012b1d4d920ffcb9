export { GalleryError, type GalleryErrorCode, galleryErrors } from './errors.js'
export type { Compared } from './faces/compare.js'
export { photoHash } from './faces/content.js'
export { type Enrolled, FACE, type NewFace, type NewPerson } from './faces/enroll.js'
export { type FaceOfPerson, Gallery, type GalleryStats, openGallery } from './gallery/gallery.js'
export type { Metadata } from './people/metadata.js'
export type { Person } from './people/person.js'
export { facesOf } from './photo/faces-of.js'
export {
  type EnrollFolderOptions,
  type EnrollFolderResult,
  enrollFolder,
  type FacesOf,
} from './photo/folder.js'
export {
  enrollPhoto,
  type IdentifyPhotoOptions,
  identifyPhoto,
  openGalleryOf,
  verifyPerson,
} from './photo/photo.js'
export type { IdentifiedFace, PersonVerification } from './photo/results.js'
export type { Alike } from './search/alike.js'
export { clusterFaces } from './search/cluster.js'
export type { Duplicate } from './search/duplicates.js'
export type { Filter, Identified, IdentifyOptions, Match, Searched } from './search/identify.js'
export { checkModel, type GalleryModel, galleryModel } from './store/model.js'
export type { StoreOptions } from './store/store.js'
export { exportGallery, exportReadable } from './transfer/export.js'
export { exportedModel, importGallery } from './transfer/import.js'
export { checkGallery, type GalleryCheck, type TableCheck } from './upkeep/check.js'
