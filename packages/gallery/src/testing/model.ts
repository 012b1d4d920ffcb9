import type { GalleryModel } from '@arcface/vision'

/** Of a network that is nowhere, for galleries of embeddings that are made by a formula. */
export const testModel = (dim: number): GalleryModel => ({
  sha256: 'a'.repeat(64),
  name: 'test.onnx',
  dim,
  preprocessing: null,
})
