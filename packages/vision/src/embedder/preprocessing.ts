import {
  type ArcfaceMetadata,
  insightfacePreprocessing,
  type ModelProto,
  modelInputs,
  type Preprocessing,
  type PreprocessingInput,
  preprocessingSchema,
  TensorProto_DataType,
} from '@arcface/onnx'
import { VisionError } from '../errors.js'
import { IMAGE_BYTES, IMAGE_SIZE } from '../image/size.js'

/** Who said how pixels go into a model; `options` and `sidecar` on top of the rest, a value at a time. */
export type PreprocessingSource = 'options' | 'sidecar' | 'pack' | 'metadata' | 'insightface-rule'

export interface PreprocessingChoice {
  /** Of the caller: each value replaces its own and nothing else. */
  readonly given?: PreprocessingInput | undefined
  /** What the model's pack says. */
  readonly pack?: PreprocessingInput | undefined
  readonly sidecar?: Sidecar | undefined
}

/** A file beside a model of others that says what it wants, as parsed JSON. */
export interface Sidecar {
  /** What errors call it. */
  readonly name: string
  readonly content: unknown
}

/**
 * Finds a model's preprocessing. One that this project exported carries its own, and takes no other. Else it is what
 * its pack says or InsightFace's reading rule; what a sidecar and the caller give replaces single values of it.
 * @throws VisionError VISION_PREPROCESSING
 */
export function findPreprocessing(
  name: string,
  model: ModelProto,
  metadata: ArcfaceMetadata | undefined,
  { given, pack, sidecar }: PreprocessingChoice,
): { preprocessing: Preprocessing; source: PreprocessingSource } {
  if (metadata) {
    const { colorOrder, range, mean, std } = metadata.input
    const preprocessing = { colorOrder, range, mean, std }
    if (given || sidecar)
      throw new VisionError(
        'VISION_PREPROCESSING',
        `${name} was exported here and carries its preprocessing (${describePreprocessing(preprocessing)}); by another its pixels would be normalised twice`,
        { hint: given ? 'Leave `preprocessing` out.' : `Take ${sidecar!.name} away.` },
      )
    return { preprocessing, source: 'metadata' }
  }
  let preprocessing = pack ? check(pack, 'the pack') : ruleFor(model)
  let source: PreprocessingSource = pack ? 'pack' : 'insightface-rule'
  for (const [values, whose, from] of [
    [sidecar?.content, sidecar?.name ?? '', 'sidecar'],
    [given, 'the preprocessing given', 'options'],
  ] as const) {
    if (values === undefined) continue
    preprocessing = replacePreprocessing(preprocessing, values, whose)
    source = from
  }
  if (takesBytes(model) && !isNothing(preprocessing))
    throw new VisionError(
      'VISION_PREPROCESSING',
      `${name}: it takes pixels as bytes, so mean is 0, std 1 and range 255, not ${describePreprocessing(preprocessing)}; leave mean, std and range out`,
    )
  return { preprocessing, source }
}

const takesBytes = (model: ModelProto) =>
  modelInputs(model)[0]?.elementType === TensorProto_DataType.UINT8

/** Bytes cannot be normalised before the network: it does so itself, whatever its nodes are called. */
function ruleFor(model: ModelProto): Preprocessing {
  const rule = insightfacePreprocessing(model)
  return takesBytes(model) ? { ...rule, mean: [0, 0, 0], std: [1, 1, 1] } : rule
}

const isNothing = ({ range, mean, std }: Preprocessing) =>
  range === 255 && mean.every((value) => value === 0) && std.every((value) => value === 1)

/**
 * A preprocessing with the values that `given` has in place of its own. Mean and standard deviation that stay keep their
 * meaning where `range` changes their unit.
 * @param name what errors call `given`
 * @throws VisionError VISION_PREPROCESSING
 */
export function replacePreprocessing(
  base: Preprocessing,
  given: unknown,
  name: string,
): Preprocessing {
  const values = check(given, name)
  const has = (key: keyof Preprocessing) => (given as PreprocessingInput)[key] !== undefined
  const range = has('range') ? values.range : base.range
  const inUnit = (numbers: Preprocessing['mean']) =>
    numbers.map((value) => (value * range) / base.range) as Preprocessing['mean']
  return {
    colorOrder: has('colorOrder') ? values.colorOrder : base.colorOrder,
    range,
    mean: has('mean') ? values.mean : inUnit(base.mean),
    std: has('std') ? values.std : inUnit(base.std),
  }
}

/** In words: `BGR, white 255, mean 127.5, std 127.5`. */
export function describePreprocessing({ colorOrder, range, mean, std }: Preprocessing): string {
  const text = (values: readonly number[]) =>
    (values.every((value) => value === values[0]) ? values.slice(0, 1) : values)
      .map((value) => Number(value.toPrecision(6)))
      .join(',')
  return `${colorOrder}, white ${range}, mean ${text(mean)}, std ${text(std)}`
}

function check(value: unknown, name: string): Preprocessing {
  const result = preprocessingSchema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue?.path.length ? `${issue.path.join('.')}: ` : ''
  throw new VisionError(
    'VISION_PREPROCESSING',
    `${name}: ${where}${issue?.message}; keys are colorOrder (RGB or BGR), range (1 or 255), mean and std (a number or three: red, green, blue)`,
    { cause: result.error },
  )
}

/**
 * Writes images as a network wants them: float32 NCHW, each value (p * range / 255 - mean) / std with the mean and std of
 * its colour.
 *
 * @param images n x 112 x 112 x 3, RGB, uint8
 * @param target at least as many floats; those behind the images are left as they are
 */
export function writeInput(
  images: Uint8Array,
  { colorOrder, range, mean, std }: Preprocessing,
  target: Float32Array,
): void {
  const plane = IMAGE_SIZE * IMAGE_SIZE
  for (let c = 0; c < 3; c++) {
    const source = colorOrder === 'RGB' ? c : 2 - c
    const table = Float32Array.from(
      { length: 256 },
      (_, p) => ((p * range) / 255 - mean[source]!) / std[source]!,
    )
    for (let start = 0; start < images.length; start += IMAGE_BYTES) {
      const out = start + c * plane
      const from = start + source
      for (let i = 0; i < plane; i++) target[out + i] = table[images[from + 3 * i]!]!
    }
  }
}
