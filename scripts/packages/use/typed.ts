// Compiled with every check of the library's own types on, not run.
import { DataError, openFolders } from '@arcface/data'
import { type VerificationResult, verification } from '@arcface/evaluate'
import { FilesError } from '@arcface/files'
import {
  type Alike,
  type Compared,
  type Description,
  type Duplicate,
  type Enrolled,
  type EnrollFolderOptions,
  enrollFolder,
  enrollPhoto,
  type FacesOf,
  type FacesPage,
  facesOf,
  type Gallery,
  GalleryError,
  type GalleryErrorCode,
  type GalleryFace,
  type GalleryModel,
  type GalleryReader,
  type GalleryStats,
  galleryErrors,
  type Identified,
  type IdentifiedFace,
  type IdentifyOptions,
  type IdentifyPhotoOptions,
  identifyPhoto,
  type KnownPhoto,
  type ListedPerson,
  type NewFace,
  type NewPerson,
  openGallery,
  openGalleryOf,
  type PeoplePage,
  type PersonVerification,
  type Searched,
  type Skipped,
  type StoreOptions,
  verifyPerson,
} from '@arcface/gallery'
import { decodeModel } from '@arcface/onnx'
import { openEmbedder, type PhotoSource, Recognizer } from '@arcface/recognize'
import { cosine, type Embedder, type Photo } from '@arcface/vision'

export async function embedded(path: string, model: string): Promise<Float32Array> {
  const embedder: Embedder = await openEmbedder(model)
  const photo: Photo = { width: 112, height: 112, pixels: new Uint8Array(112 * 112 * 3) }
  try {
    return await embedder.embed(photo.pixels, 1)
  } catch (error) {
    if (error instanceof DataError || error instanceof FilesError) console.error(error.code, path)
    throw error
  }
}

export async function named(source: PhotoSource): Promise<number> {
  const recognizer = await Recognizer.open()
  const faces = await recognizer.embed(source)
  const gallery: Gallery = await openGallery('people')
  const [first] = faces
  return first ? cosine(first.embedding, first.embedding) : (await gallery.stats()).faces
}

export const figures = (input: Parameters<typeof verification>[0]): VerificationResult =>
  verification(input)

export const people = (root: string): number => openFolders([root]).classes.length
export const name = (bytes: Uint8Array): string => decodeModel(bytes, 'a.onnx').producerName

/** What a server asks of a gallery, every argument and answer by its name. */
export const server = {
  open: (recognizer: Recognizer, options: StoreOptions): Promise<Gallery> =>
    openGalleryOf(recognizer, 'people', options),
  status: (error: unknown): number =>
    error instanceof GalleryError ? galleryErrors[error.code].status : 500,
  taken: 'GALLERY_PERSON_EXISTS' satisfies GalleryErrorCode,
  enroll: (
    to: Gallery,
    by: Recognizer,
    photo: PhotoSource,
    face: Omit<NewFace, 'embedding'>,
  ): Promise<Enrolled> => enrollPhoto(to, by, photo, face, { minScore: 0.5, thumbnails: true }),
  identify: (
    among: GalleryReader,
    by: Recognizer,
    photo: PhotoSource,
    how: IdentifyPhotoOptions,
  ): Promise<IdentifiedFace[]> => identifyPhoto(among, by, photo, how),
  verify: (among: GalleryReader, by: Recognizer, photo: PhotoSource): Promise<PersonVerification> =>
    verifyPerson(among, by, photo, 'Ada', { minScore: 0.5 }),
  folder: async (
    to: Gallery,
    by: Recognizer,
    how: EnrollFolderOptions,
  ): Promise<readonly Skipped[]> => {
    const faces: FacesOf = facesOf(by, { minScore: 0.5 })
    return (await enrollFolder(to, 'photos', faces, how)).skipped
  },
  list: (of: GalleryReader, page: PeoplePage): Promise<ListedPerson[]> => of.people(page),
  faces: (of: GalleryReader, page: FacesPage): Promise<GalleryFace[]> => of.faces('Ada', page),
  face: (of: GalleryReader, id: string): Promise<GalleryFace> => of.face(id),
  thumbnail: (of: GalleryReader, id: string): Promise<Uint8Array | null> => of.thumbnail(id),
  count: (of: GalleryReader): Promise<Searched> => of.count({ groups: ['staff'] }),
  stats: (of: GalleryReader): Promise<GalleryStats> => of.stats(),
  model: (of: GalleryReader): GalleryModel => of.model,
  add: (to: Gallery, person: NewPerson): Promise<number> => to.addPeople([person]),
  describe: (of: Gallery, change: Description): Promise<void> => of.describe('Ada', change),
  search: (
    among: GalleryReader,
    embedding: Float32Array,
    how: IdentifyOptions,
  ): Promise<Identified> => among.identify(embedding, how),
  compare: (among: GalleryReader, embedding: Float32Array): Promise<Compared> =>
    among.compare('Ada', embedding),
  alike: (among: GalleryReader): Promise<Alike[]> => among.alike(['a']),
  duplicates: (of: GalleryReader): Promise<Duplicate[]> => of.duplicates(0.6),
  known: (to: GalleryReader): Promise<Map<string, KnownPhoto[]>> => to.photographs(['a']),
}
