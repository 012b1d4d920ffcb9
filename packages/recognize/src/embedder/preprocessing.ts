import { IMAGE_BYTES, IMAGE_SIZE, readText } from '@arcface/data'
import {
  type ArcfaceMetadata,
  insightfacePreprocessing,
  type ModelProto,
  type Preprocessing,
  type PreprocessingInput,
  preprocessingSchema,
} from '@arcface/data/onnx'
import { RecognizeError } from '../errors.js'

/** Who said how pixels go into a model. */
export type PreprocessingSource = 'options' | 'sidecar' | 'metadata' | 'insightface-rule'

/**
 * Finds a model's preprocessing: what the caller gives; else the sidecar `<model>.json` beside the
 * file (`face.onnx.json`); else our metadata; else InsightFace's reading rule.
 * @throws RecognizeError RECOGNIZE_PREPROCESSING
 */
export async function findPreprocessing(
  path: string,
  model: ModelProto,
  metadata: ArcfaceMetadata | undefined,
  given: PreprocessingInput | undefined,
): Promise<{ preprocessing: Preprocessing; source: PreprocessingSource }> {
  if (given) return { preprocessing: check(given, 'the preprocessing given'), source: 'options' }
  const sidecar = await readSidecar(`${path}.json`)
  if (sidecar) return { preprocessing: sidecar, source: 'sidecar' }
  if (metadata) {
    const { colorOrder, range, mean, std } = metadata.input
    return { preprocessing: { colorOrder, range, mean, std }, source: 'metadata' }
  }
  return { preprocessing: insightfacePreprocessing(model), source: 'insightface-rule' }
}

async function readSidecar(path: string): Promise<Preprocessing | undefined> {
  let text: string
  try {
    text = readText(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new RecognizeError('RECOGNIZE_PREPROCESSING', `${path}: cannot be read`, { cause: error })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new RecognizeError('RECOGNIZE_PREPROCESSING', `${path}: not JSON; mend or remove it`, {
      cause,
    })
  }
  return check(value, path)
}

function check(value: unknown, name: string): Preprocessing {
  const result = preprocessingSchema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue?.path.length ? `${issue.path.join('.')}: ` : ''
  throw new RecognizeError(
    'RECOGNIZE_PREPROCESSING',
    `${name}: ${where}${issue?.message}; keys are colorOrder (RGB or BGR), range (1 or 255), mean and std (a number or three)`,
    { cause: result.error },
  )
}

/**
 * Writes images as a network wants them: float32 NCHW, each value (p * range / 255 - mean) / std.
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
      (_, p) => ((p * range) / 255 - mean[c]!) / std[c]!,
    )
    for (let start = 0; start < images.length; start += IMAGE_BYTES) {
      const out = start + c * plane
      const from = start + source
      for (let i = 0; i < plane; i++) target[out + i] = table[images[from + 3 * i]!]!
    }
  }
}
