/**
 * A model: n images (n x 112 x 112 x 3, RGB, uint8) to n embeddings, row-major. They need not be
 * normalised; the sum over an image and its mirror image is taken before normalising. The images
 * are the evaluation's, and valid until the promise settles.
 */
export type EmbedFn = (images: Uint8Array, n: number) => Promise<Float32Array>

/** Embeddings of images and, where asked for, of their mirror images; N x dim each. */
export interface ImageEmbeddings {
  readonly dim: number
  readonly plain: Float32Array
  readonly mirrored: Float32Array | undefined
}

/** Embedding of the image plus that of its mirror image, or the first alone where there is no second. */
export function flipSum({ plain, mirrored }: ImageEmbeddings): Float32Array {
  return mirrored === undefined ? plain : plain.map((value, i) => value + mirrored[i]!)
}
