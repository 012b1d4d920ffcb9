import { Recognizer, type RecognizerOptions } from '@arcface/browser'
import { webgpu } from '@arcface/browser/webgpu'

/** Beside the page: the folder of a pack that `arcface models copy --out` makes. */
const PACK = 'models/'

export interface Choice {
  /** A model of one's own: its file, or its address on this host. */
  readonly trained?: File | string | undefined
  /** Whether WebGPU is tried, which downloads more. */
  readonly webgpu?: boolean
}

export interface Opened {
  readonly choice: Choice
  readonly recognizer: Recognizer
  /** Bytes of the models' files by their names. */
  readonly sizes: ReadonlyMap<string, number>
  readonly milliseconds: number
}

/** Opens the pack, or a trained model with what finds the faces in the pack. */
export async function openModels(
  choice: Choice,
  onProgress: NonNullable<RecognizerOptions['onProgress']>,
): Promise<Opened> {
  const { trained } = choice
  const start = performance.now()
  const sizes = new Map<string, number>()
  const recognizer = await Recognizer.open({
    models: trained === undefined ? PACK : { detector: PACK, embedder: trained },
    ...(choice.webgpu && { webgpu }),
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
  return { choice, recognizer, sizes, milliseconds }
}

const nameOf = (trained: File | string) => (typeof trained === 'string' ? trained : trained.name)
