import { decodeModel, freeDimensions } from '@arcface/onnx'
import type { Point } from '../align/similarity.js'
import { VisionError } from '../errors.js'
import { luma } from '../image/luma.js'
import type { Photo } from '../image/photo.js'
import { type ModelSource, type Network, runOn } from '../network/network.js'
import type { Box, Detection } from './detection.js'
import { driftOf, type JudgedDetection, plausibilityOfDrift } from './plausible.js'
import { sampleSquare } from './sample.js'

/** Side of the network's input. */
const SIDE = 64
const POINTS = 68
/** A face is looked at again in boxes that are moved by shares of their sides, and resized. */
const AGAIN = [
  { x: 0.08, y: 0, scale: 1 },
  { x: -0.08, y: 0, scale: 1 },
  { x: -0.05, y: 0.05, scale: 0.95 },
]

/**
 * 68 points of a face (iBUG's order) from a grey crop of 64 x 64: turns the boxes of a detector that gives no points
 * into detections with five.
 */
export class Landmarks {
  private constructor(private readonly network: Network) {}

  /** @throws OnnxError; VisionError VISION_DETECTOR (no network of this kind); what the runtime throws */
  static async open({ name, bytes, load }: ModelSource): Promise<Landmarks> {
    const network = await load(freeDimensions(decodeModel(bytes, name), [0]))
    const [, channels, height, width] = network.shape
    if (channels === 1 && height === SIDE && width === SIDE) return new Landmarks(network)
    await network.close()
    throw new VisionError(
      'VISION_DETECTOR',
      `${name} gives no landmarks that are known here; it takes ${network.shape.join(' x ')}, not N x 1 x ${SIDE} x ${SIDE}`,
    )
  }

  /**
   * The same faces with their five points, all in one batch. Where there is no face the network puts a mean one into
   * any box: its points move with the box, those of a face stay.
   */
  async locate(photo: Photo, faces: readonly Detection[]): Promise<JudgedDetection[]> {
    const looks = 1 + AGAIN.length
    const squares = faces.flatMap(({ box }) =>
      [box, ...AGAIN.map((by) => movedBox(box, by))].map(squareOf),
    )
    const values = new Float32Array(squares.length * SIDE * SIDE)
    squares.forEach((square, i) => {
      crop(photo, square, values.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE))
    })
    const outputs = await runOn(this.network, values, [squares.length, 1, SIDE, SIDE])
    const [output] = Object.values(outputs)
    const found = squares.map((square, i) =>
      fiveOf(output!.data.subarray(i * POINTS * 2, (i + 1) * POINTS * 2), square),
    )
    return faces.map((face, i) => {
      const [points, ...again] = found.slice(i * looks, (i + 1) * looks) as [Point[], ...Point[][]]
      const drifts = again.map((one) => driftOf(points, one, face.box))
      const drift = drifts.reduce((sum, one) => sum + one, 0) / drifts.length
      return { ...face, points, plausibility: plausibilityOfDrift(drift) }
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

function movedBox(
  { x, y, width, height }: Box,
  by: { readonly x: number; readonly y: number; readonly scale: number },
): Box {
  return {
    x: x + width * (by.x + (1 - by.scale) / 2),
    y: y + height * (by.y + (1 - by.scale) / 2),
    width: width * by.scale,
    height: height * by.scale,
  }
}

/** Grey from 0 to 1. */
function crop(photo: Photo, square: Box, out: Float32Array): void {
  const rgb = sampleSquare(photo, square, SIDE)
  for (let i = 0; i < out.length; i++) out[i] = luma(rgb, 3 * i) / 256
}

/** Eyes: the middle of the four points of the lids; nose: its tip; corners of the mouth: outer and inner together. */
const FIVE = [[37, 38, 40, 41], [43, 44, 46, 47], [30], [48, 60], [54, 64]]

function fiveOf(shares: Float32Array, square: Box): Point[] {
  return FIVE.map((of) => {
    const mean = (axis: number) => of.reduce((sum, i) => sum + shares[2 * i + axis]!, 0) / of.length
    return { x: square.x + mean(0) * square.width, y: square.y + mean(1) * square.height }
  })
}
