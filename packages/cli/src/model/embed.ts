import type { Thresholds } from '@arcface/onnx'
import type { PhotoResult } from '@arcface/recognize'
import type { Faces } from '@arcface/vision'
import { DEFAULT_MODEL, openOnnx } from './open.js'
import { qualityOption } from './quality.js'
import { openRecognizer, type RecognizerOptions } from './recognizer.js'

export interface Embedding {
  dim: number
  /** The model's own. */
  thresholds: Thresholds | undefined
  results: AsyncIterable<readonly PhotoResult[]>
  close(): Promise<void>
}

/** Embeddings of aligned faces, or of photographs: a detector only where there is something to detect. */
export async function embedFiles(
  files: readonly string[],
  options: RecognizerOptions & { faces: Faces; flip?: boolean },
): Promise<Embedding> {
  const { areAligned, embedAligned, embedPhotos } = await import('@arcface/recognize')
  const { faces, flip = false, model = DEFAULT_MODEL } = options
  if (await areAligned(files)) {
    const { embedder, thresholds } = await openOnnx(model, options)
    const results = embedAligned(embedder, files, { flip, quality: qualityOption(options) })
    return { dim: embedder.dim, thresholds, results, close: () => embedder.close() }
  }
  const recognizer = await openRecognizer(options)
  const results = embedPhotos(recognizer, files, { faces, flip })
  const { model: opened, thresholds } = recognizer
  return { dim: opened.dim, thresholds, results, close: () => recognizer.close() }
}
