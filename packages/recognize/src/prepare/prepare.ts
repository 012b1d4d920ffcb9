import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { modelDigest } from '@arcface/data/onnx'
import { firstNames, fittingName, Lock, liesWithin, makeFolder, writeWhole } from '@arcface/files'
import {
  chooseFaces,
  DEFAULT_PACK,
  FACES,
  FaceFinder,
  type Faces,
  IMAGE_SIZE,
  PLAUSIBLE,
} from '@arcface/vision'
import sharp from 'sharp'
import { openDetector } from '../detect/open.js'
import { isOfPhoto, RecognizeError } from '../errors.js'
import { resolveDetector } from '../models/resolve.js'
import { checkOptions, type Kinds } from '../options.js'
import { type ListedPhotos, listPhotos } from '../photo/files.js'
import { usePhoto } from '../photo/photo.js'
import { stemsOf } from '../photo/stems.js'
import { type Entry, Journal } from './journal.js'

export interface PrepareOptions {
  /** The name of an installed pack, or an ONNX file: YuNet or SCRFD. Default: the pack `faceplugin`. */
  detector?: string
  minScore?: number
  faces?: Faces
  format?: 'jpg' | 'png'
  /** Pixels of the largest photograph that is decoded. Default: what takes 512 MB, 170 million of an ordinary JPEG. */
  maxPixels?: number
  /** Where packs lie. Default: ARCFACE_CACHE, XDG_CACHE_HOME/arcface or ~/.cache/arcface. */
  cache?: string
  /** Photographs in work at once. Default: one a core. */
  workers?: number
  signal?: AbortSignal
  onProgress?: (done: number, total: number) => void
}

const PREPARE: Kinds<PrepareOptions> = {
  detector: 'text',
  minScore: 'number',
  faces: FACES,
  format: ['jpg', 'png'],
  maxPixels: 'number',
  cache: 'text',
  workers: 'number',
  signal: 'signal',
  onProgress: 'function',
}

export interface PrepareResult {
  photos: number
  /** Aligned faces that lie in the target folder. */
  faces: number
  skipped: { photo: string; reason: string }[]
  /** False after an abort: the same call goes on. */
  finished: boolean
  /** What is odd about the journal. */
  warnings: string[]
  /** What became of each photograph, a line each. */
  journal: string
}

/**
 * Finds, aligns and writes the faces of a folder of photographs, 112 x 112, under the names and in the folders of the
 * photographs; small, blurred and turned faces too, but none that is hardly plausible. What is finished stands in
 * `<target>.jsonl` and is not done again, unless a failure of the power has left its face empty.
 * @throws RecognizeError RECOGNIZE_PACK, RECOGNIZE_LOAD, RECOGNIZE_USE, RECOGNIZE_RUN; VisionError VISION_DETECTOR;
 *   FilesError FILES_READ, FILES_WRITE, FILES_DISK_FULL, FILES_LOCKED: of the folders
 */
export async function prepareFolder(
  source: string,
  target: string,
  options: PrepareOptions = {},
): Promise<PrepareResult> {
  checkOptions('prepareFolder', options, PREPARE)
  const { faces = 'largest', format = 'jpg', workers = availableParallelism(), maxPixels } = options
  const { photos, left } = listPhotos(source)
  if (liesWithin(target, source))
    throw new RecognizeError(
      'RECOGNIZE_USE',
      `${target} lies in ${source}, so its faces would be photographs of the next run. Choose a folder beside it.`,
    )
  if (photos.length === 0)
    throw new RecognizeError(
      'RECOGNIZE_USE',
      `${source} holds no photograph${left[0] ? `; ${left[0].path}: ${left[0].reason}` : ''}`,
    )
  const names = stemsOf(photos)
  const { detector = DEFAULT_PACK, minScore, cache } = options
  const { path, landmarks } = await resolveDetector(detector, detector, { cache })
  const finder = new FaceFinder(await openDetector(path, { threads: 1, landmarks, minScore }))
  try {
    makeFolder(target)
    const lock = `${target.replace(/\/+$/, '')}.lock`
    using _ = await Lock.take(lock, { what: `the folder ${target}` })
    const way = { detector: await modelDigest(path), minScore: minScore ?? null, faces, format }
    const journal = new Journal(`${target}.jsonl`, JSON.stringify(way))
    try {
      const isDone = (photo: string) =>
        journal.done.get(photo)?.faces.every((face) => !isEmpty(join(target, face)))
      const todo = photos.filter((photo) => !isDone(photo))
      let done = photos.length - todo.length
      options.onProgress?.(done, photos.length)
      const worker = async () => {
        for (let photo = todo.shift(); photo !== undefined; photo = todo.shift()) {
          if (options.signal?.aborted) return
          const work = { photo, name: names.get(photo)!, source, target, faces, format, maxPixels }
          journal.add(await prepareOne(work, finder))
          options.onProgress?.(++done, photos.length)
        }
      }
      await Promise.all(Array.from({ length: Math.max(1, workers) }, worker))
      return resultOf(photos, left, journal)
    } finally {
      journal.close()
    }
  } finally {
    await finder.close()
  }
}

/** What a failure of the power leaves of a file that was not on the disk yet: faces are not flushed one by one. */
const isEmpty = (path: string) => statSync(path, { throwIfNoEntry: false })?.size === 0

interface Work {
  photo: string
  /** The file that its face goes to, without an extension. */
  name: string
  source: string
  target: string
  faces: Faces
  format: 'jpg' | 'png'
  maxPixels: number | undefined
}

async function prepareOne(
  { photo: name, name: stem, source, target, faces, format, maxPixels }: Work,
  finder: FaceFinder,
): Promise<Entry> {
  try {
    return await usePhoto(join(source, name), { maxPixels }, async (photo) => {
      // Training gains by small, blurred and turned faces; only what is hardly a face is left out.
      const all = (await finder.find(photo, { quality: false })).filter(
        ({ quality }) => quality.plausibility >= PLAUSIBLE,
      )
      const found = chooseFaces(all, faces, photo, name)
      if (found.length === 0) return { photo: name, faces: [], skipped: 'no face found' }
      const written: string[] = []
      for (const [i, { pixels }] of found.entries()) {
        const ending = `${faces === 'all' ? `-${i + 1}` : ''}.${format}`
        const file = join(dirname(stem), fittingName(basename(stem), ending))
        await write(join(target, file), pixels, format)
        written.push(file)
      }
      return { photo: name, faces: written }
    })
  } catch (error) {
    if (isOfPhoto(error)) return { photo: name, faces: [], skipped: error.message }
    throw error
  }
}

/** Under another name first: a file of the right name is whole. */
async function write(path: string, pixels: Uint8Array, format: 'jpg' | 'png'): Promise<void> {
  const image = sharp(pixels, { raw: { width: IMAGE_SIZE, height: IMAGE_SIZE, channels: 3 } })
  const bytes = await (format === 'png'
    ? image.png()
    : image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
  ).toBuffer()
  makeFolder(dirname(path))
  writeWhole(path, bytes, { flushed: false })
}

function resultOf(
  photos: readonly string[],
  left: ListedPhotos['left'],
  { done, path, damaged }: Journal,
): PrepareResult {
  const entries = photos.flatMap((photo) => done.get(photo) ?? [])
  return {
    photos: photos.length,
    faces: entries.reduce((sum, { faces }) => sum + faces.length, 0),
    skipped: [
      ...left.map(({ path: photo, reason }) => ({ photo, reason })),
      ...entries.flatMap(({ photo, skipped }) =>
        skipped === undefined ? [] : { photo, reason: skipped },
      ),
    ],
    finished: entries.length === photos.length,
    warnings:
      damaged.length === 0
        ? []
        : [
            `${path} is damaged in ${damaged.length === 1 ? 'line' : 'lines'} ${firstNames(damaged.map(String), 5)}; what was told there was done again`,
          ],
    journal: path,
  }
}
