import { decodeModel, freeDimensions } from '@arcface/onnx'
import { TEMPLATE } from '../align/align.js'
import { sampleSquare } from '../detect/sample.js'
import { VisionError } from '../errors.js'
import { luma } from '../image/luma.js'
import { IMAGE_SIZE } from '../image/size.js'
import { type ModelSource, type Network, runOn } from '../network/network.js'

/** Side of the network's input. */
const SIDE = 24
/** Side of what it sees of an aligned face, pixels: an eye is some 17 wide, and its authors take 1.6 of that. */
const CROP = 28
const EYES = TEMPLATE.slice(0, 2)

/** Whether eyes are closed: a network of two classes (closed, open) from a grey crop of 24 x 24 about an eye. */
export class EyeReader {
  private constructor(private readonly network: Network) {}

  /** @throws OnnxError; VisionError VISION_MODEL_SHAPE (no network of this kind); what the runtime throws */
  static async open({ name, bytes, load }: ModelSource): Promise<EyeReader> {
    const network = await load(freeDimensions(decodeModel(bytes, name), [0]))
    const [, channels, height, width] = network.shape
    if (channels === 1 && height === SIDE && width === SIDE) return new EyeReader(network)
    await network.close()
    throw new VisionError(
      'VISION_MODEL_SHAPE',
      `${name} is no network of eyes that is known here; it takes ${network.shape.join(' x ')}, not N x 1 x ${SIDE} x ${SIDE}`,
    )
  }

  /**
   * How surely both eyes are closed, 0 to 1: the mean of their logits; of a head that looks into the camera.
   * @param pixels aligned, 112 x 112 x 3, RGB
   */
  async closed(pixels: Uint8Array): Promise<number> {
    const face = { width: IMAGE_SIZE, height: IMAGE_SIZE, pixels }
    const values = new Float32Array(EYES.length * SIDE * SIDE)
    EYES.forEach(({ x, y }, eye) => {
      const square = { x: x - CROP / 2, y: y - CROP / 2, width: CROP, height: CROP }
      const rgb = sampleSquare(face, square, SIDE)
      for (let i = 0; i < SIDE * SIDE; i++) values[eye * SIDE * SIDE + i] = luma(rgb, 3 * i) / 255
    })
    const [output] = Object.values(await runOn(this.network, values, [EYES.length, 1, SIDE, SIDE]))
    const [left, leftOpen, right, rightOpen] = output!.data as unknown as number[]
    return 1 / (1 + Math.exp((leftOpen! - left! + rightOpen! - right!) / 2))
  }

  close(): Promise<void> {
    return this.network.close()
  }
}
