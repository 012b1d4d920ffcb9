import { readModel } from '@arcface/data/onnx'
import type { Point } from '../align/similarity.js'
import { RecognizeError } from '../errors.js'
import { Network, type NetworkOptions } from '../network/network.js'
import type { Photo } from '../photo/photo.js'
import type { Box, Detection } from './detection.js'
import { freeDimensions } from './free.js'

/** Side of the network's input. */
const SIDE = 64
const POINTS = 68
/** Samples a pixel of the input is the mean of, each way, at most. */
const SAMPLES = 4

/**
 * 68 points of a face (iBUG's order) from a grey crop of 64 x 64: turns the boxes of a detector that gives no points
 * into detections with five.
 */
export class Landmarks {
  private constructor(private readonly network: Network) {}

  /** @throws OnnxError; RecognizeError RECOGNIZE_LOAD, RECOGNIZE_DETECTOR (no network of this kind) */
  static async open(path: string, options: NetworkOptions): Promise<Landmarks> {
    const model = freeDimensions(await readModel(path), [0])
    const network = await Network.open(path, { ...options, model })
    const [, channels, height, width] = network.shape
    if (channels === 1 && height === SIDE && width === SIDE) return new Landmarks(network)
    await network.close()
    throw new RecognizeError(
      'RECOGNIZE_DETECTOR',
      `${path} gives no landmarks that are known here; it takes ${network.shape.join(' x ')}, not N x 1 x ${SIDE} x ${SIDE}`,
    )
  }

  /** The same faces with their five points, all in one batch. */
  async locate(photo: Photo, faces: readonly Detection[]): Promise<Detection[]> {
    const squares = faces.map(({ box }) => squareOf(box))
    const values = new Float32Array(faces.length * SIDE * SIDE)
    squares.forEach((square, i) => {
      crop(photo, square, values.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE))
    })
    const [output] = await this.network.run(values, [faces.length, 1, SIDE, SIDE])
    return faces.map((face, i) => {
      const shares = output!.data.subarray(i * POINTS * 2, (i + 1) * POINTS * 2)
      return { ...face, points: fiveOf(shares, squares[i]!) }
    })
  }

  close(): Promise<void> {
    return this.network.close()
  }
}

/** As high as the box, about its middle. */
function squareOf({ x, y, width, height }: Box): Box {
  return { x: x + (width - height) / 2, y, width: height, height }
}

/** Grey from 0 to 1, each pixel the mean of what it covers; black beyond the border. */
function crop({ width, height, pixels }: Photo, square: Box, out: Float32Array): void {
  const step = square.width / SIDE
  const samples = Math.min(SAMPLES, Math.max(1, Math.round(step)))
  for (let v = 0; v < SIDE; v++)
    for (let u = 0; u < SIDE; u++) {
      let sum = 0
      for (let j = 0; j < samples; j++)
        for (let i = 0; i < samples; i++) {
          const x = Math.floor(square.x + (u + (i + 0.5) / samples) * step)
          const y = Math.floor(square.y + (v + (j + 0.5) / samples) * step)
          if (x < 0 || y < 0 || x >= width || y >= height) continue
          const at = (y * width + x) * 3
          sum += 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!
        }
      out[v * SIDE + u] = sum / (samples * samples * 256)
    }
}

/** Eyes: the middle of the four points of the lids; nose: its tip; corners of the mouth: outer and inner together. */
const FIVE = [[37, 38, 40, 41], [43, 44, 46, 47], [30], [48, 60], [54, 64]]

function fiveOf(shares: Float32Array, square: Box): Point[] {
  return FIVE.map((of) => {
    const mean = (axis: number) => of.reduce((sum, i) => sum + shares[2 * i + axis]!, 0) / of.length
    return { x: square.x + mean(0) * square.width, y: square.y + mean(1) * square.height }
  })
}
