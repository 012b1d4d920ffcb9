/** Every code of this room: what it means, and the status of an answer over HTTP that it is the reason of. */
export const galleryErrors = {
  GALLERY_MODEL: {
    meaning: 'A gallery is of another model.',
    status: 409,
  },
  GALLERY_FORMAT: {
    meaning: 'A gallery, or a file to import, is of a newer version or no such thing at all.',
    status: 422,
  },
  GALLERY_MISSING: {
    meaning: 'No gallery lies there.',
    status: 404,
  },
  GALLERY_EXISTS: {
    meaning: 'A gallery of this name is there already.',
    status: 409,
  },
  GALLERY_SOURCE: {
    meaning: 'The server whose people are taken over does not answer, or not as it should.',
    status: 502,
  },
  GALLERY_LOCKED: {
    meaning: 'Other processes are writing, and have been for as long as a write waits.',
    status: 503,
  },
  GALLERY_NAME: {
    meaning: 'It cannot be the name of a person, a group or a gallery.',
    status: 422,
  },
  GALLERY_METADATA: {
    meaning: 'Metadata are no object, or hold what JSON does not.',
    status: 422,
  },
  GALLERY_CONSENT: {
    meaning: 'A consent has no basis, or ends before it was given.',
    status: 422,
  },
  GALLERY_PERSON: {
    meaning: 'Nobody has this name, or who has it has no face to compare with.',
    status: 404,
  },
  GALLERY_CHANGED: {
    meaning: 'Somebody is not as was expected any more: another has changed them meanwhile.',
    status: 412,
  },
  GALLERY_PERSON_EXISTS: {
    meaning: 'Somebody has this name already, or both names are the same person.',
    status: 409,
  },
  GALLERY_FACE: {
    meaning: 'No face has this id.',
    status: 404,
  },
  GALLERY_CLOCK: {
    meaning:
      'A gallery was written to later than the clock says; nobody is erased by such a clock.',
    status: 409,
  },
  GALLERY_RECEIPT: {
    meaning: 'It is no receipt of an erasure, was changed, or the key that signs them is none.',
    status: 422,
  },
  GALLERY_EMBEDDING: {
    meaning:
      'An embedding is not finite, not of unit length, or of another length than the gallery holds.',
    status: 422,
  },
  GALLERY_DISK_FULL: {
    meaning: 'The disk is full. What was acknowledged is there.',
    status: 507,
  },
  GALLERY_EXPORT: {
    meaning: 'A file to export to cannot be written.',
    status: 500,
  },
  GALLERY_ACCESS: {
    meaning: 'Files of a gallery may not be read or written by this user.',
    status: 500,
  },
  GALLERY_DAMAGED: {
    meaning: 'Files of a gallery are damaged or gone.',
    status: 500,
  },
  GALLERY_KEY: {
    meaning:
      "A gallery is encrypted, or its embeddings are turned, and its key was not given, is another one, or cannot be had; or its keys are another gallery's.",
    status: 500,
  },
  GALLERY_MEMORY: {
    meaning:
      'An encrypted gallery has more faces than may be held in memory, where alone it is searched.',
    status: 507,
  },
  GALLERY_ENGINE: {
    meaning: "LanceDB's engine, an optional dependency, is not installed.",
    status: 500,
  },
  GALLERY_STORE: {
    meaning: 'LanceDB failed, or the object storage that it was to write to.',
    status: 500,
  },
  GALLERY_USE: {
    meaning: 'An option is out of range, or the gallery is closed.',
    status: 400,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly status: number }>

export type GalleryErrorCode = keyof typeof galleryErrors

/** What stands in the way of a gallery; the message names the gallery, person or file and says what to do. */
export class GalleryError extends Error {
  override readonly name = 'GalleryError'
  /** What to do, where the message alone does not say it. */
  readonly hint: string | undefined

  constructor(
    readonly code: GalleryErrorCode,
    message: string,
    { hint, ...options }: ErrorOptions & { readonly hint?: string | undefined } = {},
  ) {
    super(message, options)
    this.hint = hint
  }
}
