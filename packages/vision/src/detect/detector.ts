import { decodeModel, freeDimensions } from '@arcface/onnx'
import { VisionError } from '../errors.js'
import type { Photo } from '../image/photo.js'
import { type ModelSource, type Network, runOn } from '../network/network.js'
import { checkOptions, type Kinds } from '../options.js'
import { lookAgain } from './again.js'
import { type Canvas, paint, type Shrink } from './canvas.js'
import { type Detection, suppress } from './detection.js'
import type { Family } from './family.js'
import { Landmarks } from './landmarks.js'
import { certaintyOf, isFaceLike, type JudgedDetection, separate } from './plausible.js'
import { scrfd } from './scrfd.js'
import { cut, isCut, quarters } from './tiles.js'
import { turned, turnedBack } from './turn.js'
import { ultraface } from './ultraface.js'
import { yunet } from './yunet.js'

/** A new kind of detector is a file beside this one and a word here. */
const families: readonly Family[] = [yunet, scrfd, ultraface]

/** Longer side of the input where the network takes any size. */
const SIDE = 640
/** Its sides are multiples of the coarsest stride. */
const STRIDE = 32
/** A face that fills the picture is larger than detectors expect: then the picture is made smaller. */
const SHARES = [1, 0.5, 0.25]

export interface DetectorOptions {
  /** For a detector that gives no points (UltraFace): a network of 68 points from a 64 x 64 grey crop. */
  readonly landmarks?: ModelSource | undefined
  /** Faces with a lower score are left out. Default: what the detector's authors use. */
  readonly minScore?: number | undefined
  /** What the runtime has to shrink photographs that is faster than our own, and leaves the thread free. Default: our own. */
  readonly shrink?: Shrink | undefined
}

export interface DetectOptions {
  /** Look for small faces too, in four overlapping quarters of the picture: five times the work. */
  readonly small?: boolean | undefined
  /**
   * For frames of a video: one look at the picture as it stands, whose next frame is another chance. It is looked at
   * neither smaller (as for a face that fills it), nor in quarters, nor turned. Not together with `small`.
   */
  readonly once?: boolean | undefined
  /** Faces with a lower score are left out, for this call in place of the detector's own: above 0 and up to 1. */
  readonly minScore?: number | undefined
}

const OPEN: Kinds<DetectorOptions> = { landmarks: 'any', minScore: 'number', shrink: 'function' }

/** A face detector with five points: YuNet, SCRFD or UltraFace, known by its outputs. */
export class Detector {
  private closed = false

  private constructor(
    /** What errors call it. */
    readonly name: string,
    private readonly family: Family,
    private readonly minScore: number,
    private readonly network: Network,
    private readonly landmarks: Landmarks | undefined,
    /** Of the input; undefined where it takes any. */
    private readonly size: { readonly width: number; readonly height: number } | undefined,
    private readonly shrink: Shrink | undefined,
  ) {}

  /** YuNet, SCRFD or UltraFace. */
  get kind(): string {
    return this.family.name
  }

  /** @throws OnnxError; VisionError VISION_DETECTOR (no detector that is known here), VISION_USE; what the runtime throws */
  static async open(source: ModelSource, options: DetectorOptions = {}): Promise<Detector> {
    checkOptions('Detector.open', options, OPEN)
    const { minScore, shrink } = options
    checkMinScore(minScore)
    const { name } = source
    // Before the runtime reads it, which trusts the file.
    const model = decodeModel(source.bytes, name)
    const first = await source.load()
    const { shape, outputs: names } = first
    const family = families.find(({ fits }) => fits(names))
    if (family === undefined || first.inputs.length !== 1 || shape.length !== 4) {
      await first.close()
      throw new VisionError(
        'VISION_DETECTOR',
        `${name} is no detector that is known here; take YuNet or SCRFD with five points, or UltraFace (its outputs are ${names.join(', ')})`,
      )
    }
    if (!family.points && options.landmarks === undefined) {
      await first.close()
      throw new VisionError(
        'VISION_DETECTOR',
        `${name} (${family.name}) gives no points, and no network of points came with it`,
        {
          hint: 'Give a network of 68 points as `landmarks`, or take a detector with points of its own: YuNet or SCRFD.',
        },
      )
    }
    const [height, width] = [Number(shape[2]), Number(shape[3])]
    const fixed = height > 0 && width > 0
    let network = first
    if (family.anySize && fixed) {
      try {
        network = await source.load(freeDimensions(model, [2, 3]))
      } finally {
        // Not before: with its last network a runtime may end the threads that the next one needs.
        await first.close()
      }
    }
    try {
      const landmarks = family.points ? undefined : await Landmarks.open(options.landmarks!)
      const size = family.anySize || !fixed ? undefined : { width, height }
      return new Detector(
        name,
        family,
        minScore ?? family.minScore,
        network,
        landmarks,
        size,
        shrink,
      )
    } catch (error) {
      await network.close()
      throw error
    }
  }

  /**
   * The faces of a photograph of any size, the most certain first. Where none is found the photograph is looked at
   * again, smaller (faces may fill it), then its quarters (they may be small). Where nothing stands upright that is surely
   * a face, it is turned to its three other sides too; boxes and points are the photograph's own. Calls may run at once.
   * @throws VisionError VISION_USE (closed, a score out of range); what the runtime throws
   */
  async detect(photo: Photo, options: DetectOptions = {}): Promise<JudgedDetection[]> {
    checkOptions('detect', options, { small: 'boolean', once: 'boolean', minScore: 'number' })
    const { small = false, once = false, minScore = this.minScore } = options
    checkMinScore(minScore)
    if (small && once)
      throw new VisionError('VISION_USE', 'detect: once is one look, and small asks for five')
    if (this.closed) throw new VisionError('VISION_USE', `${this.name}: already closed`)
    if (once) return this.judge(photo, await this.look(photo, minScore, 1))
    const upright = await this.detectUpright(photo, minScore, small ? 'always' : 'if none')
    if (certaintyOf(upright) >= this.family.sure) return upright
    let best = upright
    for (const turns of [1, 2, 3] as const) {
      const found = await this.detectUpright(
        turned(photo, turns),
        minScore,
        small ? 'always' : 'never',
      )
      if (certaintyOf(found) > certaintyOf(best))
        best = found.map((face) => turnedBack(face, turns, photo))
    }
    return best
  }

  /** Frees the networks. Calling it again does nothing. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await Promise.all([this.network.close(), this.landmarks?.close()])
  }

  /** The faces whose eyes are above their mouths. */
  private async detectUpright(
    photo: Photo,
    minScore: number,
    closely: 'always' | 'if none' | 'never',
  ): Promise<JudgedDetection[]> {
    let found: Detection[] = []
    for (const share of SHARES) {
      found = await this.look(photo, minScore, share)
      if (found.length > 0) break
    }
    if (closely === 'always' || (closely === 'if none' && found.length === 0))
      found = [...found, ...(await this.lookClosely(photo, minScore))]
    return this.judge(photo, found)
  }

  /** Of what was found the faces, each once, with their points and how likely they are any. */
  private async judge(photo: Photo, found: readonly Detection[]): Promise<JudgedDetection[]> {
    const faces = suppress(found, this.family.overlap)
    if (faces.length === 0) return []
    const judged = await (this.landmarks?.locate(photo, faces) ??
      lookAgain(this.network, this.family, photo, faces))
    return separate(
      judged.map((face) =>
        isFaceLike(face.box, face.points) ? face : { ...face, plausibility: 0 },
      ),
    )
  }

  private async look(photo: Photo, minScore: number, share: number): Promise<Detection[]> {
    const size = this.size ?? inputFor(photo, share)
    const canvas = await paint(photo, size, this.size ? share : 1, this.family, this.shrink)
    const found = this.family.read(await this.run(canvas), canvas, minScore)
    return suppress(found, this.family.overlap).map((one) => moved(one, 1 / canvas.scale, 0, 0))
  }

  /** Its quarters, where they are not too small to hold anything. */
  private async lookClosely(photo: Photo, minScore: number): Promise<Detection[]> {
    if (Math.min(photo.width, photo.height) < 2 * STRIDE) return []
    const found = await Promise.all(
      quarters(photo).map(async (box) =>
        (await this.look(cut(photo, box), minScore, 1))
          .filter((one) => !isCut(one.box, box, photo))
          .map((one) => moved(one, 1, box.x, box.y)),
      ),
    )
    return found.flat()
  }

  private run({ values, width, height }: Canvas) {
    return runOn(this.network, values, [1, 3, height, width])
  }
}

/** @throws VisionError VISION_USE */
export function checkMinScore(minScore: number | undefined): void {
  if (minScore === undefined || (typeof minScore === 'number' && minScore > 0 && minScore <= 1))
    return
  throw new VisionError('VISION_USE', `minScore: above 0 and up to 1, not ${minScore}`)
}

/** As large as allowed, in the photograph's shape. */
function inputFor(photo: Photo, share: number) {
  const scale = (SIDE * share) / Math.max(photo.width, photo.height)
  const side = (pixels: number) => Math.max(1, Math.ceil((pixels * scale) / STRIDE)) * STRIDE
  return { width: side(photo.width), height: side(photo.height) }
}

const moved = ({ score, box, points }: Detection, by: number, x: number, y: number): Detection => ({
  score,
  box: {
    x: box.x * by + x,
    y: box.y * by + y,
    width: box.width * by,
    height: box.height * by,
  },
  points: points.map((point) => ({ x: point.x * by + x, y: point.y * by + y })),
})
