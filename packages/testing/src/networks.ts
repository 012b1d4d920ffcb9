import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import { Random, TEMPLATE } from '@arcface/vision'

const { FLOAT } = TensorProto_DataType
/** Sides of a box in cells. */
const CELLS = 4
const SLOPE = 0.25

/** Layers of convolutions with random weights, which a seed decides. */
class Layers extends GraphBuilder {
  private readonly random: Random

  constructor(name: string, seed: number) {
    super(name)
    this.random = new Random(seed)
  }

  weights(gain: number, ...shape: number[]): string {
    const [, ...into] = shape
    const deviation = gain / Math.sqrt(into.reduce((product, side) => product * side, 1))
    const data = Float32Array.from(
      { length: shape.reduce((product, side) => product * side, 1) },
      () => deviation * this.random.normal(),
    )
    return this.constant(data, shape)
  }

  /** From grey levels to -1..1. */
  centred(x: string): string {
    return this.add('Mul', [this.add('Sub', [x, this.number(127.5)]), this.number(1 / 128)])
  }

  /** Halves the sides, between channels. */
  halved(x: string, from: number, to: number): string {
    const attributes = {
      kernel_shape: { ints: [3, 3] },
      strides: { ints: [2, 2] },
      pads: { ints: [1, 1, 1, 1] },
    }
    const y = this.add('Conv', [x, this.weights(1.5, to, from, 3, 3)], attributes)
    return this.add('LeakyRelu', [y], { alpha: { float: SLOPE } })
  }

  /** `bias.length` numbers a cell, as YuNet gives them: N x cells x numbers. */
  head(x: string, from: number, gain: number, bias: readonly number[]): string {
    const [k, name] = [bias.length, this.constant(Float32Array.from(bias), [bias.length])]
    const y = this.add('Conv', [x, this.weights(gain, k, from, 1, 1), name])
    const rows = this.add('Transpose', [y], { perm: { ints: [0, 2, 3, 1] } })
    return this.add('Reshape', [rows, this.integers([1, -1, k])])
  }
}

/**
 * A detector with the outputs of YuNet: convolutions with random weights decide where faces are, how large they are (some
 * four cells of 32 pixels), and how far their points lie from those of a face that looks into the camera.
 */
export function randomDetector(seed = 1): Uint8Array {
  const layers = new Layers('random YuNet', seed)
  let x = layers.centred(layers.input('input', FLOAT, [1, 3, 640, 640]))
  let channels = 3
  for (const stride of [2, 4, 8, 16, 32]) {
    const wider = Math.min(32, 4 * stride)
    x = layers.halved(x, channels, wider)
    channels = wider
    if (stride < 8) continue
    // Of the finer grids nothing is a face.
    const rare = stride === 32 ? -2 : -50
    const output = (name: string, values: string, k: number) =>
      layers.output(layers.add('Identity', [values], {}, { output: `${name}_${stride}` }), FLOAT, [
        1,
        'cells',
        k,
      ])
    const sigmoid = (values: string) => layers.add('Sigmoid', [values])
    output('cls', sigmoid(layers.head(x, channels, 3, [rare])), 1)
    output('obj', sigmoid(layers.head(x, channels, 3, [1])), 1)
    output('bbox', layers.head(x, channels, 0.1, [0, 0, Math.log(CELLS), Math.log(CELLS)]), 4)
    const points = TEMPLATE.flatMap(({ x, y }) => [x, y].map((at) => (at / 112 - 0.5) * CELLS))
    output('kps', layers.head(x, channels, 0.1, points), 10)
  }
  return layers.encode()
}

/** An embedder of N x 3 x 112 x 112 grey levels, RGB, to N x 128: convolutions with random weights. */
export function randomEmbedder(seed = 2): Uint8Array {
  const layers = new Layers('random embedder', seed)
  let x = layers.centred(layers.input('x', FLOAT, ['N', 3, 112, 112]))
  let channels = 3
  for (const wider of [16, 32, 64, 64]) {
    x = layers.halved(x, channels, wider)
    channels = wider
  }
  const flat = layers.add('Flatten', [x])
  const weights = layers.weights(1, 128, channels * 49)
  const y = layers.add('Gemm', [flat, weights], { transB: { int: 1 } }, { output: 'y' })
  layers.output(y, FLOAT, ['N', 128])
  return layers.encode()
}
