import {
  type ArcfaceMetadata,
  decodeModel,
  encodeModel,
  externalFiles,
  getMetadata,
  type Preprocessing,
  type PreprocessingInput,
  parseArcfaceMetadata,
  withoutTinyWeights,
} from '@arcface/onnx'
import { VisionError } from '../errors.js'
import { mirrorImages } from '../image/mirror.js'
import { IMAGE_BYTES, IMAGE_SIZE } from '../image/size.js'
import { type ModelSource, type Network, runOn } from '../network/network.js'
import { checkOptions, type Kinds } from '../options.js'
import { adaptModel } from './adapt.js'
import {
  findPreprocessing,
  type PreprocessingSource,
  type Sidecar,
  writeInput,
} from './preprocessing.js'
import { type NetworkShape, networkShape } from './shape.js'

/** Images a run of the network where the file leaves it open: bounds memory, and enough for speed. */
const BATCH = 32
/** Lengths this near to 1, also of float16, are a network's that normalises: others' are some 5 to 30. */
const UNIT = 5e-3

export interface EmbedderOptions {
  /** For models of others: each value replaces its own, of a sidecar file, the pack or InsightFace's rule. */
  readonly preprocessing?: PreprocessingInput | undefined
  /** What the model's pack says. */
  readonly packPreprocessing?: PreprocessingInput | undefined
  /** What a file beside the model says. */
  readonly sidecar?: Sidecar | undefined
}

const OPEN: Kinds<EmbedderOptions> = {
  preprocessing: 'any',
  packPreprocessing: 'any',
  sidecar: 'any',
}

export interface EmbeddedRows {
  /** L2-normalised, n x dim. */
  readonly rows: Float32Array
  /**
   * Length of what the network gave for each image (not its mirror image): the shorter, the less of a face it saw (MagFace,
   * AdaFace); in the model's own units. Undefined where the network normalises by itself.
   */
  readonly norms: Float32Array | undefined
}

/** A face embedder: aligned 112x112 faces to embeddings. */
export class Embedder {
  private closed = false

  private constructor(
    /** What errors call it. */
    readonly name: string,
    /** Length of an embedding. */
    readonly dim: number,
    /** What our exporter wrote into the file; `undefined` for models of others. */
    readonly metadata: ArcfaceMetadata | undefined,
    readonly preprocessing: Preprocessing,
    readonly preprocessingSource: PreprocessingSource,
    private readonly network: Network,
    private readonly shape: NetworkShape,
  ) {}

  /**
   * Loads a model and runs it once, so that one that cannot work is refused here.
   * @throws OnnxError; VisionError VISION_MODEL_SHAPE, VISION_PREPROCESSING, VISION_USE; what the runtime throws
   */
  static async open(source: ModelSource, options: EmbedderOptions = {}): Promise<Embedder> {
    checkOptions('Embedder.open', options, OPEN)
    const { name } = source
    const model = decodeModel(source.bytes, name)
    const metadata = parseArcfaceMetadata(getMetadata(model), name)
    const declared = networkShape(model, name)
    const { preprocessing, source: from } = findPreprocessing(name, model, metadata, {
      given: options.preprocessing,
      pack: options.packPreprocessing,
      sidecar: options.sidecar,
    })
    const shape = adaptModel(model, declared)
    const adapted = shape.input !== declared.input || shape.output !== declared.output
    if (externalFiles(model, name).length > 0 && adapted)
      throw new VisionError(
        'VISION_MODEL_SHAPE',
        `${name}: it is no network of float32 N x 3 x 112 x 112, and keeps its weights in another file; save it as one file, then it is read`,
      )
    const changed = withoutTinyWeights(model) ?? (adapted ? encodeModel(model) : undefined)
    const network = await source.load(changed)
    try {
      const n = shape.fixedBatch ?? 1
      const rows = await run(network, shape, new Float32Array(n * IMAGE_BYTES), n)
      const dim = rows.length / n
      if (metadata && metadata.dim !== dim) {
        throw new VisionError(
          'VISION_MODEL_SHAPE',
          `${name}: it gives embeddings of length ${dim}, but its metadata says ${metadata.dim}; export it again`,
        )
      }
      return new Embedder(name, dim, metadata, preprocessing, from, network, shape)
    } catch (error) {
      await network.close()
      throw error
    }
  }

  /** Batches that run at once, at most. */
  get parallel(): number {
    return this.network.parallel
  }

  /**
   * L2-normalised embeddings, n x dim. With `flip`, the normalised sum of what the network gives
   * for an image and for its mirror image.
   *
   * @param images n x 112 x 112 x 3, RGB, uint8; any n; only read
   * @throws VisionError VISION_IMAGES, RECOGNIZE_RUN, VISION_EMBEDDING, VISION_USE
   */
  async embed(
    images: Uint8Array,
    n: number,
    options: { readonly flip?: boolean } = {},
  ): Promise<Float32Array> {
    return (await this.embedWithNorms(images, n, options)).rows
  }

  /** `embed`, and how long each embedding was before it was normalised. Images and errors as there. */
  async embedWithNorms(
    images: Uint8Array,
    n: number,
    options: { readonly flip?: boolean } = {},
  ): Promise<EmbeddedRows> {
    checkOptions('embed', options, { flip: 'boolean' })
    const { flip = false } = options
    const [rows, mirrored] = await Promise.all([
      this.features(images, n),
      flip ? this.features(mirrorImages(images), n) : undefined,
    ])
    const rowOf = (row: number) => rows.subarray(row * this.dim, (row + 1) * this.dim)
    const norms = Float32Array.from({ length: n }, (_, row) => Math.sqrt(squareOf(rowOf(row))))
    const isNormalised = norms.every((norm) => Math.abs(norm - 1) < UNIT)
    if (mirrored) {
      for (let i = 0; i < rows.length; i++) rows[i]! += mirrored[i]!
    }
    for (let row = 0; row < n; row++) normalize(rowOf(row), `${this.name}: image ${row}`)
    return { rows, norms: isNormalised ? undefined : norms }
  }

  /**
   * The network's own output, n x dim, not normalised: what a protocol that adds embeddings wants
   * (an `EmbedFn` of @arcface/evaluate). Images and errors as for `embed`.
   */
  async features(images: Uint8Array, n: number): Promise<Float32Array> {
    if (this.closed) throw new VisionError('VISION_USE', `${this.name}: already closed`)
    if (!(images instanceof Uint8Array || (images as unknown) instanceof Uint8ClampedArray))
      throw new VisionError('VISION_IMAGES', 'images are the bytes of a Uint8Array, 0 to 255')
    if (!Number.isInteger(n) || n < 0 || images.length !== n * IMAGE_BYTES) {
      throw new VisionError(
        'VISION_IMAGES',
        `${n} images of ${IMAGE_SIZE} x ${IMAGE_SIZE} x 3 bytes are expected, but ${images.length} bytes were given`,
      )
    }
    const { fixedBatch } = this.shape
    const { parallel } = this.network
    const size = fixedBatch ?? Math.max(1, Math.min(BATCH, Math.ceil(n / parallel)))
    const all = new Float32Array(n * this.dim)
    let next = 0
    // One more than run at once: its pixels are made ready meanwhile.
    const lanes = Array.from({ length: parallel + 1 }, async () => {
      while (next < n) {
        const start = next
        next += size
        const count = Math.min(size, n - start)
        const chunk = images.subarray(start * IMAGE_BYTES, (start + count) * IMAGE_BYTES)
        try {
          const rows = await this.batch(chunk, fixedBatch ?? count)
          all.set(rows.subarray(0, count * this.dim), start * this.dim)
        } catch (error) {
          next = n
          throw error
        }
      }
    })
    const failed = (await Promise.allSettled(lanes)).find(({ status }) => status === 'rejected')
    if (failed) throw (failed as PromiseRejectedResult).reason
    return all
  }

  /** Frees the network. Calling it again does nothing. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.network.close()
  }

  /** What the network gives for a batch, which is filled up with black images. */
  private async batch(images: Uint8Array, n: number): Promise<Float32Array> {
    const values = new Float32Array(n * IMAGE_BYTES)
    writeInput(images, this.preprocessing, values)
    const rows = await run(this.network, this.shape, values, n)
    if (rows.length === n * this.dim) return rows
    throw new VisionError(
      'VISION_MODEL_SHAPE',
      `${this.name}: ${rows.length} numbers for ${n} images; ${n} x ${this.dim} were expected`,
    )
  }
}

/** Output of one run, N x D. */
async function run(
  network: Network,
  shape: NetworkShape,
  values: Float32Array<ArrayBuffer>,
  n: number,
): Promise<Float32Array> {
  const outputs = await runOn(network, values, [n, 3, IMAGE_SIZE, IMAGE_SIZE])
  const output = outputs[shape.output]
  const { data, dims = [] } = output ?? {}
  const [rows, dim] = dims
  if (!(data instanceof Float32Array) || dims.length !== 2 || rows !== n || !dim) {
    throw new VisionError(
      'VISION_MODEL_SHAPE',
      `${network.name}: for ${n} images its output is ${dims.join(' x ')} (${data?.constructor.name}); expected float32 ${n} x D`,
    )
  }
  return data
}

function squareOf(row: Float32Array): number {
  let sum = 0
  for (const value of row) sum += value * value
  return sum
}

function normalize(row: Float32Array, name: string): void {
  const sum = squareOf(row)
  if (!(sum > 0 && sum < Number.POSITIVE_INFINITY)) {
    throw new VisionError(
      'VISION_EMBEDDING',
      `${name}: its embedding ${sum === 0 ? 'is zero' : 'holds NaN or infinity'}; check the model and its preprocessing`,
    )
  }
  const inverse = 1 / Math.sqrt(sum)
  for (let k = 0; k < row.length; k++) row[k]! *= inverse
}
