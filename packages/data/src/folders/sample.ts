import type { ImageRef } from '../images/source.js'

/** The label of an image of which nobody says whom it shows. */
export const NOBODY = -1

/** One image and its class: a file, or a record of a `.rec`. `label` indexes `classes`, or is `NOBODY`. */
export interface Sample extends ImageRef {
  label: number
}

/** A person's images in order; their labels are set when all people are known. */
export interface Person {
  name: string
  images: Sample[]
}
