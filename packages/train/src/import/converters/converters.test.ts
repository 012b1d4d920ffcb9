import type { ModelProto } from '@arcface/onnx'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { buildOnnx } from '../../export/build.js'
import {
  apart,
  byLibtorch,
  byOnnxRuntime,
  Drawing,
  pixels,
  slopeError,
} from '../graphs.test.support.js'
import type { ImportedNetwork } from '../index.js'
import { importOnnx } from '../index.js'
import { converters } from './index.js'

const ints = (...list: number[]) => ({ ints: list })
const float = (value: number) => ({ float: value })
const int = (value: number) => ({ int: value })

interface Case {
  /** The operators that it is about. */
  operators: string[]
  /** Operator sets that say it in their own way. */
  opsets?: number[]
  /** From [N, 4, 8, 8], behind a layer, to anything of N. */
  draw(graph: Drawing, x: string): string
}

const cases: Record<string, Case> = {
  'convolutions with gaps, strides, groups, pads that differ': {
    operators: ['Conv'],
    draw(g, x) {
      const wide = g.add('Conv', [x, g.weights(6, 2, 3, 2), g.weights(6)], {
        group: int(2),
        pads: ints(2, 0, 1, 1),
        strides: ints(2, 1),
        dilations: ints(1, 2),
      })
      const deep = g.add('Conv', [wide, g.weights(6, 1, 3, 3)], {
        group: int(6),
        pads: ints(1, 1, 1, 1),
      })
      return g.add('Conv', [deep, g.weights(5, 6, 1, 1)])
    },
  },
  'a convolution the other way round': {
    operators: ['ConvTranspose'],
    draw: (g, x) =>
      g.add('ConvTranspose', [x, g.weights(4, 3, 3, 2), g.weights(6)], {
        group: int(2),
        strides: ints(2, 1),
        pads: ints(1, 0, 1, 0),
        output_padding: ints(1, 0),
      }),
  },
  'products of matrices': {
    operators: ['Gemm', 'MatMul', 'Flatten'],
    draw(g, x) {
      const row = g.add('Flatten', [g.add('MatMul', [x, g.weights(8, 3)])])
      const one = g.add('Gemm', [row, g.weights(96, 5), g.weights(1, 5)], {
        alpha: float(0.5),
        beta: float(2),
      })
      const two = g.add('Gemm', [row, g.weights(5, 96), g.weights(5)], { transB: int(1) })
      const sum = g.add('Add', [one, g.add('Gemm', [two, g.weights(5, 5)], { alpha: float(3) })])
      const three = g.add('Gemm', [sum, g.weights(7, 5)], { transB: int(1) })
      return g.add('Gemm', [three, g.weights(7, 7), g.weights(7)], {
        transB: int(1),
        alpha: float(0.1),
      })
    },
  },
  'PReLU by channel, by one slope, of rows and of columns': {
    operators: ['PRelu'],
    opsets: [9, 17],
    draw(g, x) {
      const one = g.add('PRelu', [g.add('PRelu', [x, g.weights(4, 1, 1)]), g.weights(1)])
      const two = g.add('PRelu', [g.add('PRelu', [one, g.weights(8)]), g.weights(1, 4, 1, 1)])
      const row = g.add('Flatten', [two])
      return g.add('PRelu', [row, g.weights(256)])
    },
  },
  'activations without weights': {
    operators: [
      'Relu',
      'LeakyRelu',
      'Sigmoid',
      'Tanh',
      'Erf',
      'HardSigmoid',
      'HardSwish',
      'Elu',
      'Softplus',
      'Concat',
    ],
    draw(g, x) {
      const parts = ['Relu', 'Sigmoid', 'Tanh', 'Erf', 'HardSwish', 'Softplus'].map((type) =>
        g.add(type, [x]),
      )
      parts.push(g.add('LeakyRelu', [x], { alpha: float(0.2) }), g.add('LeakyRelu', [x]))
      parts.push(
        g.add('HardSigmoid', [x], { alpha: float(0.3), beta: float(0.4) }),
        g.add('HardSigmoid', [x]),
      )
      parts.push(g.add('Elu', [x], { alpha: float(0.7) }))
      return g.add('Concat', parts, { axis: int(1) })
    },
  },
  'GELU as one operator': {
    operators: ['Gelu'],
    opsets: [20],
    draw: (g, x) => g.add('Gelu', [g.add('Gelu', [x])], { approximate: { string: 'tanh' } }),
  },
  'GELU as exporters wrote it': {
    operators: ['Erf', 'Div', 'Mul', 'Add'],
    draw(g, x) {
      const inner = g.add('Erf', [g.add('Div', [x, g.number(Math.SQRT2)])])
      return g.add('Mul', [g.add('Mul', [x, g.add('Add', [inner, g.number(1)])]), g.number(0.5)])
    },
  },
  'bounds as attributes': {
    operators: ['Clip'],
    opsets: [9],
    draw: (g, x) => g.add('Clip', [g.add('Clip', [x], { min: float(-1) })], { max: float(2) }),
  },
  'bounds as inputs': {
    operators: ['Clip'],
    draw: (g, x) => g.add('Clip', [g.add('Clip', [x, '', g.number(2)]), g.number(-1)]),
  },
  'softmax over all sides from one on': {
    operators: ['Softmax'],
    opsets: [11],
    draw: (g, x) => g.add('Softmax', [g.add('Softmax', [x])], { axis: int(2) }),
  },
  'softmax over one side': {
    operators: ['Softmax'],
    opsets: [11, 17],
    draw: (g, x) => g.add('Softmax', [x], { axis: int(-1) }),
  },
  norms: {
    operators: ['LayerNormalization', 'InstanceNormalization', 'LpNormalization'],
    draw(g, x) {
      const rows = g.add('LayerNormalization', [x, g.weights(8), g.weights(8)], {
        epsilon: float(1e-3),
      })
      const planes = g.add('LayerNormalization', [rows, g.weights(4, 8, 8)], { axis: int(1) })
      const each = g.add('InstanceNormalization', [planes, g.weights(4), g.weights(4)], {
        epsilon: float(1e-2),
      })
      return g.add('LpNormalization', [
        g.add('LpNormalization', [each], { axis: int(1), p: int(1) }),
      ])
    },
  },
  'batch normalisation, alone and with what follows': {
    operators: ['BatchNormalization'],
    draw(g, x) {
      const norm = (of: string) =>
        g.add(
          'BatchNormalization',
          [
            of,
            g.weights(4),
            g.weights(4),
            g.weights(4),
            g.constant(Float32Array.of(1, 2, 0.5, 3), [4], `var of ${of}`),
          ],
          { epsilon: float(1e-3) },
        )
      const slopes = g.add('PRelu', [norm(x), g.weights(4, 1, 1)])
      const added = g.add('Add', [
        g.add('LeakyRelu', [norm(slopes)], { alpha: float(0.3) }),
        slopes,
      ])
      const plain = g.add('Add', [added, g.add('Relu', [norm(added)])])
      const wide = g.add('Add', [norm(plain), g.weights(1, 1, 8)])
      return g.add('PRelu', [norm(wide), g.weights(8)])
    },
  },
  'layer normalisation as exporters wrote it': {
    operators: ['ReduceMean', 'Sub', 'Pow', 'Sqrt', 'Div', 'Mul', 'Add'],
    opsets: [11, 13],
    draw(g, x) {
      const mean = (of: string) => g.add('ReduceMean', [of], { axes: ints(-1) })
      const centred = g.add('Sub', [x, mean(x)])
      const variance = g.add('Add', [mean(g.add('Pow', [centred, g.number(2)])), g.number(1e-5)])
      const scaled = g.add('Mul', [
        g.add('Div', [centred, g.add('Sqrt', [variance])]),
        g.weights(8),
      ])
      return g.add('Add', [scaled, g.weights(8)])
    },
  },
  'largest values of windows': {
    operators: ['MaxPool', 'GlobalMaxPool'],
    draw(g, x) {
      const uneven = g.add('MaxPool', [x], {
        kernel_shape: ints(3, 2),
        strides: ints(2, 1),
        pads: ints(1, 1, 2, 0),
      })
      const wide = g.add('MaxPool', [x], {
        kernel_shape: ints(3, 3),
        strides: ints(2, 2),
        ceil_mode: int(1),
        dilations: ints(1, 2),
      })
      const same = g.add('MaxPool', [x], {
        kernel_shape: ints(2, 3),
        strides: ints(2, 2),
        auto_pad: { string: 'SAME_UPPER' },
      })
      const parts = [uneven, wide, same, g.add('GlobalMaxPool', [x])].map((one) =>
        g.add('Flatten', [one]),
      )
      return g.add('Concat', parts, { axis: int(1) })
    },
  },
  'averages of windows': {
    operators: ['AveragePool', 'GlobalAveragePool'],
    draw(g, x) {
      const window = (more: object) => ({ kernel_shape: ints(3, 3), strides: ints(2, 2), ...more })
      const parts = [
        g.add('AveragePool', [x], window({ pads: ints(1, 1, 1, 1) })),
        g.add('AveragePool', [x], window({ pads: ints(1, 1, 1, 1), count_include_pad: int(1) })),
        g.add('AveragePool', [x], window({ pads: ints(0, 1, 2, 0) })),
        g.add('AveragePool', [x], window({ pads: ints(0, 1, 2, 0), count_include_pad: int(1) })),
        g.add('AveragePool', [x], window({ auto_pad: { string: 'SAME_LOWER' } })),
        g.add('AveragePool', [x], window({ pads: ints(1, 1, 0, 0), ceil_mode: int(1) })),
        g.add('GlobalAveragePool', [x]),
      ]
      return g.add(
        'Concat',
        parts.map((one) => g.add('Flatten', [one])),
        { axis: int(1) },
      )
    },
  },
  'arithmetic of features': {
    operators: [
      'Add',
      'Sub',
      'Mul',
      'Div',
      'Pow',
      'Sqrt',
      'Exp',
      'Log',
      'Neg',
      'Abs',
      'Reciprocal',
      'Max',
      'Min',
      'Sum',
    ],
    draw(g, x) {
      const positive = g.add('Add', [g.add('Abs', [x]), g.number(0.1)])
      const roots = g.add('Div', [g.number(2), g.add('Sqrt', [positive])])
      const powers = g.add('Pow', [positive, g.add('Sigmoid', [x])])
      const more = g.add('Sub', [g.number(1), g.add('Exp', [g.add('Neg', [positive])])])
      const scaled = g.add('Mul', [g.add('Reciprocal', [positive]), g.weights(4, 1, 1)])
      const logs = g.add('Sub', [g.add('Log', [positive]), g.weights(8)])
      const most = g.add('Max', [roots, powers, more])
      const least = g.add('Min', [scaled, logs])
      return g.add('Sum', [
        g.add('Div', [most, g.weights(4, 8, 8)]),
        least,
        g.add('Pow', [positive, g.number(0.7)]),
      ])
    },
  },
  'steps and choices': {
    operators: ['Floor', 'Ceil', 'Equal', 'Where', 'Mod', 'Cast'],
    draw(g, x) {
      const whole = g.add('Sub', [g.add('Ceil', [x]), g.add('Floor', [x])])
      const same = g.add('Equal', [whole, g.number(0)])
      const rest = g.add('Mod', [g.constant(BigInt64Array.of(7n, -7n), [2]), g.integers([4])])
      const chosen = g.add('Where', [same, x, g.add('Mul', [x, g.number(2)])])
      const scale = g.add('ReduceSum', [g.add('Cast', [rest], { to: int(1) })])
      const counted = g.add('Add', [chosen, g.add('Cast', [same], { to: int(1) })])
      return g.add('Mul', [counted, scale])
    },
  },
  'reductions by attributes': {
    operators: [
      'ReduceMean',
      'ReduceL1',
      'ReduceL2',
      'ReduceMax',
      'ReduceMin',
      'ReduceSumSquare',
      'ReduceSum',
    ],
    opsets: [11],
    draw: (g, x) =>
      g.add(
        'Concat',
        [
          'ReduceMean',
          'ReduceL1',
          'ReduceL2',
          'ReduceMax',
          'ReduceMin',
          'ReduceSumSquare',
          'ReduceSum',
        ].map((type, i) =>
          i % 2
            ? g.add(type, [x], { axes: ints(2, -1), keepdims: int(0) })
            : g.add('Flatten', [g.add(type, [x], { axes: ints(-2) })]),
        ),
        { axis: int(1) },
      ),
  },
  'reductions by inputs': {
    operators: [
      'ReduceMean',
      'ReduceL1',
      'ReduceL2',
      'ReduceMax',
      'ReduceMin',
      'ReduceSumSquare',
      'ReduceSum',
      'ReduceProd',
    ],
    opsets: [18],
    draw(g, x) {
      const types = [
        'ReduceMean',
        'ReduceL1',
        'ReduceL2',
        'ReduceMax',
        'ReduceMin',
        'ReduceSumSquare',
        'ReduceSum',
      ]
      const parts = types.map((type) => g.add(type, [x, g.integers([1, 3])], { keepdims: int(0) }))
      const none = g.add('ReduceSum', [x], { noop_with_empty_axes: int(1) })
      // [N, -1] as a product of sizes.
      const rest = g.add('Slice', [g.add('Shape', [none]), g.integers([1]), g.integers([9])])
      const size = g.add('ReduceProd', [rest, g.integers([0])])
      const wide = g.add('Reshape', [
        none,
        g.add('Concat', [g.integers([-1]), size], { axis: int(0) }),
      ])
      return g.add('Concat', [...parts, wide], { axis: int(1) })
    },
  },
  'sides moved and merged': {
    operators: ['Transpose', 'Reshape', 'Flatten', 'Identity', 'Dropout'],
    opsets: [11, 17],
    draw(g, x) {
      const turned = g.add('Transpose', [g.add('Identity', [x])], { perm: ints(0, 2, 3, 1) })
      const rows = g.add('Reshape', [turned, g.integers([0, -1, 4])])
      const merged = g.add('Flatten', [g.add('Dropout', [rows])], { axis: int(2) })
      const back = g.add('Reshape', [merged, g.integers([-1, 64, 4])])
      return g.add('Transpose', [g.add('Transpose', [back], { perm: ints(2, 1, 0) })])
    },
  },
  'sides of one': {
    operators: ['Squeeze', 'Unsqueeze'],
    opsets: [11],
    draw(g, x) {
      const wide = g.add('Unsqueeze', [x], { axes: ints(1, -1) })
      return g.add('Squeeze', [g.add('Squeeze', [wide], { axes: ints(-1) })], { axes: ints(1) })
    },
  },
  'sides of one by inputs': {
    operators: ['Squeeze', 'Unsqueeze'],
    draw(g, x) {
      const wide = g.add('Unsqueeze', [x, g.integers([-1, 1])])
      return g.add('Squeeze', [wide, g.integers([1, -1])])
    },
  },
  'parts by attributes': {
    operators: ['Slice'],
    opsets: [9],
    draw: (g, x) =>
      g.add('Slice', [g.add('Slice', [x], { starts: ints(1), ends: ints(-1), axes: ints(2) })], {
        starts: ints(0, -3),
        ends: ints(1000, 8),
        axes: ints(1, 3),
      }),
  },
  'parts by inputs, also backwards': {
    operators: ['Slice', 'Gather', 'Pad', 'Tile'],
    draw(g, x) {
      const some = g.add('Slice', [
        x,
        g.integers([6, 0]),
        g.integers([-100, 7]),
        g.integers([3, 2]),
        g.integers([-2, 3]),
      ])
      const chosen = g.add(
        'Gather',
        [some, g.constant(BigInt64Array.of(0n, -1n, 2n, 2n), [2, 2])],
        { axis: int(1) },
      )
      const one = g.add('Gather', [x, g.constant(BigInt64Array.of(-2n), [])], { axis: int(2) })
      const list = g.add('Gather', [one, g.integers([3, 0])], { axis: int(1) })
      const padded = g.add('Pad', [list, g.integers([0, 1, 0, 0, 0, -2]), g.number(0.5)])
      const tiled = g.add('Tile', [padded, g.integers([1, 2, 3])])
      return g.add(
        'Concat',
        [chosen, tiled].map((of) => g.add('Flatten', [of])),
        { axis: int(1) },
      )
    },
  },
  'pads as attributes': {
    operators: ['Pad'],
    opsets: [9],
    draw: (g, x) => g.add('Pad', [x], { pads: ints(0, 0, 1, 2, 0, 0, 3, 0), value: float(2) }),
  },
  'pads of some sides': {
    operators: ['Pad'],
    opsets: [18],
    draw: (g, x) => g.add('Pad', [x, g.integers([1, 2, 0, 3]), '', g.integers([-1, 1])]),
  },
  'parts of a side': {
    operators: ['Split'],
    opsets: [11],
    draw(g, x) {
      const [a = '', , b = ''] = g.several('Split', [x], 3, { axis: int(1), split: ints(1, 2, 1) })
      return g.add('Mul', [a, b])
    },
  },
  'parts of a side by inputs': {
    operators: ['Split'],
    draw(g, x) {
      const [, b = ''] = g.several('Split', [x, g.integers([3, 5])], 2, { axis: int(-1) })
      return g.add('Concat', g.several('Split', [b], 2, { axis: int(2) }).reverse(), {
        axis: int(3),
      })
    },
  },
  'as many parts as it says': {
    operators: ['Split'],
    opsets: [18],
    draw(g, x) {
      const parts = g.several('Split', [x], 3, { axis: int(2), num_outputs: int(3) })
      return g.add('Concat', parts.reverse(), { axis: int(2) })
    },
  },
  'a class token, sizes from shapes': {
    operators: [
      'Shape',
      'Gather',
      'Unsqueeze',
      'Concat',
      'ConstantOfShape',
      'Expand',
      'Equal',
      'Where',
      'Range',
      'Cast',
    ],
    opsets: [13, 17],
    draw(g, x) {
      const tokens = g.add('Transpose', [g.add('Reshape', [x, g.integers([0, 0, -1])])], {
        perm: ints(0, 2, 1),
      })
      const batch = g.add('Gather', [
        g.add('Shape', [tokens]),
        g.constant(BigInt64Array.of(0n), []),
      ])
      const sides = g.add(
        'Concat',
        [g.add('Unsqueeze', [batch, g.integers([0])]), g.integers([-1, 4])],
        { axis: int(0) },
      )
      // What torch.onnx writes for expand(batch, -1, 4).
      const ones = g.add('ConstantOfShape', [g.integers([3])], {
        value: { tensor: { data: BigInt64Array.of(1n), shape: [1] } },
      })
      const unknown = g.add('Equal', [sides, g.add('Mul', [ones, g.integers([-1])])])
      const token = g.add('Expand', [g.weights(1, 1, 4), g.add('Where', [unknown, ones, sides])])
      const all = g.add('Add', [
        g.add('Concat', [token, tokens], { axis: int(1) }),
        g.weights(1, 65, 4),
      ])
      const places = g.add('Range', [
        g.constant(BigInt64Array.of(0n), []),
        g.constant(BigInt64Array.of(65n), []),
        g.constant(BigInt64Array.of(1n), []),
      ])
      const lengths = g.add('Unsqueeze', [g.add('Cast', [places], { to: int(1) }), g.integers([1])])
      return g.add('Mul', [all, lengths])
    },
  },
}

const runs = Object.entries(cases).flatMap(([name, one]) =>
  (one.opsets ?? [17]).map((opset) => [`${name}, operator set ${opset}`, opset, one] as const),
)

let network: ImportedNetwork | undefined
afterEach(() => network?.dispose())

const drawn = (opset: number, draw: Case['draw']): ModelProto => {
  const graph = new Drawing(opset)
  return graph.embedding(draw(graph, graph.features()))
}

describe('each converter', () => {
  it.each(runs)('%s: values, gradients and the way back', async (_, opset, { operators, draw }) => {
    const model = drawn(opset, draw)
    expect(new Set(model.graph!.node.map(({ opType }) => opType))).toEqual(
      expect.toSatisfy((types: Set<string>) => operators.every((type) => types.has(type))),
    )
    const images = pixels(3)
    const truth = await byOnnxRuntime(model, images)
    network = importOnnx(model, 'a drawing').eval()
    expect(network.dim).toBe(truth.length / 3)
    expect(apart(byLibtorch(network, images), truth)).toBeLessThan(2e-6)
    const again = buildOnnx(network).model
    expect(
      apart(
        await byOnnxRuntime(
          again,
          images.map((x) => x * 127.5 + 127.5),
        ),
        truth,
      ),
    ).toBeLessThan(1e-5)
    expect(slopeError(network, 2)).toBeLessThan(1e-4)
  })

  it('convolutions and pools of any geometry', async () => {
    const pair = (min: number, max: number) =>
      fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }))
    const geometry = fc.record({
      kernel: pair(1, 4),
      strides: pair(1, 3),
      dilations: pair(1, 2),
      pads: fc.tuple(pair(0, 2), pair(0, 2)),
      auto: fc.constantFrom(undefined, undefined, 'SAME_UPPER', 'SAME_LOWER', 'VALID'),
      group: fc.constantFrom(1, 2, 4),
      bias: fc.boolean(),
      type: fc.constantFrom('Conv', 'MaxPool', 'AveragePool'),
      batch: fc.integer({ min: 1, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(geometry, async (one) => {
        const { kernel, dilations, group, bias, type, batch, auto } = one
        // Pads of ONNX Runtime are at least 0.
        const strides = one.strides.map((by, i) => (auto ? Math.min(by, kernel[i]!) : by))
        const gaps = type !== 'AveragePool' && auto === undefined // as ONNX Runtime has them
        const pads = one.pads.flat().map((pad, i) => Math.min(pad, kernel[i % 2]! - 1))
        const window = {
          strides: ints(...strides),
          ...(gaps && { dilations: ints(...dilations) }),
          ...(auto ? { auto_pad: { string: auto } } : { pads: ints(...pads) }),
        }
        const model = drawn(17, (g, x) =>
          type === 'Conv'
            ? g.add(
                'Conv',
                [x, g.weights(8, 4 / group, ...kernel), ...(bias ? [g.weights(8)] : [])],
                { ...window, group: int(group) },
              )
            : g.add(type, [x], { ...window, kernel_shape: ints(...kernel) }),
        )
        const images = pixels(batch)
        const truth = await byOnnxRuntime(model, images)
        network = importOnnx(model, 'a drawing').eval()
        expect(apart(byLibtorch(network, images), truth)).toBeLessThan(2e-6)
        network.dispose()
      }),
      { numRuns: 30 },
    )
  })

  it('has a case', () => {
    const covered = new Set(Object.values(cases).flatMap(({ operators }) => operators))
    expect([...converters.keys()].filter((type) => !covered.has(type))).toEqual([])
  })
})
