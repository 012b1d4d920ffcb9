import { existsSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type ModelDigests, modelDigests } from '@arcface/data/onnx'
import { checkRegular } from '@arcface/files'
import {
  type ArcfaceMetadata,
  type PreprocessingInput,
  type Thresholds,
  thresholdsOf,
} from '@arcface/onnx'
import { DEFAULT_PACK, type LivenessPart } from '@arcface/vision'
import { RecognizeError } from '../errors.js'
import { type InstalledPack, installedPack, openPack, partPath } from './installed.js'

/** What a model may be besides an ONNX file, and where it is found. */
export interface ResolveOptions {
  /** Where packs lie. Default: ARCFACE_CACHE, XDG_CACHE_HOME/arcface or ~/.cache/arcface. */
  readonly cache?: string | undefined
  /**
   * Writes the best network of a run's folder as an ONNX file and says where: `onnxOfRun` of @arcface/train, which needs
   * libtorch. Asked where the run has no such file yet; left out, such a run is refused.
   */
  readonly run?: ((folder: string) => Promise<string>) | undefined
}

/** The embedder that a model names; its digest tells it from others, whose embeddings do not mix with its own. */
export interface ResolvedModel extends ModelDigests {
  /** Of the pack, or the file. */
  readonly name: string
  /** An ONNX file. */
  readonly path: string
  readonly preprocessing: PreprocessingInput | undefined
  /** Of the pack; a file's own stand in its metadata, see `ownThresholds`. */
  readonly thresholds: Thresholds | undefined
}

export interface ResolvedDetector {
  /** An ONNX file. */
  readonly path: string
  /** Another, of the points that the detector does not give. */
  readonly landmarks: string | undefined
}

/** The networks that tell living faces from pictures of them. */
export interface ResolvedLiveness {
  readonly part: LivenessPart
  /** ONNX files, in the part's order. */
  readonly paths: readonly string[]
}

/** A model's own thresholds: of its pack, else of its file's metadata. */
export const ownThresholds = (
  { thresholds }: Pick<ResolvedModel, 'thresholds'>,
  metadata: ArcfaceMetadata | undefined,
): Thresholds | undefined => thresholds ?? (metadata && thresholdsOf(metadata))

/** Whether it is a folder that a training wrote. */
export const isRun = (path: string): boolean => existsSync(join(path, 'config.yaml'))

/** What a run's best network is called as an ONNX file, beside its weights. */
const RUN_ONNX = 'model.onnx'

/**
 * What a model is: an ONNX file, the folder of a run (its best network), or the name of an installed pack.
 * @throws RecognizeError RECOGNIZE_PACK, RECOGNIZE_USE (a folder that is no run, or a run without an ONNX file);
 *   OnnxError ONNX_UNREADABLE; what `run` throws
 */
export async function resolveModel(
  model: string,
  { cache, run }: ResolveOptions = {},
): Promise<ResolvedModel> {
  if (isRun(model)) return ofFile(await onnxOfRun(model, run))
  if (isFile(model) || namesFile(model)) return ofFile(model)
  if (existsSync(model)) {
    if (!statSync(model).isDirectory()) checkRegular(model)
    throw new RecognizeError('RECOGNIZE_USE', `${model} is a folder, and not that of a run`, {
      hint: 'Name an ONNX file, a run or an installed pack.',
    })
  }
  const installed = await openPack(model, cache)
  const { embedder } = installed.pack
  if (embedder === null)
    throw new RecognizeError('RECOGNIZE_PACK', `the pack ${model} holds a detector, no embedder`)
  const path = partPath(installed, embedder.file)
  const { preprocessing, thresholds } = embedder
  return { name: model, path, ...(await modelDigests(path)), preprocessing, thresholds }
}

/**
 * The detector given (an ONNX file or a pack), else the model's own, else that of the default pack.
 * @throws RecognizeError RECOGNIZE_PACK, RECOGNIZE_USE (a folder)
 */
export async function resolveDetector(
  given: string | undefined,
  model: string,
  { cache }: ResolveOptions = {},
): Promise<ResolvedDetector> {
  if (given !== undefined) {
    if (isFile(given) || namesFile(given)) return { path: given, landmarks: undefined }
    if (existsSync(given))
      throw new RecognizeError('RECOGNIZE_USE', `${given} is a folder, and no detector`, {
        hint: 'Name an ONNX file or an installed pack.',
      })
    const part = detectorOf(await openPack(given, cache))
    if (part) return part
    throw new RecognizeError('RECOGNIZE_PACK', `the pack ${given} holds no detector`)
  }
  return partOf(detectorOf, model, cache)
}

/**
 * The networks for liveness of the pack given, else the model's own, else those of the default pack.
 * @throws RecognizeError RECOGNIZE_PACK (also for a pack that was installed before it had them: the hint brings it)
 */
export async function resolveLiveness(
  given: string | undefined,
  model: string,
  { cache }: ResolveOptions = {},
): Promise<ResolvedLiveness> {
  if (given === undefined) return partOf(livenessOf, model, cache)
  const part = livenessOf(await openPack(given, cache))
  if (part) return part
  throw new RecognizeError('RECOGNIZE_PACK', `the pack ${given} holds no network for liveness`, {
    hint: `Leave it out: then it is ${DEFAULT_PACK}'s.`,
  })
}

/**
 * The network of eyes of the model's own pack, else of the default one; undefined where that was installed without it.
 * @throws RecognizeError RECOGNIZE_PACK
 */
export async function resolveEyes(
  model: string,
  { cache }: ResolveOptions = {},
): Promise<string | undefined> {
  const { installed, file } = await partOf(eyesOf, model, cache)
  return Object.hasOwn(installed.files, file) ? partPath(installed, file) : undefined
}

const eyesOf = (installed: InstalledPack) => {
  const { eyes: file } = installed.pack
  return file === null ? undefined : { installed, file }
}

/** A part of the model's own pack, else of the default one, which has all. */
async function partOf<Part>(
  of: (installed: InstalledPack) => Part | undefined,
  model: string,
  cache: string | undefined,
): Promise<Part> {
  const isPack = !isFile(model) && (await installedPack(model, cache)) !== undefined
  const own = isPack ? of(await openPack(model, cache)) : undefined
  return own ?? of(await openPack(DEFAULT_PACK, cache))!
}

function livenessOf(installed: InstalledPack): ResolvedLiveness | undefined {
  const { name, liveness } = installed.pack
  if (liveness === null) return undefined
  const missing = liveness.models.find(({ file }) => !Object.hasOwn(installed.files, file))
  if (missing)
    throw new RecognizeError(
      'RECOGNIZE_PACK',
      `the model pack ${name} was installed without ${missing.file}, its network for liveness`,
      { hint: `Bring it: \`pullPack(findPack('${name}'))\`` },
    )
  return { part: liveness, paths: liveness.models.map(({ file }) => partPath(installed, file)) }
}

function detectorOf(installed: InstalledPack): ResolvedDetector | undefined {
  const { detector, landmarks } = installed.pack
  if (detector === null) return undefined
  return {
    path: partPath(installed, detector),
    landmarks: landmarks === null ? undefined : partPath(installed, landmarks),
  }
}

const ofFile = async (path: string): Promise<ResolvedModel> => ({
  name: path,
  path,
  ...(await modelDigests(path)),
  preprocessing: undefined,
  thresholds: undefined,
})

/** Written by an earlier call, or now. A step's own folder: links move on, and a gallery asks for the same file again. */
async function onnxOfRun(folder: string, run: ResolveOptions['run']): Promise<string> {
  const links = ['best', 'latest'].map((name) => join(folder, 'checkpoints', name))
  const link = links.find((path) => existsSync(path))
  const written = link === undefined ? undefined : join(realpathSync(link), RUN_ONNX)
  if (written !== undefined && existsSync(written)) return written
  if (run) return run(folder)
  throw new RecognizeError(
    'RECOGNIZE_USE',
    `${folder} is a run whose network is no ONNX file yet`,
    {
      hint: 'Export it first (`exportRun` of @arcface/train), and name the file.',
    },
  )
}

const isFile = (path: string) => existsSync(path) && statSync(path).isFile()

/** What is not there, and is no name of a pack: it is missed as a file. */
const namesFile = (path: string) => !existsSync(path) && /[/\\]|\.onnx$/i.test(path)
