import { IMAGE_BYTES, IMAGE_SIZE } from '@arcface/data'
import {
  type ArcfaceMetadata,
  getMetadata,
  type Preprocessing,
  type PreprocessingInput,
  parseArcfaceMetadata,
  readModel,
} from '@arcface/data/onnx'
import { mirrorImages } from '@arcface/evaluate'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { RecognizeError } from '../errors.js'
import { findPreprocessing, type PreprocessingSource, writeInput } from './preprocessing.js'
import { type NetworkShape, networkShape } from './shape.js'

/** Images a run of the network where the file leaves it open: bounds memory, and enough for speed. */
const BATCH = 32

export interface EmbedderOptions {
  /** For models of others; wins over a sidecar file and over metadata. */
  readonly preprocessing?: PreprocessingInput
  /** Threads an operator of ONNX Runtime may use. Default: its own choice, all cores. */
  readonly threads?: number
}

/** A face embedder on ONNX Runtime (CPU): aligned 112x112 faces to embeddings. */
export class Embedder {
  private closed = false

  private constructor(
    /** The file, as errors name it. */
    readonly path: string,
    /** Length of an embedding. */
    readonly dim: number,
    /** What our exporter wrote into the file; `undefined` for models of others. */
    readonly metadata: ArcfaceMetadata | undefined,
    readonly preprocessing: Preprocessing,
    readonly preprocessingSource: PreprocessingSource,
    private readonly session: InferenceSession,
    private readonly shape: NetworkShape,
  ) {}

  /**
   * Opens an ONNX file and runs it once, so that a model that cannot work is refused here.
   * @throws OnnxError; RecognizeError RECOGNIZE_LOAD, RECOGNIZE_MODEL_SHAPE,
   *   RECOGNIZE_PREPROCESSING, RECOGNIZE_RUN, RECOGNIZE_USE
   */
  static async open(path: string, options: EmbedderOptions = {}): Promise<Embedder> {
    const { threads } = options
    if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
      throw new RecognizeError('RECOGNIZE_USE', `threads: 1 or more, not ${threads}`)
    }
    const model = await readModel(path)
    const metadata = parseArcfaceMetadata(getMetadata(model), path)
    const shape = networkShape(model, path)
    const { preprocessing, source } = await findPreprocessing(
      path,
      model,
      metadata,
      options.preprocessing,
    )
    const session = await load(path, threads)
    try {
      const n = shape.fixedBatch ?? 1
      const zeros = new Float32Array(n * IMAGE_BYTES)
      const rows = await run(session, shape, zeros, n, path)
      const dim = rows.length / n
      if (metadata && metadata.dim !== dim) {
        throw new RecognizeError(
          'RECOGNIZE_MODEL_SHAPE',
          `${path}: it gives embeddings of length ${dim}, but its metadata says ${metadata.dim}; export it again`,
        )
      }
      return new Embedder(path, dim, metadata, preprocessing, source, session, shape)
    } catch (error) {
      await session.release()
      throw error
    }
  }

  /**
   * L2-normalised embeddings, n x dim. With `flip`, the normalised sum of what the network gives
   * for an image and for its mirror image.
   *
   * @param images n x 112 x 112 x 3, RGB, uint8; any n; only read
   * @throws RecognizeError RECOGNIZE_IMAGES, RECOGNIZE_RUN, RECOGNIZE_EMBEDDING, RECOGNIZE_USE
   */
  async embed(
    images: Uint8Array,
    n: number,
    { flip = false }: { readonly flip?: boolean } = {},
  ): Promise<Float32Array> {
    const rows = await this.features(images, n)
    if (flip) {
      const mirrored = await this.features(mirrorImages(images), n)
      for (let i = 0; i < rows.length; i++) rows[i]! += mirrored[i]!
    }
    for (let row = 0; row < n; row++) {
      normalize(rows.subarray(row * this.dim, (row + 1) * this.dim), `${this.path}: image ${row}`)
    }
    return rows
  }

  /**
   * The network's own output, n x dim, not normalised: what a protocol that adds embeddings wants
   * (an `EmbedFn` of @arcface/evaluate). Images and errors as for `embed`.
   */
  async features(images: Uint8Array, n: number): Promise<Float32Array> {
    if (this.closed) throw new RecognizeError('RECOGNIZE_USE', `${this.path}: already closed`)
    if (!Number.isInteger(n) || n < 0 || images.length !== n * IMAGE_BYTES) {
      throw new RecognizeError(
        'RECOGNIZE_IMAGES',
        `${n} images of ${IMAGE_SIZE} x ${IMAGE_SIZE} x 3 bytes are expected, but ${images.length} bytes were given`,
      )
    }
    const { fixedBatch } = this.shape
    const size = fixedBatch ?? Math.min(BATCH, n)
    const input = new Float32Array(size * IMAGE_BYTES)
    const all = new Float32Array(n * this.dim)
    for (let start = 0; start < n; start += size) {
      const count = Math.min(size, n - start)
      const chunk = images.subarray(start * IMAGE_BYTES, (start + count) * IMAGE_BYTES)
      writeInput(chunk, this.preprocessing, input)
      // A fixed batch is filled up with whatever lies there; those rows are dropped.
      const batch = fixedBatch ?? count
      const values = input.subarray(0, batch * IMAGE_BYTES)
      const rows = await run(this.session, this.shape, values, batch, this.path)
      if (rows.length !== batch * this.dim) {
        throw new RecognizeError(
          'RECOGNIZE_MODEL_SHAPE',
          `${this.path}: ${rows.length} numbers for ${batch} images; ${batch} x ${this.dim} were expected`,
        )
      }
      all.set(rows.subarray(0, count * this.dim), start * this.dim)
    }
    return all
  }

  /** Frees the network. Calling it again does nothing. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.session.release()
  }
}

async function load(path: string, threads: number | undefined): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, {
      executionProviders: ['cpu'],
      logSeverityLevel: 3, // errors; its warnings are about how others exported their models
      ...(threads !== undefined && { intraOpNumThreads: threads }),
    })
  } catch (cause) {
    throw new RecognizeError(
      'RECOGNIZE_LOAD',
      `${path}: ONNX Runtime cannot load it: ${firstLine(cause)}`,
      { cause },
    )
  }
}

/** Output of one run, N x D; the array is ours. */
async function run(
  session: InferenceSession,
  shape: NetworkShape,
  values: Float32Array,
  n: number,
  name: string,
): Promise<Float32Array> {
  const input = new Tensor('float32', values, [n, 3, IMAGE_SIZE, IMAGE_SIZE])
  let output: Tensor | undefined
  try {
    output = (await session.run({ [shape.input]: input }))[shape.output] as Tensor | undefined
  } catch (cause) {
    throw new RecognizeError(
      'RECOGNIZE_RUN',
      `${name}: failed on ${n} images: ${firstLine(cause)}`,
      { cause },
    )
  }
  const { data, dims } = output ?? { data: undefined, dims: [] }
  const [rows, dim] = dims
  if (!(data instanceof Float32Array) || dims.length !== 2 || rows !== n || !dim) {
    throw new RecognizeError(
      'RECOGNIZE_MODEL_SHAPE',
      `${name}: for ${n} images its output is ${output?.type} ${dims.join(' x ')}; expected float32 ${n} x D`,
    )
  }
  return data
}

function normalize(row: Float32Array, name: string): void {
  let sum = 0
  for (const value of row) sum += value * value
  if (!(sum > 0 && sum < Number.POSITIVE_INFINITY)) {
    throw new RecognizeError(
      'RECOGNIZE_EMBEDDING',
      `${name}: its embedding ${sum === 0 ? 'is zero' : 'holds NaN or infinity'}; check the model and its preprocessing`,
    )
  }
  const inverse = 1 / Math.sqrt(sum)
  for (let k = 0; k < row.length; k++) row[k]! *= inverse
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n')[0] ?? ''
}
