import { isOfPhoto, nameOf, type PhotoSource, type Recognizer } from '@arcface/recognize'
import {
  type Box,
  type ChosenSearchThreshold,
  chooseSearchThreshold,
  reasonsOf,
  type SearchThresholdOptions,
  VisionError,
} from '@arcface/vision'
import type { GalleryReader } from '../gallery/reader.js'
import { clusterFaces } from '../search/cluster.js'
import { identifyPhoto } from './identify.js'

export interface ClusterPhotosOptions extends SearchThresholdOptions {
  /** How many photographs there are. Default: the length of a list. */
  readonly total?: number | undefined
  /** Called with the number of photographs done and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  /** Ends the work before the next photograph: then its reason is thrown. */
  readonly signal?: AbortSignal | undefined
  /** Whether each stranger comes with the aligned face as a JPEG. Default false. */
  readonly thumbnails?: boolean | undefined
}

/** A face of nobody whom the gallery knows. */
export interface Stranger {
  /** Path or name of the photograph. */
  readonly photo: string
  readonly box: Box
  readonly embedding: Float32Array
  readonly thumbnail: Uint8Array | undefined
}

export interface ClusteredPhotos extends ChosenSearchThreshold {
  /** Faces of people of the gallery. */
  readonly known: number
  /** For each unknown person the photographs, by path, one for each face; those with most faces first. */
  readonly clusters: readonly (readonly string[])[]
  readonly skipped: readonly { readonly photo: string; readonly reason: string }[]
}

export interface ClusteredStrangers extends ChosenSearchThreshold {
  readonly known: number
  /** For each unknown person the faces, those with most first. */
  readonly clusters: readonly (readonly Stranger[])[]
  readonly skipped: ClusteredPhotos['skipped']
}

/** `clusterStrangers`, and of each face its photograph alone. */
export async function clusterPhotos(
  ...args: Parameters<typeof clusterStrangers>
): Promise<ClusteredPhotos> {
  const { clusters, ...found } = await clusterStrangers(...args)
  return { ...found, clusters: clusters.map((faces) => faces.map(({ photo }) => photo)) }
}

/**
 * Who of photographs is unknown to a gallery, and who of them is the same. Each unknown face is searched among the
 * others: as many make as high a threshold as a gallery of them. What is too poor to be recognised is skipped.
 * @param photos a list, or what gives them one by one; each is called by its path or name
 * @throws VisionError VISION_USE where no threshold is known or given; GalleryError; as `identifyPhoto`
 */
export async function clusterStrangers(
  gallery: GalleryReader,
  recognizer: Recognizer,
  photos: readonly PhotoSource[] | AsyncIterable<PhotoSource>,
  { onProgress, signal, total, thumbnails = false, ...decision }: ClusterPhotosOptions = {},
): Promise<ClusteredStrangers> {
  const choose = (among: number) => chooseSearchThreshold(recognizer.thresholds, decision, among)
  if (choose(1).threshold === null)
    throw new VisionError('VISION_USE', 'the model names no threshold', {
      hint: 'Give one (`threshold`).',
    })
  const unknown: Stranger[] = []
  const skipped: { photo: string; reason: string }[] = []
  let known = 0
  let done = 0
  const options = { ...decision, thumbnails }
  for await (const source of photos) {
    signal?.throwIfAborted()
    const photo = nameOf(source)
    const faces = await identifyPhoto(gallery, recognizer, source, options).catch((error) => {
      if (!isOfPhoto(error)) throw error
      skipped.push({ photo, reason: error.message })
      return []
    })
    for (const { matches, rejected, quality, box, embedding, thumbnail } of faces) {
      if (matches.length > 0) known++
      // Poor faces are alike, whoever they are.
      else if (rejected.length > 0)
        skipped.push({ photo, reason: `a face is ${reasonsOf(rejected, quality)}` })
      else unknown.push({ photo, box, embedding, thumbnail })
    }
    onProgress?.(++done, total ?? (Array.isArray(photos) ? photos.length : done))
  }
  const { dim } = recognizer.model
  const rows = new Float32Array(unknown.length * dim)
  for (const [i, { embedding }] of unknown.entries()) rows.set(embedding, i * dim)
  const chosen = choose(unknown.length)
  const clusters: Stranger[][] = []
  for (const [i, label] of (await clusterFaces(rows, dim, chosen.threshold ?? 1)).entries()) {
    clusters[label] ??= []
    clusters[label].push(unknown[i]!)
  }
  return { ...chosen, known, clusters, skipped }
}
