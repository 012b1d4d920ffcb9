import { create } from '@bufbuild/protobuf'
import { z } from 'zod'
import { OnnxError } from '../errors.js'
import { type ModelProto, StringStringEntryProtoSchema } from '../generated/onnx_pb.js'
import { calibrationSchema } from './calibration.js'
import { cosinesSchema, type Impostors, impostorsSchema, type Thresholds } from './thresholds.js'

// The one place that says which metadata our ONNX files carry: the exporter writes through it,
// the embedder reads through it.

/** All `metadata_props` of a model, ours and others'. */
export function getMetadata(model: ModelProto): Record<string, string> {
  return Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]))
}

/** Sets `metadata_props`: keys given are replaced or added, the others stay. */
export function setMetadata(model: ModelProto, entries: Record<string, string>): void {
  const all = { ...getMetadata(model), ...entries }
  model.metadataProps = Object.entries(all).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  )
}

const perChannel = (value: z.ZodNumber, what: string) =>
  z.union(
    [value.transform((v): [number, number, number] => [v, v, v]), z.tuple([value, value, value])],
    { error: `expected ${what}, or three` },
  )

/**
 * What the caller does to a uint8 pixel p before the network, which takes its colours in the order `colorOrder`:
 * `x = (p * range / 255 - mean) / std`. Three values are those of red, green and blue, whatever the order. So `mean` and `std` are in units where
 * white is `range`: 255 (the default, as InsightFace writes 127.5 and 127.5) or 1 (as torchvision
 * writes 0.485 and 0.229). One number stands for all three channels. The defaults change nothing.
 */
export const preprocessingSchema = z.strictObject({
  colorOrder: z.enum(['RGB', 'BGR']).default('RGB'),
  range: z.literal([1, 255]).default(255),
  mean: perChannel(z.number(), 'a number').default([0, 0, 0]),
  std: perChannel(z.number().positive(), 'a number above 0').default([1, 1, 1]),
})
/** A preprocessing with every value filled in. */
export type Preprocessing = z.output<typeof preprocessingSchema>
/** A preprocessing as a person writes it. */
export type PreprocessingInput = z.input<typeof preprocessingSchema>

const point = z.tuple([z.number(), z.number()])
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.number())])

const precisionSchema = z.object({
  type: z.enum(['fp16', 'int8']),
  /** Faces that the ranges of its values were measured on, and that it was compared on. */
  calibrated: z.int().nonnegative(),
  checked: z.int().positive(),
  /** Whether these are the same faces, as there were so few. */
  same: z.boolean().optional(),
  /** Whether thresholds and calibration are carried over: measured of the float32 model, not of this one. */
  carried: z.boolean().optional(),
  /** Between its embedding of a face and the float32 model's. */
  cosine: z.object({ mean: z.number(), min: z.number() }),
  /** How much higher the cosine of two faces is: mean and standard deviation. */
  pairs: z.object({ mean: z.number(), std: z.number() }),
  /** Shares of these pairs told right. */
  accuracy: z.object({ pairs: z.string(), float32: z.number(), reduced: z.number() }).optional(),
})

/** The metadata of a model that this project exported; one `arcface.<key>` each. */
export const arcfaceMetadataSchema = z.object({
  /** Version of this schema. */
  format: z.literal(1),
  /** What the caller does before the graph (nothing, in our exports: the graph normalises). */
  input: z.strictObject({
    ...preprocessingSchema.shape,
    layout: z.literal('NCHW'),
    /** Height and width in pixels. */
    size: z.tuple([z.literal(112), z.literal(112)]),
  }),
  /**
   * Where the five points lie in an aligned image, in pixels: left eye, right eye, nose, left and
   * right corner of the mouth, left and right as seen in the image.
   */
  alignment: z.object({ name: z.string(), points: z.array(point).length(5) }),
  /** Length of an embedding. */
  dim: z.int().positive(),
  /** The loss it was trained with, and its parameters (scale, margin, ...). */
  loss: z.object({ name: z.string() }).catchall(scalar),
  /** Name of the backbone in the registry. */
  backbone: z.string(),
  /** The embedder that its training began with: the name of its file, and the SHA-256 in hexadecimal. */
  base: z.object({ name: z.string(), sha256: z.string() }).optional(),
  /** The embedder that it learned of: the name of its file or run, and the SHA-256 of its weights. */
  teacher: z.object({ name: z.string(), sha256: z.string() }).optional(),
  /** What it was trained on, as far as known. */
  data: z.object({ name: z.string() }).catchall(scalar).optional(),
  thresholds: cosinesSchema.optional(),
  /** What the thresholds were measured on; files of older versions have none. */
  impostors: impostorsSchema.extend({ source: z.string() }).optional(),
  /** The probability that a cosine stands for. */
  calibration: calibrationSchema.optional(),
  /** Median length of embeddings before they are normalised, see `Thresholds`. */
  norm: z.number().positive().optional(),
  /** Of a file whose weights and arithmetic are not float32: how it compares with the float32 model. */
  precision: precisionSchema.optional(),
})
export type ArcfaceMetadata = z.output<typeof arcfaceMetadataSchema>
export type ArcfaceMetadataInput = z.input<typeof arcfaceMetadataSchema>

const PREFIX = 'arcface.'
// Plain text, so that other tools show it as it is; everything else is JSON.
const TEXT_KEYS = new Set(['backbone'])

/** The 5-point template for 112x112 (InsightFace, python-package/insightface/utils/face_align.py). */
export const ARCFACE_ALIGNMENT: ArcfaceMetadata['alignment'] = {
  name: 'arcface-112x112',
  points: [
    [38.2946, 51.6963],
    [73.5318, 51.5014],
    [56.0252, 71.7366],
    [41.5493, 92.3655],
    [70.7299, 92.2041],
  ],
}

/**
 * Metadata as strings for `setMetadata`.
 * @throws OnnxError ONNX_BAD_METADATA where it does not fit the schema
 */
export function formatArcfaceMetadata(metadata: ArcfaceMetadataInput): Record<string, string> {
  const checked = parse(metadata, 'the metadata to write')
  return Object.fromEntries(
    Object.entries(checked).map(([key, value]) => [
      PREFIX + key,
      TEXT_KEYS.has(key) ? String(value) : JSON.stringify(value),
    ]),
  )
}

/**
 * Reads our metadata out of `getMetadata`'s strings; `undefined` for a model of others (no
 * `arcface.format`). Unknown `arcface.*` keys are ignored: a later version may add some.
 * @param name what errors call the model
 * @throws OnnxError ONNX_BAD_METADATA
 */
export function parseArcfaceMetadata(
  strings: Record<string, string>,
  name: string,
): ArcfaceMetadata | undefined {
  if (strings[`${PREFIX}format`] === undefined) return undefined
  const raw: Record<string, unknown> = {}
  for (const key of Object.keys(arcfaceMetadataSchema.shape)) {
    const value = strings[PREFIX + key]
    if (value === undefined) continue
    try {
      raw[key] = TEXT_KEYS.has(key) ? value : JSON.parse(value)
    } catch (cause) {
      const message = `${name}: metadata ${PREFIX}${key} is not JSON: ${value.slice(0, 80)}`
      throw new OnnxError('ONNX_BAD_METADATA', message, { cause })
    }
  }
  return parse(raw, name)
}

/** The operating points that a file of ours names. */
export function thresholdsOf({
  thresholds,
  impostors,
  calibration,
  norm,
}: ArcfaceMetadata): Thresholds | undefined {
  if (thresholds === undefined) return undefined
  const { source = "the model's metadata", ...measured } = impostors ?? {}
  return {
    source,
    cosine: thresholds,
    ...(impostors && { impostors: measured as Impostors }),
    ...(calibration && { calibration }),
    ...(norm !== undefined && { norm }),
  }
}

/** As a file of ours names them. */
export const thresholdMetadata = ({
  source,
  cosine,
  impostors,
  calibration,
  norm,
}: Thresholds) => ({
  thresholds: cosine,
  ...(impostors && { impostors: { source, ...impostors } }),
  ...(calibration && { calibration }),
  ...(norm !== undefined && { norm }),
})

/** Metadata with other operating points; what was known of the former ones, and is not of these, goes. */
export function withThresholds(metadata: ArcfaceMetadata, thresholds: Thresholds): ArcfaceMetadata {
  const {
    thresholds: _cosines,
    impostors: _pairs,
    calibration: _ratios,
    norm: _,
    ...rest
  } = metadata
  return {
    ...rest,
    ...thresholdMetadata(thresholds),
    ...(rest.precision && { precision: { ...rest.precision, carried: false } }),
  }
}

/**
 * Writes our metadata into a model. What it had of ours and the metadata given does not say goes; that of others stays.
 * @throws OnnxError ONNX_BAD_METADATA where it does not fit the schema
 */
export function setArcfaceMetadata(model: ModelProto, metadata: ArcfaceMetadataInput): void {
  const ours = new Set(Object.keys(arcfaceMetadataSchema.shape).map((key) => PREFIX + key))
  const strings = formatArcfaceMetadata(metadata)
  model.metadataProps = model.metadataProps.filter(({ key }) => !ours.has(key))
  setMetadata(model, strings)
}

function parse(value: unknown, name: string): ArcfaceMetadata {
  const result = arcfaceMetadataSchema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const key = PREFIX + (issue?.path.join('.') ?? '')
  throw new OnnxError(
    'ONNX_BAD_METADATA',
    `${name}: metadata ${key}: ${issue?.message}; export the model again`,
    { cause: result.error },
  )
}
