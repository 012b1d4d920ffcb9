import { Recognizer, type RecognizerOptions } from '@arcface/browser'

export interface Opened {
  readonly recognizer: Recognizer
  /** Of the models' files. */
  readonly bytes: number
  readonly milliseconds: number
}

/** Opens the pack, or a trained model (a file, or its address) with the detector of the pack. */
export async function openModels(
  embedder: File | string = 'models/fr_feature.onnx',
  onProgress: NonNullable<RecognizerOptions['onProgress']>,
): Promise<Opened> {
  const start = performance.now()
  const sizes = new Map<string, number>()
  const recognizer = await Recognizer.open({
    models: { detector: 'models/fr_detect.onnx', landmarks: 'models/fr_landmark.onnx', embedder },
    // The service worker keeps them already.
    cache: !navigator.serviceWorker?.controller,
    onProgress: (progress) => {
      sizes.set(progress.file, progress.loaded)
      onProgress(progress)
    },
  })
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  return { recognizer, bytes, milliseconds: performance.now() - start }
}
