// People and their faces on LanceDB. In come L2-normalised embeddings of one model (or photographs, by a recognizer),
// with names, groups, metadata and pictures; out go people, faces and whose a face is, by the cosine. What a method has
// promised is on disk when it resolves; arrays and objects that come out are the caller's. With a key a gallery lies
// encrypted or with its embeddings turned; keys are read, and kept in memory while it is open. Errors are GalleryError's.

export type {
  Alike,
  Compared,
  Consent,
  Description,
  Due,
  Enrolled,
  FacesPage,
  Filter,
  FoundPerson,
  GalleryFace,
  GalleryModel,
  Identified,
  IdentifiedFace,
  IdentifyOptions,
  IdentifyPhotoOptions,
  ListedPerson,
  Match,
  Metadata,
  NewFace,
  NewPerson,
  PeoplePage,
  Person,
  Searched,
  SweepOptions,
} from '@arcface/vision'
export type { ComprefaceServer } from './compreface/client.js'
export {
  type ImportComprefaceOptions,
  type ImportedCompreface,
  importCompreface,
  type NotTakenOver,
} from './compreface/import.js'
export { GalleryError, type GalleryErrorCode, galleryErrors } from './errors.js'
export { photoHash } from './faces/content.js'
export type { FacesWindow } from './faces/pages.js'
export type { KnownPhoto } from './faces/photographs.js'
export { Galleries, openGalleries } from './galleries/galleries.js'
export { GALLERY_NAME } from './galleries/name.js'
export { Gallery, openGallery, type PersonCheck } from './gallery/gallery.js'
export type { GalleryReader } from './gallery/reader.js'
export type { GalleryStats } from './gallery/stats.js'
export {
  type ClusteredPhotos,
  type ClusteredStrangers,
  type ClusterPhotosOptions,
  clusterPhotos,
  clusterStrangers,
  type Stranger,
} from './photo/cluster.js'
export { enrollPhoto, isWithoutFace, newFace } from './photo/enroll.js'
export { facesOf } from './photo/faces-of.js'
export {
  type EnrollFolderOptions,
  type EnrollFolderResult,
  enrollFolder,
  type FacesOf,
} from './photo/folder.js'
export { identifyPhoto } from './photo/identify.js'
export type { Skipped } from './photo/listing.js'
export { openGalleryOf } from './photo/open.js'
export { type PersonVerification, verifyPerson } from './photo/verify.js'
export { fingerprintOf, ReceiptKey } from './receipt/key.js'
export {
  checkReceipt,
  type ErasureReceipt,
  isAbout,
  type ReceiptOptions,
  receiptOf,
  receiptSchema,
} from './receipt/receipt.js'
export { checkDescription, checkModel, cleanName, normalName } from './rules.js'
export { clusterFaces } from './search/cluster.js'
export type { Duplicate, FaceName } from './search/duplicates.js'
export { galleryModel } from './store/model.js'
export type { StoreOptions } from './store/store.js'
export type { GivenKey } from './store/tables.js'
export { type ExportOptions, exportGallery } from './transfer/export.js'
export {
  checkExported,
  exportedModel,
  type ImportOptions,
  importGallery,
} from './transfer/import.js'
export { exportReadable } from './transfer/readable.js'
export { checkGallery, type GalleryCheck, type Range, type TableCheck } from './upkeep/check.js'
export {
  type EncryptedGallery,
  type EncryptOptions,
  encryptGallery,
  type RekeyOptions,
  rekeyGallery,
} from './upkeep/encrypt.js'
export type { Erased, Erasure } from './upkeep/erasure.js'
export { type RotateOptions, rotateGallery } from './upkeep/rotate.js'
export type { Swept } from './upkeep/sweep.js'
export { type KeySource, type MasterKey, masterKey } from './vault/master.js'
