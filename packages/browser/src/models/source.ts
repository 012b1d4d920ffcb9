import type { PreprocessingInput, Thresholds } from '@arcface/onnx'
import { kindOf } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { checkOptions, type Kinds } from '../options.js'

/** Where a file of a model is: its address, or itself. */
export type FileSource = string | URL | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob

/** A file of a model, and what is known of it. */
export interface FileGiven {
  readonly from: FileSource
  /** Hexadecimal: what the file must be. Where it is known, a file that is kept is used without asking a server. */
  readonly sha256?: string | undefined
  /** What errors and galleries call it. Default: the last part of its address. */
  readonly name?: string | undefined
}

/** An embedder of others, and how it wants its pixels. */
export interface EmbedderGiven extends FileGiven {
  readonly preprocessing?: PreprocessingInput | undefined
  readonly thresholds?: Thresholds | undefined
}

/** A pack: the address of its `pack.json`, or of the folder (with a `/` at the end) in which that lies beside its files. */
export type PackGiven = string | URL | { readonly from: string | URL; readonly sha256?: string }

/** The models of a recognizer: a pack, or each part; a part may be a pack's address too, of which that part is taken. */
export type ModelsGiven =
  | PackGiven
  | {
      /** Of a pack with the landmarks that belong to it. */
      readonly detector: FileSource | FileGiven
      /** Of a detector that gives no points. */
      readonly landmarks?: FileSource | FileGiven | undefined
      readonly embedder: FileSource | EmbedderGiven
    }

/** What a worker is given: addresses are absolute, since its own base is another; of a pack each part is the pack. */
export interface Models {
  readonly detector: Part
  readonly landmarks?: Part | undefined
  readonly embedder: Part & Pick<EmbedderGiven, 'preprocessing' | 'thresholds'>
}

export interface Part {
  readonly from: string | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob
  readonly sha256?: string | undefined
  readonly name?: string | undefined
}

/** A part that is a pack. */
export type PackPart = Part & { readonly from: string }

const MODELS: Kinds<Exclude<ModelsGiven, PackGiven>> = {
  detector: 'any',
  landmarks: 'any',
  embedder: 'any',
}
const FILE: Kinds<FileGiven> = { from: 'any', sha256: 'text', name: 'text' }
const EMBEDDER: Kinds<EmbedderGiven> = { ...FILE, preprocessing: 'any', thresholds: 'any' }

/**
 * What is given to `Recognizer.open`, for its worker.
 * @param base what relative addresses begin at
 * @throws BrowserError BROWSER_USE
 */
export function absoluteModels(models: ModelsGiven, base: string): Models {
  if (isOne(models)) {
    const pack = part('models', models, base)
    if (isPack(pack)) return { detector: pack, embedder: pack }
    throw noModels()
  }
  if (typeof models !== 'object' || models === null) throw noModels()
  checkOptions('models', models, MODELS)
  const { detector, landmarks, embedder } = models
  const { preprocessing, thresholds } = isGiven<EmbedderGiven>(embedder) ? embedder : {}
  return {
    detector: part('models.detector', detector, base),
    ...(landmarks !== undefined && { landmarks: part('models.landmarks', landmarks, base) }),
    embedder: {
      ...part('models.embedder', embedder, base, EMBEDDER),
      ...(preprocessing && { preprocessing }),
      ...(thresholds && { thresholds }),
    },
  }
}

/**
 * A pack of which one part is taken.
 * @param name what errors call it
 * @throws BrowserError BROWSER_USE
 */
export function absolutePack(name: string, given: PackGiven, base: string): PackPart {
  const pack = part(name, given, base)
  if (isPack(pack)) return pack
  throw new BrowserError(
    'BROWSER_USE',
    `${name} is the address of a pack: of its pack.json, or of its folder with a / at the end`,
  )
}

/** The pack that the models come from, of which they may take more. */
export const packOf = ({ embedder, detector }: Models): PackPart | undefined =>
  [embedder, detector].find(isPack)

const noModels = () =>
  new BrowserError(
    'BROWSER_USE',
    'models is the address of a pack: of its pack.json, or of its folder with a / at the end; or says which file is which: { detector, landmarks, embedder }',
  )

/** @param name what errors call it */
function part(
  name: string,
  given: FileSource | FileGiven,
  base: string,
  kinds: Kinds<FileGiven> = FILE,
): Part {
  if (!isGiven(given)) return { from: located(name, given, base) }
  checkOptions(name, given, kinds)
  const { from, sha256 } = given
  if (sha256 !== undefined && !/^[\da-f]{64}$/i.test(sha256))
    throw new BrowserError('BROWSER_USE', `${name}: sha256 is 64 hexadecimal digits`)
  return {
    from: located(name, from, base),
    ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
    ...(given.name !== undefined && { name: given.name }),
  }
}

function located(name: string, from: FileSource, base: string): Part['from'] {
  if (!isSource(from))
    throw new BrowserError(
      'BROWSER_USE',
      `${name} is an address, bytes or a Blob, not ${kindOf(from)}`,
    )
  if (typeof from !== 'string' && !(from instanceof URL)) return from
  return absolute(from, base, name)
}

/**
 * @param name what errors call it
 * @throws BrowserError BROWSER_USE
 */
export function absolute(address: string | URL, base: string, name: string): string {
  try {
    return new URL(address, base).href
  } catch (cause) {
    throw new BrowserError('BROWSER_USE', `${name} is no address`, { cause })
  }
}

const isSource = (given: unknown): given is FileSource =>
  typeof given === 'string' ||
  [URL, Uint8Array, ArrayBuffer, Blob].some((kind) => given instanceof kind)

const isOne = (models: ModelsGiven): models is PackGiven => isSource(models) || isGiven(models)

/** Whether more is said of a file than where it is. */
const isGiven = <T extends FileGiven>(given: unknown): given is T =>
  typeof given === 'object' && given !== null && 'from' in given && !isSource(given)

/** A pack is known by how its address ends. */
export const isPack = (part: Part): part is PackPart =>
  typeof part.from === 'string' && /(\.json|\/)$/i.test(new URL(part.from).pathname)
