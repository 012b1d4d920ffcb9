import type { ImageRef } from '../images/source.js'

/** One image and its class: a file, or a record of a `.rec`. `label` indexes `classes`. */
export interface Sample extends ImageRef {
  label: number
}

/** A person's images in order; their labels are set when all people are known. */
export interface Person {
  name: string
  images: Sample[]
}
