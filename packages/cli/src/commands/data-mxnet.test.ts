import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeParams } from '@arcface/data/weights'
import { openEmbedder } from '@arcface/recognize'

import { describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'mxnet-'))

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return { status, stdout, stderr }
}

const numbers = (count: number, turn: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + turn))
const positive = (count: number, turn: number) => numbers(count, turn).map((x) => 1.5 + x)
const weight = (shape: number[], data: Float32Array) => ({ dtype: 'float32' as const, shape, data })

// 3 x 112 x 112 -> groups of kernel 7, stride 40, pad 1 -> 3 x 3 x 3 -> BatchNorm -> PReLU -> 4 -> BatchNorm.
const own = {
  conv_weight: weight([3, 1, 7, 7], numbers(147, 1)),
  bn_gamma: weight([3], positive(3, 2)),
  bn_beta: weight([3], numbers(3, 3)),
  bn_moving_mean: weight([3], numbers(3, 4)),
  bn_moving_var: weight([3], positive(3, 5)),
  relu_gamma: weight([3], numbers(3, 6)),
  fc_weight: weight([4, 27], numbers(108, 7)),
  fc_bias: weight([4], numbers(4, 8)),
  last_gamma: weight([4], numbers(4, 9)),
  last_beta: weight([4], numbers(4, 10)),
  last_moving_mean: weight([4], numbers(4, 11)),
  last_moving_var: weight([4], positive(4, 12)),
}
type Name = keyof typeof own
const nodes: { op: string; name: string; attrs?: object; inputs: number[][] }[] = []
const at = (name: string) => [nodes.findIndex((one) => one.name === name), 0, 0]
function add(op: string, name: string, inputs: string[], attrs: object = {}): void {
  for (const input of inputs)
    if (at(input)[0]! < 0) nodes.push({ op: 'null', name: input, inputs: [] })
  nodes.push({ op, name, attrs, inputs: inputs.map(at) })
}
add('_minus_scalar', 'minus', ['data'], { scalar: '127.5' })
add('_mul_scalar', 'mul', ['minus'], { scalar: '0.0078125' })
add('Convolution', 'conv', ['mul', 'conv_weight'], {
  kernel: '(7, 7)',
  stride: '(40, 40)',
  pad: '(1, 1)',
  num_group: '3',
  no_bias: 'True',
})
const norm = (name: string) =>
  ['gamma', 'beta', 'moving_mean', 'moving_var'].map((part) => `${name}_${part}`)
add('BatchNorm', 'bn', ['conv', ...norm('bn')], { fix_gamma: 'False' })
add('LeakyReLU', 'relu', ['bn', 'relu_gamma'], { act_type: 'prelu' })
add('Dropout', 'drop', ['relu'])
add('elemwise_add', 'twice', ['drop', 'relu'])
add('FullyConnected', 'fc', ['twice', 'fc_weight', 'fc_bias'], { num_hidden: '4' })
add('BatchNorm', 'last', ['fc', ...norm('last')], { eps: '2e-05' })

/** The same in float64, from MXNet's documentation of each operator. */
function expected(image: Uint8Array): number[] {
  const w = (name: Name) => own[name].data
  const x = (c: number, row: number, column: number) =>
    row < 0 || column < 0 ? 0 : (image[(row * 112 + column) * 3 + c]! - 127.5) * 0.0078125
  const features: number[] = []
  for (let c = 0; c < 3; c++)
    for (let row = 0; row < 3; row++)
      for (let column = 0; column < 3; column++) {
        let sum = 0
        for (let i = 0; i < 49; i++) {
          const [dy, dx] = [Math.floor(i / 7) - 1, (i % 7) - 1]
          sum += w('conv_weight')[c * 49 + i]! * x(c, row * 40 + dy, column * 40 + dx)
        }
        const spread = Math.sqrt(w('bn_moving_var')[c]! + 1e-3)
        const y = (w('bn_gamma')[c]! * (sum - w('bn_moving_mean')[c]!)) / spread + w('bn_beta')[c]!
        features.push(2 * (y > 0 ? y : w('relu_gamma')[c]! * y))
      }
  return Array.from({ length: 4 }, (_, d) => {
    const sum = features.reduce((all, one, i) => all + one * w('fc_weight')[d * 27 + i]!, 0)
    const y = sum + w('fc_bias')[d]! - w('last_moving_mean')[d]!
    return y / Math.sqrt(w('last_moving_var')[d]! + 2e-5) + w('last_beta')[d]! // gamma is fixed
  })
}

function write(name: string, leave?: Name, symbol: object = { nodes, heads: [at('last')] }) {
  const kept = Object.entries(own).filter(([one]) => one !== leave)
  const prefix = (one: string) => `${/moving/.test(one) ? 'aux' : 'arg'}:${one}`
  writeParams(join(room, `${name}-0000.params`), new Map(kept.map(([k, v]) => [prefix(k), v])))
  writeFileSync(join(room, `${name}-symbol.json`), JSON.stringify(symbol))
  return join(room, `${name}-0000.params`)
}

describe("a network of MXNet's", () => {
  it('gives as ONNX what its operators are documented to give', async () => {
    const onnx = join(room, 'tiny.onnx')
    expect(arcface('data', 'convert', write('tiny'), onnx)).toMatchObject({ status: 0 })
    const image = Uint8Array.from({ length: 112 * 112 * 3 }, (_, i) => (i * 7919) % 256)
    const embedder = await openEmbedder(onnx)
    const found = await embedder.features(image, 1)
    await embedder.close()
    expect(found).toHaveLength(4)
    expected(image).forEach((value, d) => {
      expect(found[d]).toBeCloseTo(value, 4)
    })
  })

  it.each([
    ['a weight that is missing', 'fc_bias', undefined, /lack/],
    ['no symbol', undefined, { nodes: 3 }, /no symbol file/],
    [
      'an operator that is not known',
      undefined,
      { nodes: [{ op: 'Custom', name: 'c', inputs: [] }], heads: [[0, 0]] },
      /operator Custom/,
    ],
    [
      'a loop',
      undefined,
      { nodes: [{ op: 'Flatten', name: 'f', inputs: [[0, 0]] }], heads: [[0, 0]] },
      /after it/,
    ],
  ] as const)('is refused: %s', (_, leave, symbol, message) => {
    const path = write('wrong', leave, symbol)
    const { status, stderr } = arcface('data', 'convert', path, join(room, 'wrong.onnx'))
    expect(status).toBe(1)
    expect(stderr).toMatch(/^error DATA_WEIGHTS/)
    expect(stderr).toMatch(message)
  })
})

const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
describe.skipIf(!existsSync(shared))("InsightFace's y1 of ../shared", () => {
  it('verifies the celeba pairs', () => {
    const onnx = join(room, 'y1.onnx')
    const params = join(shared, 'models/insightface_y1-0000.params')
    expect(arcface('data', 'convert', params, onnx)).toMatchObject({ status: 0 })
    const images = ['--images', join(shared, 'faces/celeba')]
    const pairs = ['--pairs', join(shared, 'faces/celeba_pairs.txt')]
    const { stdout } = arcface(
      'evaluate',
      'verification',
      '--model',
      onnx,
      ...images,
      ...pairs,
      '--json',
    )
    expect(JSON.parse(stdout).accuracy).toBeGreaterThan(0.93)
  }, 120_000)
})
