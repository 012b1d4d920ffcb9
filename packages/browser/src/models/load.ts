import { checkThresholds, type PreprocessingInput, type Thresholds } from '@arcface/onnx'
import { type LivenessPart, MANIFEST } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { fileName } from './address.js'
import { type BringOptions, bring, type Wanted } from './bring.js'
import { checkSecure, digestOf, verify } from './checksum.js'
import { Kept } from './kept.js'
import { type PackParts, packParts } from './pack.js'
import type { DownloadProgress } from './progress.js'
import { isPack, type Models, type PackPart, type Part } from './source.js'

export interface LoadOptions {
  /** False: nothing is kept for the next visit, and nothing that was kept is used. */
  readonly cache?: boolean | undefined
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
  /** Told once where models work but cannot be kept: BROWSER_STORAGE. Default: the console. */
  readonly onWarning?: ((warning: BrowserError) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ModelFile {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Hexadecimal. */
  readonly sha256: string
}

export interface LoadedModels {
  /** Of the pack, or the embedder's file. */
  readonly name: string
  readonly detector: ModelFile
  readonly landmarks?: ModelFile | undefined
  readonly embedder: ModelFile
  /** Of the pack, or given with the embedder. */
  readonly preprocessing?: PreprocessingInput | undefined
  readonly thresholds?: Thresholds | undefined
}

/**
 * The models' files, checked; those that come from a server are kept in the Cache API for the next visit.
 * @throws BrowserError BROWSER_DOWNLOAD, BROWSER_CHECKSUM, BROWSER_PACK, BROWSER_INSECURE; OnnxError ONNX_BAD_METADATA
 *   (thresholds); the signal's reason
 */
export const loadModels = (models: Models, options: LoadOptions = {}): Promise<LoadedModels> =>
  bringing(options, (bring) => load(models, bring))

/** Networks that tell a living face from a picture of one, as their pack describes them. */
export interface LoadedLiveness {
  readonly part: LivenessPart
  readonly models: readonly ModelFile[]
}

/**
 * Those of a pack.
 * @throws BrowserError BROWSER_PACK: it has none; else as `loadModels`
 */
export const loadLiveness = (pack: PackPart, options: LoadOptions = {}): Promise<LoadedLiveness> =>
  bringing(options, async (bring) => {
    const { name, liveness } = await readPack(pack, bring)
    if (liveness === undefined)
      throw new BrowserError('BROWSER_PACK', `the pack ${name} holds no network for liveness`, {
        hint: 'Name one that does: `liveness: { pack }`.',
      })
    const models = await Promise.all(liveness.models.map((one) => named(one, bring)))
    return { part: liveness.part, models }
  })

/** A pack's network of eyes; undefined where it has none. Errors as `loadModels`. */
export const loadEyes = (
  pack: PackPart,
  options: LoadOptions = {},
): Promise<ModelFile | undefined> =>
  bringing(options, async (bring) => {
    const { eyes } = await readPack(pack, bring)
    return eyes && named(eyes, bring)
  })

async function bringing<T>(
  { cache = true, onProgress, onWarning = warn, signal }: LoadOptions,
  work: (options: BringOptions) => Promise<T>,
): Promise<T> {
  checkSecure()
  const kept = await Kept.open(cache, onWarning)
  const end = new AbortController()
  const abort = () => end.abort(signal?.reason)
  signal?.addEventListener('abort', abort)
  try {
    signal?.throwIfAborted()
    return await work({ kept, signal: end.signal, onProgress })
  } catch (error) {
    // Of one file: the others need not come any more.
    end.abort(error)
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

async function load(given: Models, options: BringOptions): Promise<LoadedModels> {
  const { preprocessing, thresholds } = given.embedder
  // Here and not in the page, which would be larger by the schemas.
  const own = thresholds && checkThresholds(thresholds, 'models.embedder.thresholds')
  const packs = new Map<string, Promise<PackParts>>()
  const packOf = (part: Part): Promise<PackParts> | undefined => {
    if (!isPack(part)) return undefined
    const read = packs.get(part.from) ?? readPack(part, options)
    packs.set(part.from, read)
    return read
  }
  const fileOf = async (kind: Kind, part: Part): Promise<ModelFile> => {
    const pack = await packOf(part)
    return pack ? partOf(kind, pack, options) : fileFrom(part, kind, options)
  }
  const pointsOf = async (): Promise<ModelFile | undefined> => {
    if (given.landmarks) return fileOf('landmarks', given.landmarks)
    const pack = await packOf(given.detector)
    return pack?.landmarks && partOf('landmarks', pack, options)
  }
  const [detector, landmarks, embedder, pack] = await Promise.all([
    fileOf('detector', given.detector),
    pointsOf(),
    fileOf('embedder', given.embedder),
    packOf(given.embedder),
  ])
  return {
    name: pack?.name ?? embedder.name,
    detector,
    landmarks,
    embedder,
    preprocessing: preprocessing ?? pack?.preprocessing,
    thresholds: own ?? pack?.thresholds,
  }
}

type Kind = 'detector' | 'landmarks' | 'embedder'

async function readPack({ from, sha256 }: PackPart, options: BringOptions): Promise<PackParts> {
  const address = from.endsWith('/') ? new URL(MANIFEST, from).href : from
  const { bytes } = await bring(
    {
      kind: 'pack',
      name: fileName(address),
      addresses: [address],
      checksum: sha256 && `sha256:${sha256}`,
      missing:
        'Lay a pack there: `arcface models copy --out FOLDER` makes a folder that holds its pack.json and its files.',
    },
    // It is small, and how many bytes there are in all it says itself.
    { ...options, onProgress: undefined },
  )
  return packParts(new TextDecoder().decode(bytes), address)
}

async function partOf(kind: Kind, pack: PackParts, options: BringOptions): Promise<ModelFile> {
  const wanted = pack[kind]
  if (wanted) return named(wanted, options)
  throw new BrowserError('BROWSER_PACK', `the pack ${pack.name} holds no ${kind}`, {
    hint: 'Name each part, of another pack too: `{ detector, embedder }`, each the address of a pack or of an ONNX file.',
  })
}

const named = async (wanted: Wanted, options: BringOptions): Promise<ModelFile> => {
  const { bytes, sha256 } = await bring(wanted, options)
  return { name: wanted.name, bytes, sha256 }
}

/** @param kind what the file is called where it has no name */
async function fileFrom(
  { from, sha256, name }: Part,
  kind: Kind,
  options: BringOptions,
): Promise<ModelFile> {
  const checksum = sha256 && `sha256:${sha256}`
  if (typeof from === 'string')
    return named(
      {
        kind: 'model',
        name: name ?? (fileName(from) || kind),
        addresses: [from],
        checksum,
        missing: 'Lay the ONNX file there, or mend the address.',
      },
      options,
    )
  const bytes = new Uint8Array(from instanceof Blob ? await from.arrayBuffer() : from)
  const called = name ?? ((from instanceof File && from.name) || kind)
  const own = await digestOf(bytes, 'sha256')
  if (checksum !== undefined) await verify(bytes, checksum, { name: called, sha256: own })
  return { name: called, bytes, sha256: own }
}

const warn = ({ code, message, hint }: BrowserError) => console.warn(`${code}: ${message}. ${hint}`)
