import { InferenceSession, Tensor } from 'onnxruntime-node'
import { RecognizeError } from '../errors.js'
import type { Photo } from '../photo/photo.js'
import { type Canvas, paint } from './canvas.js'
import { type Detection, suppress } from './detection.js'
import type { Family, Outputs } from './family.js'
import { scrfd } from './scrfd.js'
import { yunet } from './yunet.js'

/** A new kind of detector is a file beside this one and a word here. */
const families: readonly Family[] = [yunet, scrfd]

/** Side of the input where the network leaves it open. */
const SIDE = 640
/** A face that fills the picture is larger than detectors expect: then the picture is made smaller. */
const SHARES = [1, 0.5, 0.25]

export interface DetectorOptions {
  /** Faces with a lower score are left out. Default: what the detector's authors use. */
  readonly minScore?: number
  /** Threads an operator of ONNX Runtime may use. Default: its own choice, all cores. */
  readonly threads?: number
}

/** A face detector with five points on ONNX Runtime (CPU): YuNet or SCRFD, known by its outputs. */
export class Detector {
  private closed = false

  private constructor(
    /** The file, as errors name it. */
    readonly path: string,
    private readonly family: Family,
    private readonly minScore: number,
    private readonly session: InferenceSession,
    private readonly size: { readonly width: number; readonly height: number },
  ) {}

  /** YuNet or SCRFD. */
  get kind(): string {
    return this.family.name
  }

  /** @throws RecognizeError RECOGNIZE_LOAD, RECOGNIZE_DETECTOR (no detector that is known here), RECOGNIZE_USE */
  static async open(path: string, { minScore, threads }: DetectorOptions = {}): Promise<Detector> {
    if (threads !== undefined && !(Number.isInteger(threads) && threads > 0))
      throw new RecognizeError('RECOGNIZE_USE', `threads: 1 or more, not ${threads}`)
    if (minScore !== undefined && !(minScore > 0 && minScore <= 1))
      throw new RecognizeError('RECOGNIZE_USE', `minScore: above 0 and up to 1, not ${minScore}`)
    const session = await load(path, threads)
    const family = families.find(({ fits }) => fits(session.outputNames))
    const input = session.inputMetadata[0]
    const shape = input?.isTensor ? input.shape : []
    if (family === undefined || session.inputNames.length !== 1 || shape.length !== 4) {
      await session.release()
      throw new RecognizeError(
        'RECOGNIZE_DETECTOR',
        `${path} is no detector that is known here; take YuNet or SCRFD with five points (its outputs are ${session.outputNames.join(', ')})`,
      )
    }
    const side = (value: number | string | undefined) =>
      typeof value === 'number' && value > 0 ? value : SIDE
    const size = { width: side(shape[3]), height: side(shape[2]) }
    return new Detector(path, family, minScore ?? family.minScore, session, size)
  }

  /**
   * The faces of a photograph of any size, the most certain first. Where none is found the photograph is looked at
   * again, smaller: faces may fill it.
   * @throws RecognizeError RECOGNIZE_RUN, RECOGNIZE_USE (closed)
   */
  async detect(photo: Photo): Promise<Detection[]> {
    if (this.closed) throw new RecognizeError('RECOGNIZE_USE', `${this.path}: already closed`)
    for (const share of SHARES) {
      const canvas = await paint(photo, this.size, share, this.family)
      const found = this.family.read(await this.run(canvas), canvas.width, this.minScore)
      const faces = suppress(found, this.family.overlap)
      if (faces.length > 0) return faces.map((one) => enlarge(one, 1 / canvas.scale))
    }
    return []
  }

  /** Frees the network. Calling it again does nothing. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.session.release()
  }

  private async run({ values, width, height }: Canvas): Promise<Outputs> {
    const input = new Tensor('float32', values, [1, 3, height, width])
    try {
      const outputs = await this.session.run({ [this.session.inputNames[0]!]: input })
      return Object.entries(outputs).map(([name, { dims, data }]) => ({
        name,
        dims,
        data: data as Float32Array,
      }))
    } catch (cause) {
      throw new RecognizeError('RECOGNIZE_RUN', `${this.path}: failed: ${firstLine(cause)}`, {
        cause,
      })
    }
  }
}

const enlarge = ({ score, box, points }: Detection, by: number): Detection => ({
  score,
  box: { x: box.x * by, y: box.y * by, width: box.width * by, height: box.height * by },
  points: points.map(({ x, y }) => ({ x: x * by, y: y * by })),
})

async function load(path: string, threads: number | undefined): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, {
      executionProviders: ['cpu'],
      logSeverityLevel: 3,
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

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
