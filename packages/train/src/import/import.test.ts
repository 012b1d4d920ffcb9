import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { mxnetToOnnx } from '@arcface/data/onnx'
import { readParams } from '@arcface/data/weights'
import { autocast, liveTensors, noGrad, ops, scope } from '@arcface/libtorch'
import { decodeModel, type ModelProto } from '@arcface/onnx'
import { afterEach, describe, expect, it } from 'vitest'
import { buildOnnx } from '../export/build.js'
import { filledBackbone } from '../testing/network.js'
import {
  apart,
  byLibtorch,
  byOnnxRuntime,
  Drawing,
  imagesOf,
  numbers,
  pixels,
  slopeError,
} from './graphs.test.support.js'
import { type ImportedNetwork, importOnnx } from './index.js'

const SHARED = join(import.meta.dirname, '../../../../../shared/models')
const PACK = join(homedir(), '.cache/arcface/packs/faceplugin/fr_feature.onnx')

const file = (path: string) => () => decodeModel(readFileSync(path), path)

function ofBackbone(name: string): ModelProto {
  const backbone = filledBackbone(name)
  try {
    return buildOnnx(backbone).model
  } finally {
    backbone.dispose()
  }
}

/** A transformer as torch.onnx writes it: patches, a class token, two blocks with two heads, the class token's row. */
function transformer(): ModelProto {
  const [g, width, heads, tokens] = [new Drawing(17), 16, 2, 50]
  const ints = (...list: number[]) => ({ ints: list })
  const add = (x: string, y: string) => g.add('Add', [x, y])
  const linear = (x: string, from: number, to: number) =>
    add(g.weights(to), g.add('MatMul', [x, g.weights(from, to)]))
  const norm = (x: string) => g.add('LayerNormalization', [x, g.weights(width), g.weights(width)])
  const kernel = { kernel_shape: ints(16, 16), strides: ints(16, 16) }
  const patches = g.add('Conv', [g.x, g.weights(width, 3, 16, 16), g.weights(width)], kernel)
  const rows = g.add('Reshape', [patches, g.integers([0, width, -1])])
  const list = g.add('Transpose', [rows], { perm: ints(0, 2, 1) })
  const batch = g.add('Shape', [list], { start: { int: 0 }, end: { int: 1 } })
  const sides = g.add('Concat', [batch, g.integers([1, width])], { axis: { int: 0 } })
  const token = g.add('Expand', [g.weights(1, 1, width), sides])
  let x = add(g.add('Concat', [token, list], { axis: { int: 1 } }), g.weights(1, tokens, width))
  for (let block = 0; block < 2; block++) {
    const mixed = linear(norm(x), width, 3 * width)
    const apart = g.add('Reshape', [mixed, g.integers([0, tokens, 3, heads, width / heads])])
    const three = g.add('Transpose', [apart], { perm: ints(2, 0, 3, 1, 4) })
    const [q, k, v] = [0, 1, 2].map((i) =>
      g.add('Gather', [three, g.constant(BigInt64Array.of(BigInt(i)), [], `part ${block} ${i}`)]),
    )
    const turned = g.add('Transpose', [k!], { perm: ints(0, 1, 3, 2) })
    const scores = g.add('Mul', [g.add('MatMul', [q!, turned]), g.number(heads / width)])
    const chosen = g.add('MatMul', [g.add('Softmax', [scores], { axis: { int: -1 } }), v!])
    const back = g.add('Transpose', [chosen], { perm: ints(0, 2, 1, 3) })
    x = add(x, linear(g.add('Reshape', [back, g.integers([0, tokens, width])]), width, width))
    const wide = linear(norm(x), width, 2 * width)
    const share = g.add('Erf', [g.add('Div', [wide, g.number(Math.SQRT2)])])
    const half = g.add('Mul', [wide, g.add('Add', [share, g.number(1)])])
    x = add(x, linear(g.add('Mul', [half, g.number(0.5)]), 2 * width, width))
  }
  const first = g.add('Gather', [norm(x), g.constant(BigInt64Array.of(0n), [], 'first')], {
    axis: { int: 1 },
  })
  const head = { transB: { int: 1 } }
  return g.embedding(g.add('Gemm', [first, g.weights(8, width), g.weights(8)], head))
}

const y1 = join(SHARED, 'insightface_y1-symbol.json')

/** Embedders: how each comes about, and whether it is there. */
const embedders: [name: string, dim: number, model: () => ModelProto, there?: boolean][] = [
  [
    'MobileFaceNet.onnx of ../shared',
    128,
    file(join(SHARED, 'MobileFaceNet.onnx')),
    existsSync(join(SHARED, 'MobileFaceNet.onnx')),
  ],
  [
    'insightface_y1 of ../shared',
    128,
    () => mxnetToOnnx(y1, readParams(join(SHARED, 'insightface_y1-0000.params'))),
    existsSync(y1),
  ],
  ['fr_feature of the default pack', 512, file(PACK), existsSync(PACK)],
  ['our export of mobilefacenet', 512, () => ofBackbone('mobilefacenet')],
  ['our export of r18', 512, () => ofBackbone('r18')],
  ['our export of r50', 512, () => ofBackbone('r50')],
  ['a transformer', 8, transformer],
]

let network: ImportedNetwork | undefined
afterEach(() => network?.dispose())

describe('an embedder trains as it is', () => {
  for (const [name, dim, make, there = true] of embedders)
    describe.skipIf(!there)(name, () => {
      it("gives ONNX Runtime's embeddings, and again when it is exported", async () => {
        const model = make()
        const images = pixels(name.endsWith('r50') ? 1 : 2)
        const truth = await byOnnxRuntime(model, images, { together: false })
        network = importOnnx(model, name).eval()
        expect(network.dim).toBe(dim)
        expect(apart(byLibtorch(network, images), truth)).toBeLessThan(1e-5)
        const again = buildOnnx(network).model
        const raw = images.map((x) => x * 127.5 + 127.5)
        // A cosine of 0.999999 is an angle of 0.0014.
        expect(apart(await byOnnxRuntime(again, raw), truth)).toBeLessThan(1e-3)
      })

      // r50 is made of the same parts as r18, and takes minutes.
      it.skipIf(name.endsWith('r50'))(
        'has numeric gradients, of weights and of pixels',
        () => {
          network = importOnnx(make(), name).eval()
          expect(slopeError(network, 1)).toBeLessThan(1e-5)
        },
        600_000,
      )
    })
})

/** A network of one thing behind a layer. */
const drawn = (draw: (graph: Drawing, x: string) => string, graph = new Drawing()): ModelProto =>
  graph.embedding(draw(graph, graph.features()))

describe('what trains', () => {
  const names = (model: ModelProto) => {
    network = importOnnx(model, 'a drawing')
    return {
      parameters: [...network.namedParameters()].map(([name, { shape }]) => `${name} ${shape}`),
      buffers: [...network.namedBuffers()].map(([name]) => name),
    }
  }

  it('weights of layers and what is joined with features; not pixels, not single numbers', () => {
    const g = new Drawing()
    const centred = g.add('Sub', [g.x, g.constant(Float32Array.of(1, 2, 3), [1, 3, 1, 1], 'mean')])
    const scaled = g.add('Div', [centred, g.constant(Float32Array.of(4, 5, 6), [3, 1, 1], 'std')])
    const small = { kernel_shape: { ints: [56, 56] }, strides: { ints: [56, 56] } }
    const pooled = g.add('AveragePool', [scaled], small)
    const c = (name: string, ...shape: number[]) =>
      g.constant(
        numbers(
          shape.reduce((a, b) => a * b, 1),
          5,
        ),
        shape,
        name,
      )
    const conv = g.add('Conv', [pooled, c('conv.weight', 4, 3, 1, 1), c('conv.bias', 4)])
    const variance = g.constant(Float32Array.of(1, 2, 3, 4), [4], 'bn.running_var')
    const norm = [c('bn.weight', 4), c('bn.bias', 4), c('bn.running_mean', 4), variance]
    const act = g.add('PRelu', [g.add('BatchNormalization', [conv, ...norm]), c('slopes', 4, 1, 1)])
    const rows = g.add('Flatten', [act])
    const turned = g.add('Transpose', [c('turned', 5, 16)])
    const sum = g.add('Add', [g.add('MatMul', [rows, turned]), c('sum', 5)])
    const half = g.add('Mul', [g.add('Add', [sum, c('epsilon', 1)]), g.number(0.5)])
    const listed = { value: { tensor: { data: Float32Array.of(1, 2, 3, 4, 5), shape: [5] } } }
    const fixed = g.add('Mul', [half, g.add('Constant', [], listed)])
    const held = { value: { tensor: { data: numbers(10, 4), shape: [5, 2] } } }
    const last = g.add('MatMul', [fixed, g.add('Constant', [], held, { output: 'held' })])
    expect(names(g.embedding(last))).toEqual({
      parameters: [
        'conv.weight 4,3,1,1',
        'conv.bias 4',
        'bn.weight 4',
        'bn.bias 4',
        'slopes 4',
        'turned 5,16',
        'sum 5',
        'held 5,2',
      ],
      buffers: ['bn.running_mean', 'bn.running_var'],
    })
  })

  it('a weight that two layers share is one, and gets the gradients of both', () => {
    const model = drawn((g, x) => {
      const shared = g.weights(4, 4, 1, 1)
      return g.add('Conv', [g.add('Conv', [x, shared]), shared])
    })
    expect(names(model).parameters).toEqual(['stem 4,3,1,1', 'w0 4,4,1,1'])
    expect(slopeError(network!, 2)).toBeLessThan(1e-6)
  })

  it('under names that a state dict can hold, each once', () => {
    const model = drawn((g, x) => {
      const layer = (of: string, name: string) =>
        g.add('Conv', [of, g.constant(numbers(16, 3), [4, 4, 1, 1], name)])
      return ['/a/b', 'a_b', '519', '.', '__metadata__', 'ö::x'].reduce(layer, x)
    })
    expect(names(model).parameters.map((name) => name.split(' ')[0])).toEqual([
      'stem',
      'a_b',
      'a_b_1',
      'weight_519',
      'weight_',
      'metadata__',
      'x',
    ])
  })

  it('batch normalisation by the statistics of the batch, which the running ones follow', () => {
    const model = drawn((g, x) => {
      const [scale, shift, mean] = [g.weights(4), g.weights(4), g.weights(4)]
      const variance = g.constant(Float32Array.of(1, 2, 3, 4), [4], 'var')
      const momentum = { momentum: { float: 0.8 }, epsilon: { float: 0.01 } }
      return g.add('BatchNormalization', [x, scale, shift, mean, variance], momentum)
    })
    const before = importOnnx(
      drawn((g, x) => g.add('Identity', [x])),
      'without it',
    )
    const images = pixels(3)
    const x = byLibtorch(before, images)
    before.dispose()
    network = importOnnx(model, 'a drawing').train()
    const state = (name: string) => network!.stateDict().get(name)!.toFloat32Array()
    const [scale, shift, mean] = ['w0', 'w1', 'w2'].map(state)
    const made = byLibtorch(network, images)
    for (let c = 0; c < 4; c++) {
      const at = (n: number, p: number) => (n * 4 + c) * 64 + p
      const places = [0, 1, 2].flatMap((n) => Array.from({ length: 64 }, (_, p) => at(n, p)))
      const average = places.reduce((sum, i) => sum + x[i]!, 0) / 192
      const squares = places.reduce((sum, i) => sum + (x[i]! - average) ** 2, 0)
      for (const i of places) {
        const wanted =
          ((x[i]! - average) / Math.sqrt(squares / 192 + 0.01)) * scale![c]! + shift![c]!
        expect(Math.abs(made[i]! - wanted)).toBeLessThan(1e-5)
      }
      expect(state('w2')[c]).toBeCloseTo(0.8 * mean![c]! + 0.2 * average, 5)
      expect(state('var')[c]).toBeCloseTo(0.8 * (c + 1) + (0.2 * squares) / 191, 5)
    }
    expect(() => byLibtorch(network!, images)).not.toThrow()
  })

  it('batch normalisation refuses one value a channel in training, as in all networks', () => {
    const model = drawn((g, x) => {
      const row = g.add('Flatten', [g.add('GlobalAveragePool', [x])])
      const variance = g.constant(Float32Array.of(1, 2, 3, 4), [4], 'var')
      return g.add('BatchNormalization', [row, ...[1, 2, 3].map(() => g.weights(4)), variance])
    })
    network = importOnnx(model, 'a drawing').train()
    expect(() => byLibtorch(network!, pixels(1))).toThrow(
      expect.objectContaining({ code: 'TORCH_SHAPE', message: expect.stringContaining('batch') }),
    )
  })

  it('drops in training what the graph dropped, and nothing after', () => {
    network = importOnnx(
      drawn((g, x) => g.add('Dropout', [x, g.number(0.5)])),
      'a drawing',
    )
    const zeros = () => byLibtorch(network!, pixels(2)).filter((x) => x === 0).length / 512
    expect(zeros()).toBeGreaterThan(0.4)
    network.eval()
    expect(zeros()).toBe(0)
  })

  it('under autocast to bfloat16, all norms', () => {
    const model = drawn((g, x) => {
      const layer = (of: string) => g.add('Conv', [of, g.weights(4, 4, 1, 1)])
      const rows = g.add('LayerNormalization', [layer(x), g.weights(8), g.weights(8)])
      const planes = g.add('InstanceNormalization', [layer(rows), g.weights(4), g.weights(4)])
      const variance = g.constant(Float32Array.of(1, 2, 3, 4), [4], 'var')
      const norm = [g.weights(4), g.weights(4), g.weights(4), variance]
      return layer(g.add('BatchNormalization', [layer(planes), ...norm]))
    })
    network = importOnnx(model, 'a drawing').eval()
    const images = pixels(2)
    const low = noGrad(() =>
      scope(() => {
        const made = autocast('bfloat16', () => network!.call(imagesOf(images)))
        expect(made.dtype).toBe('bfloat16')
        return ops.toDtype(made, 'float32').toFloat32Array()
      }),
    )
    const error = apart(low, byLibtorch(network, images))
    expect(error).toBeGreaterThan(1e-4)
    expect(error).toBeLessThan(0.05)
  })

  it('leaves no tensor behind when it is disposed of', () => {
    const before = liveTensors()
    const made = importOnnx(transformer(), 'a transformer').eval()
    byLibtorch(made, pixels(1))
    made.dispose()
    expect(liveTensors()).toBe(before)
  })

  it('in channels last and in bfloat16, with constants that follow', () => {
    const model = transformer()
    network = importOnnx(model, 'a transformer').to({ memoryFormat: 'channels_last' }).eval()
    const images = pixels(2)
    const single = byLibtorch(network, images)
    network.to({ dtype: 'float64' })
    const double = noGrad(() =>
      scope(() => network!.call(imagesOf(Float64Array.from(images))).toTypedArray()),
    ) as Float64Array
    expect(apart(single, double)).toBeLessThan(1e-5)
    network.to({ dtype: 'bfloat16' })
    const half = noGrad(() =>
      scope(() => {
        const made = network!.call(ops.toDtype(imagesOf(images), 'bfloat16'))
        expect(made.dtype).toBe('bfloat16')
        return ops.toDtype(made, 'float32').toFloat32Array()
      }),
    )
    expect(apart(half, double)).toBeLessThan(0.05)
  })
})
