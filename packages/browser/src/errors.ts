/** Every code of this room: what it means, and the status of an answer over HTTP that it is the reason of. */
export const browserErrors = {
  BROWSER_WORKER: {
    meaning: 'The worker in which networks run does not start, or has ended.',
    status: 500,
  },
  BROWSER_RUNTIME: {
    meaning:
      'ONNX Runtime cannot be loaded: its WebAssembly is not where it is looked for, or the page may not run it.',
    status: 500,
  },
  BROWSER_WEBGPU: {
    meaning: 'WebGPU alone is asked for, and the browser offers none.',
    status: 501,
  },
  BROWSER_LOAD: {
    meaning: 'ONNX Runtime cannot load a model.',
    status: 422,
  },
  BROWSER_RUN: {
    meaning: 'A network failed on what it was given.',
    status: 500,
  },
  BROWSER_PHOTO: {
    meaning: 'A photograph cannot be read, or has too many pixels.',
    status: 422,
  },
  BROWSER_DOWNLOAD: {
    meaning: 'A model cannot be downloaded.',
    status: 502,
  },
  BROWSER_CHECKSUM: {
    meaning: 'A model is another file than its checksum says.',
    status: 422,
  },
  BROWSER_PACK: {
    meaning: 'A model pack is not described as it should be, or lacks a part.',
    status: 422,
  },
  BROWSER_STORAGE: {
    meaning: 'What the browser stores for the page is full, blocked or unreadable.',
    status: 507,
  },
  BROWSER_INSECURE: {
    meaning:
      'The page is no secure context, so that the browser gives it neither cryptography nor storage.',
    status: 400,
  },
  BROWSER_GALLERY_MODEL: {
    meaning: 'A gallery is of another model.',
    status: 409,
  },
  BROWSER_GALLERY_FORMAT: {
    meaning: 'A gallery, or a file to import, is of a newer version or no such thing at all.',
    status: 422,
  },
  BROWSER_GALLERY_KEY: {
    meaning: 'A gallery is encrypted otherwise than it is opened: by another key, or not at all.',
    status: 409,
  },
  BROWSER_GALLERY_GONE: {
    meaning: 'A gallery was deleted, or taken over by a newer page, while it was open.',
    status: 410,
  },
  BROWSER_GALLERY_BLOCKED: {
    meaning: 'Another tab keeps a gallery from being upgraded or deleted.',
    status: 503,
  },
  BROWSER_GALLERY_DAMAGED: {
    meaning: 'What is stored of a gallery is not what was written.',
    status: 500,
  },
  BROWSER_GALLERY_NAME: {
    meaning: 'It cannot be the name of a person or a group.',
    status: 422,
  },
  BROWSER_GALLERY_CONSENT: {
    meaning: 'A consent has no basis, or ends before it was given.',
    status: 422,
  },
  BROWSER_GALLERY_CLOCK: {
    meaning:
      'A gallery was written to later than the clock says; nobody is erased by such a clock.',
    status: 409,
  },
  BROWSER_GALLERY_METADATA: {
    meaning: 'Metadata are no object, or hold what JSON does not.',
    status: 422,
  },
  BROWSER_GALLERY_PERSON: {
    meaning: 'Nobody has this name, or who has it has no face to compare with.',
    status: 404,
  },
  BROWSER_GALLERY_PERSON_EXISTS: {
    meaning: 'Somebody has this name already, or both names are the same person.',
    status: 409,
  },
  BROWSER_GALLERY_FACE: {
    meaning: 'No face has this id.',
    status: 404,
  },
  BROWSER_GALLERY_EMBEDDING: {
    meaning:
      'An embedding is not finite, not of unit length, or of another length than the gallery holds.',
    status: 422,
  },
  BROWSER_CAMERA_DENIED: {
    meaning: 'The page may not use the camera: a person, a policy or the system does not allow it.',
    status: 403,
  },
  BROWSER_CAMERA_NONE: {
    meaning: 'There is no camera, or none as it is asked for.',
    status: 404,
  },
  BROWSER_CAMERA_BUSY: {
    meaning: 'The camera gives no picture; another program may use it.',
    status: 409,
  },
  BROWSER_CAMERA_LOST: {
    meaning: 'The camera was taken away while it was used.',
    status: 409,
  },
  BROWSER_USE: {
    meaning: 'An option is out of range, or what is asked is already closed.',
    status: 400,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly status: number }>

export type BrowserErrorCode = keyof typeof browserErrors

/** What stands in the way of recognising in a page; the message names the model or photograph and says what to do. */
export class BrowserError extends Error {
  override readonly name = 'BrowserError'
  /** What to do, where the message alone does not say it. */
  readonly hint: string | undefined

  constructor(
    readonly code: BrowserErrorCode,
    message: string,
    { hint, ...options }: ErrorOptions & { readonly hint?: string | undefined } = {},
  ) {
    super(message, options)
    this.hint = hint
  }
}
