import { readdirSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { RECAPTURES, type Recapture, recapture } from '@arcface/data'
import { copyWhole, fittingName, liesWithin, makeFolder, writeWhole } from '@arcface/files'
import { chooseFaces, DEFAULT_PACK, FaceFinder, type Photo, PLAUSIBLE } from '@arcface/vision'
import sharp from 'sharp'
import { openDetector } from '../detect/open.js'
import { isOfPhoto, RecognizeError } from '../errors.js'
import { resolveDetector } from '../models/resolve.js'
import { checkOptions, type Kinds } from '../options.js'
import { listPhotos } from '../photo/files.js'
import { usePhoto } from '../photo/photo.js'
import { stemsOf } from '../photo/stems.js'

export interface RecaptureOptions {
  /** Decides everything; another seed draws other recaptures. Default 1. */
  readonly seed?: number
  /** The name of an installed pack, or an ONNX file: YuNet or SCRFD. Default: the pack `faceplugin`. */
  readonly detector?: string
  /** Pixels of the largest photograph that is decoded. Default: what takes 512 MB, 170 million of an ordinary JPEG. */
  readonly maxPixels?: number | undefined
  /** Where packs lie. Default: ARCFACE_CACHE, XDG_CACHE_HOME/arcface or ~/.cache/arcface. */
  readonly cache?: string
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

const OPTIONS: Kinds<RecaptureOptions> = {
  seed: 'number',
  detector: 'text',
  maxPixels: 'number',
  cache: 'text',
  signal: 'signal',
  onProgress: 'function',
}

export interface RecaptureResult {
  /** Photographs of which recaptures were drawn. */
  readonly photos: number
  readonly people: number
  /** What was drawn of each. */
  readonly species: readonly Recapture[]
  readonly pictures: number
  /** Photographs that cannot be read, or without a face. */
  readonly skipped: readonly { readonly photo: string; readonly reason: string }[]
}

/**
 * Draws simulated recaptures of the photographs of a folder, laid out as `openPresentations` of @arcface/evaluate reads them:
 * copies of the photographs in `live/<person>`, drawings in `attack/<species>/<person>`, of a video a folder of frames. A
 * person is a folder of the photographs; one in none counts as somebody of its own. That they are simulated stands in the
 * names of folders and files and in the pictures' metadata. They are readable by their owner only.
 * @param target is made where it is missing and must be empty
 * @throws RecognizeError RECOGNIZE_PACK, RECOGNIZE_LOAD, RECOGNIZE_USE, RECOGNIZE_RUN; DataError DATA_OPTION; VisionError
 *   VISION_DETECTOR; FilesError FILES_READ, FILES_WRITE, FILES_DISK_FULL; the signal's reason
 */
export async function recaptureFolder(
  source: string,
  target: string,
  options: RecaptureOptions = {},
): Promise<RecaptureResult> {
  checkOptions('recaptureFolder', options, OPTIONS)
  const { seed = 1, detector = DEFAULT_PACK, cache, maxPixels, signal, onProgress } = options
  const { photos, left } = listPhotos(source)
  const use = (message: string) => new RecognizeError('RECOGNIZE_USE', message)
  if (photos.length === 0) throw use(`${source} holds no photograph`)
  if (liesWithin(target, source))
    throw use(
      `${target} lies in ${source}, whose photographs are recaptured: choose another folder`,
    )
  makeFolder(target)
  if (readdirSync(target).length > 0)
    throw use(`${target} is not empty, and recaptures would mix with what is there`)
  const { path, landmarks } = await resolveDetector(detector, detector, { cache })
  const finder = new FaceFinder(await openDetector(path, { landmarks }))
  const skipped = left.map((one) => ({ photo: one.path, reason: one.reason }))
  const people = new Set<string>()
  let [drawn, pictures] = [0, 0]
  try {
    const stems = stemsOf(photos)
    for (const [number, name] of photos.entries()) {
      signal?.throwIfAborted()
      const person = personOf(stems.get(name)!)
      const work = { source: join(source, name), target, person, finder, seed, number, maxPixels }
      const result = await recaptureOne({ ...work, stem: basename(stems.get(name)!) })
      if (typeof result === 'string') skipped.push({ photo: name, reason: result })
      else {
        drawn++
        pictures += result
        people.add(person)
      }
      onProgress?.(number + 1, photos.length)
    }
  } finally {
    await finder.close()
  }
  if (drawn === 0) throw use(`no photograph of ${source} shows a face: ${skipped[0]!.reason}`)
  return { photos: drawn, people: people.size, species: RECAPTURES, pictures, skipped }
}

/** The folders that a photograph lies in, as one; where it lies in none its own name. */
const personOf = (stem: string): string => {
  const folder = dirname(stem)
  return folder === '.' ? stem : folder.replaceAll(/[/\\]/g, '-')
}

interface Work {
  source: string
  target: string
  person: string
  /** What the photograph is called, without an extension. */
  stem: string
  finder: FaceFinder
  seed: number
  number: number
  maxPixels: number | undefined
}

/** How many pictures were drawn, or why none. */
async function recaptureOne(work: Work): Promise<number | string> {
  const { source, target, person, stem, finder, seed, number, maxPixels } = work
  const live = join(target, 'live', person)
  try {
    return await usePhoto(source, { maxPixels }, async (photo) => {
      const all = await finder.find(photo, { quality: false })
      const likely = all.filter(({ quality }) => quality.plausibility >= PLAUSIBLE)
      const [face] = chooseFaces(likely, 'largest', photo, source)
      if (face === undefined) return 'no face found'
      makeFolder(live)
      await copyWhole(source, join(live, fittingName(stem, extname(source))), { isPrivate: true })
      let pictures = 0
      for (const species of RECAPTURES) {
        const frames = recapture(photo, face, species, { seed, number })
        const folder = join(target, 'attack', species, person)
        const isVideo = frames.length > 1
        for (const [i, frame] of frames.entries()) {
          const name = isVideo
            ? join(fittingName(stem, `.${species}`), `${i + 1}.${species}.jpg`)
            : fittingName(stem, `.${species}.jpg`)
          await write(join(folder, name), frame, `${species}, seed ${seed}`)
          pictures++
        }
      }
      return pictures
    })
  } catch (error) {
    if (isOfPhoto(error)) return error.message
    throw error
  }
}

async function write(path: string, { width, height, pixels }: Photo, what: string): Promise<void> {
  const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
    .withExif({
      IFD0: {
        ImageDescription: `Simulated recapture, drawn by code from a photograph: ${what}`,
        Software: 'arcface',
      },
    })
    .toBuffer()
  makeFolder(dirname(path))
  writeWhole(path, bytes, { flushed: false, isPrivate: true })
}
