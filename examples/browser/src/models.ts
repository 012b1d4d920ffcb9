import { Recognizer, type RecognizerOptions } from '@arcface/browser'

/** Beside the page: the folder of a pack that `arcface models copy --out` makes. */
const PACK = 'models/'

export interface Opened {
  readonly recognizer: Recognizer
  /** Bytes of the models' files by their names. */
  readonly sizes: ReadonlyMap<string, number>
  readonly milliseconds: number
  readonly isTrained: boolean
}

/** Opens the pack, or a trained model (its file or address) with what finds the faces in the pack. */
export async function openModels(
  trained: File | string | undefined,
  onProgress: NonNullable<RecognizerOptions['onProgress']>,
): Promise<Opened> {
  const start = performance.now()
  const sizes = new Map<string, number>()
  const recognizer = await Recognizer.open({
    models: trained === undefined ? PACK : { detector: PACK, embedder: trained },
    // People belong to the model that they were enrolled with.
    gallery: { name: trained && `people of ${nameOf(trained)}` },
    // The service worker keeps them already.
    cache: !navigator.serviceWorker?.controller,
    onProgress: (progress) => {
      sizes.set(progress.file, progress.loaded)
      onProgress(progress)
    },
  })
  const milliseconds = performance.now() - start
  if (trained instanceof File) sizes.set(trained.name, trained.size)
  return { recognizer, sizes, milliseconds, isTrained: trained !== undefined }
}

const nameOf = (trained: File | string) => (typeof trained === 'string' ? trained : trained.name)
