import { statSync } from 'node:fs'
import { join } from 'node:path'
import { OutputFile, writeWhole } from '@arcface/files'
import {
  type ArcfaceMetadata,
  encodeModel,
  equalize,
  type ModelProto,
  prepareInt8,
  quantizeInt8,
  setArcfaceMetadata,
  type Thresholds,
  toFloat16,
  valuesToMeasure,
  withThresholds,
} from '@arcface/onnx'
import { Embedder, IMAGE_BYTES, networkShape } from '@arcface/vision'
import { RecognizeError } from '../errors.js'
import type { OpenModelOptions } from '../models/open.js'
import { BACKENDS } from '../network/backend.js'
import type { NetworkOptions } from '../network/network.js'
import { checkOptions, type Kinds } from '../options.js'
import { photosIn } from '../photo/files.js'
import { chooseRanges, measureChannels } from './calibrate.js'
import { compare, type Difference } from './check.js'
import { facesOf, spread } from './faces.js'
import { modelInMemory } from './network.js'
import { type OwnModel, ownModel } from './own.js'

export const PRECISIONS = ['fp32', 'fp16', 'int8'] as const
export type Precision = (typeof PRECISIONS)[number]

export interface ExportModelOptions extends OpenModelOptions {
  /** Default: fp32. */
  readonly precision?: Precision | undefined
  /** Folders of aligned faces or photographs: for fp16 and int8, which are measured on them. */
  readonly calibrate?: readonly string[] | undefined
  /** For photographs: a pack or an ONNX file. Default: the one that goes with the model. */
  readonly detector?: string | undefined
  /** The least mean cosine to the float32 model's embeddings. Default: 0.999 for fp16, 0.98 for int8. */
  readonly minCosine?: number | undefined
  /** To be named in the file instead of the model's own. */
  readonly thresholds?: Thresholds | undefined
  /** Measures the accuracy on pairs, of which it says the name. */
  readonly accuracy?:
    | {
        readonly pairs: string
        measure(embed: (images: Uint8Array, n: number) => Promise<Float32Array>): Promise<number>
      }
    | undefined
}

const EXPORT: Kinds<ExportModelOptions> = {
  precision: PRECISIONS,
  calibrate: 'any',
  detector: 'text',
  minCosine: 'number',
  thresholds: 'any',
  accuracy: 'any',
  preprocessing: 'any',
  threads: 'number',
  backend: BACKENDS,
  cache: 'text',
  run: 'function',
}

export interface ExportedModel {
  readonly path: string
  readonly dim: number
  /** Size of the file, and of the same as float32. */
  readonly bytes: number
  readonly floatBytes: number
  readonly precision: NonNullable<ArcfaceMetadata['precision']> | undefined
}

/** Faces that calibrate, and that check, at most. */
const FACES = 100
/** With fewer in all nothing is known of a range. */
const LEAST = 20
/** From so many in all on, those that check are others than those that calibrate. */
const APART = 40
const COSINE = { fp16: 0.999, int8: 0.98 } as const

/**
 * Writes the embedder of a file, a pack or a run as one of our own files (float32 RGB 0..255 in, metadata within), with
 * weights and arithmetic of another precision where that is wanted. Such a file is compared with the float32 model on
 * faces before it is written, and says in its metadata how it did.
 *
 * @throws RecognizeError RECOGNIZE_EXPORT: too few faces, a cosine below the least, or the file of the model itself, of
 *   which something would be lost; then nothing is written;
 *   OnnxError ONNX_PRECISION; as `openModel`; FilesError FILES_WRITE, FILES_DISK_FULL
 */
export async function exportModel(
  name: string,
  path: string,
  options: ExportModelOptions = {},
): Promise<ExportedModel> {
  checkOptions('exportModel', options, EXPORT)
  const { precision = 'fp32', thresholds, cache, run, preprocessing, threads, backend } = options
  new OutputFile(path)[Symbol.dispose]() // what cannot be written is told before the work
  const own = await ownModel(name, { cache, run, preprocessing, threads, backend })
  refuseLoss(own, path, precision)
  const float = thresholds ? { ...own, metadata: withThresholds(own.metadata, thresholds) } : own
  const made = precision === 'fp32' ? float : await reduced(float, precision, options)
  setArcfaceMetadata(made.model, made.metadata)
  const bytes = encodeModel(made.model)
  writeWhole(path, bytes)
  return {
    path,
    dim: made.metadata.dim,
    bytes: bytes.length,
    floatBytes: made === float ? bytes.length : encodeModel(own.model).length,
    precision: made.metadata.precision,
  }
}

/** One of ours as float32 is what it was; in place of any other the original would be gone. */
function refuseLoss({ path, isOurs }: OwnModel, out: string, precision: Precision): void {
  if (isOurs && precision === 'fp32') return
  const [a, b] = [path, out].map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }))
  if (a && b && a.ino === b.ino && a.dev === b.dev)
    throw new RecognizeError('RECOGNIZE_EXPORT', `${out} is the model itself, and would be lost`, {
      hint: 'Write it under another name.',
    })
}

async function reduced(
  own: OwnModel,
  type: 'fp16' | 'int8',
  options: ExportModelOptions,
): Promise<OwnModel> {
  const { calibrate = [], threads, backend } = options
  const network = { threads, backend }
  const faces = await facesOf(pickFiles(calibrate), { ...options, model: own.name })
  const n = faces.length / IMAGE_BYTES
  if (n < LEAST)
    throw new RecognizeError(
      'RECOGNIZE_EXPORT',
      `${own.name}: ${type} is measured on ${LEAST} faces or more; in ${calibrate.join(', ') || 'no folder'} there are ${n}`,
      { hint: 'Give folders of faces or photographs as `calibrate`.' },
    )
  const [first, second] = n < APART ? [faces, faces] : halves(faces)
  const model = type === 'fp16' ? toFloat16(own.model, own.name) : await toInt8(own, first, network)
  const difference = await withEmbedders(own, model, network, async (float, other) => ({
    ...(await compare(float, other, second)),
    accuracy: options.accuracy && {
      pairs: options.accuracy.pairs,
      float32: await options.accuracy.measure((images, count) => float.features(images, count)),
      reduced: await options.accuracy.measure((images, count) => other.features(images, count)),
    },
  }))
  refuseFar(own.name, type, difference, options.minCosine ?? COSINE[type])
  const precision = {
    type,
    calibrated: type === 'int8' ? first.length / IMAGE_BYTES : 0,
    checked: second.length / IMAGE_BYTES,
    same: type === 'int8' && n < APART,
    carried: options.thresholds === undefined && own.metadata.thresholds !== undefined,
    ...difference,
  }
  return { ...own, model, metadata: { ...own.metadata, precision } }
}

/** Of all folders together, as far apart as can be: neighbours are often of one person. */
const pickFiles = (folders: readonly string[]): string[] =>
  spread(
    folders.flatMap((folder) => photosIn(folder).map((file) => join(folder, file))),
    2 * FACES,
  )

/** Every second face, and the others. */
function halves(faces: Uint8Array): [Uint8Array, Uint8Array] {
  const n = faces.length / IMAGE_BYTES
  const every = (from: number) =>
    Buffer.concat(
      Array.from({ length: Math.ceil((n - from) / 2) }, (_, i) =>
        faces.subarray((2 * i + from) * IMAGE_BYTES, (2 * i + from + 1) * IMAGE_BYTES),
      ),
    )
  return [every(0), every(1)]
}

async function toInt8(
  { model, name, metadata }: OwnModel,
  faces: Uint8Array,
  network: NetworkOptions,
): Promise<ModelProto> {
  const prepared = prepareInt8(model, name)
  const batch = networkShape(prepared, name).fixedBatch ?? 1
  const calibration = { ...network, name, faces, batch, preprocessing: metadata.input }
  const channels = await measureChannels(prepared, valuesToMeasure(prepared), calibration)
  const equal = equalize(prepared, channels)
  return quantizeInt8(equal.model, await chooseRanges(equal.model, equal.ranges, calibration))
}

/** Works with both networks as embedders. */
async function withEmbedders<T>(
  own: OwnModel,
  reduced: ModelProto,
  network: NetworkOptions,
  work: (float: Embedder, other: Embedder) => Promise<T>,
): Promise<T> {
  const open = (model: ModelProto) =>
    Embedder.open(modelInMemory(own.name, encodeModel(model), network))
  const float = await open(own.model)
  try {
    const other = await open(reduced)
    try {
      return await work(float, other)
    } finally {
      await other.close()
    }
  } finally {
    await float.close()
  }
}

function refuseFar(name: string, type: string, { cosine }: Difference, least: number): void {
  if (cosine.mean >= least) return
  throw new RecognizeError(
    'RECOGNIZE_EXPORT',
    `${name}: as ${type} its embeddings have a cosine of ${cosine.mean.toFixed(4)} to those of the float32 model in the mean (${cosine.min.toFixed(4)} at worst), and ${least} is the least; nothing was written`,
    { hint: 'Take a lower `minCosine` if that is good enough, other faces, or another precision.' },
  )
}
