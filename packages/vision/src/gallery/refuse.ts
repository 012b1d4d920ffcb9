/**
 * What stands in the way of a gallery, whichever room keeps it: each has its own error and a code of its own for every one
 * of these, and what is checked here is made with what makes them.
 */
export type GalleryTrouble =
  | 'MODEL'
  | 'FORMAT'
  | 'NAME'
  | 'METADATA'
  | 'CONSENT'
  | 'CLOCK'
  | 'PERSON'
  | 'PERSON_EXISTS'
  | 'FACE'
  | 'EMBEDDING'
  | 'USE'

export type GalleryRefusal = (
  trouble: GalleryTrouble,
  message: string,
  options?: { readonly cause?: unknown; readonly hint?: string },
) => Error
