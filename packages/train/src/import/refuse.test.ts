import {
  type ModelProto,
  node,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '@arcface/onnx'
import { afterEach, describe, expect, it } from 'vitest'
import {
  apart,
  byLibtorch,
  byOnnxRuntime,
  Drawing,
  numbers,
  pixels,
} from './graphs.test.support.js'
import { type ImportedNetwork, importOnnx } from './index.js'

const { FLOAT, FLOAT16, UINT8 } = TensorProto_DataType
const ints = (...list: number[]) => ({ ints: list })

let network: ImportedNetwork | undefined
afterEach(() => network?.dispose())

/** A network of one thing behind a layer; `batch` is what the file declares. */
function drawn(
  draw: (graph: Drawing, x: string) => string,
  batch: number | string = 'batch',
): ModelProto {
  const graph = new Drawing(17, batch)
  return graph.embedding(draw(graph, graph.features()))
}
const refused = (model: ModelProto, ...parts: string[]) =>
  expect(() => importOnnx(model, 'x.onnx')).toThrow(
    expect.objectContaining({
      code: 'TRAIN_IMPORT',
      message: expect.stringMatching(new RegExp(['^x.onnx', ...parts].join('.*'), 's')),
    }),
  )

describe('a file for a fixed number of images', () => {
  it.each<[string, number, (g: Drawing, x: string) => string]>([
    ['in a shape', 1, (g, x) => g.add('Reshape', [x, g.integers([1, 256])])],
    ['in a shape with an open side', 4, (g, x) => g.add('Reshape', [x, g.integers([4, -1])])],
    [
      'in windows of each image',
      1,
      (g, x) => {
        const apart = g.add('Reshape', [x, g.integers([1, 4, 2, 4, 8])])
        const windows = g.add('Transpose', [apart], { perm: ints(0, 2, 1, 3, 4) })
        const rows = g.add('Reshape', [windows, g.integers([2, 128])])
        const layer = g.add('MatMul', [rows, g.weights(128, 6)])
        return g.add('Reshape', [layer, g.integers([1, 12])])
      },
    ],
    [
      'in a class token',
      1,
      (g, x) => {
        const rows = g.add('Reshape', [x, g.integers([1, 4, 64])])
        return g.add('Concat', [g.weights(1, 4, 1), rows], { axis: { int: 2 } })
      },
    ],
    ['in sides of one that go', 1, (g, x) => g.add('Squeeze', [g.add('GlobalMaxPool', [x])])],
  ])('is opened where it stands %s', async (_, batch, draw) => {
    const model = drawn(draw, batch)
    const images = pixels(4)
    network = importOnnx(model, 'x.onnx').eval()
    const truth = await byOnnxRuntime(model, images, { together: batch > 1 })
    expect(apart(byLibtorch(network, images), truth)).toBeLessThan(2e-6)
  })

  it.each<[string, (g: Drawing, x: string) => string, string[]]>([
    [
      'images become columns',
      (g, x) => {
        const row = g.add('Reshape', [x, g.integers([1, 256])])
        const product = g.add('Gemm', [row, g.weights(1, 5)], { transA: { int: 1 } })
        return g.add('Reshape', [product, g.integers([1, 1280])])
      },
      ['Gemm', 'not for several'],
    ],
    [
      'an image is two',
      (g, x) => g.add('Reshape', [x, g.integers([2, -1])]),
      ['makes \\[2, 128\\] of an image'],
    ],
    [
      'images are averaged',
      (g, x) => g.add('Sub', [x, g.add('ReduceMean', [x], { axes: ints(0) })]),
      ['alone than among others'],
    ],
  ])('is refused where %s', (_, draw, parts) => {
    refused(drawn(draw, 1), ...parts)
  })
})

describe('inputs and weights of other kinds', () => {
  it('an image of N x 112 x 112 x 3, and bytes', async () => {
    const g = new Drawing()
    const model = g.embedding(
      g.add('Conv', [g.x, g.weights(2, 3, 28, 28)], { strides: ints(28, 28) }),
    )
    const images = pixels(2).map((x) => Math.round(x * 127 + 128))
    const truth = await byOnnxRuntime(model, images)
    const graph = model.graph!
    const value = graph.input[0]!.type!.value
    if (value.case !== 'tensorType') throw new Error('no tensor')
    const turned = node('Transpose', ['float'], 'image', { perm: ints(0, 3, 1, 2) })
    graph.node.unshift(node('Cast', ['bytes'], 'float', { to: { int: FLOAT } }), turned)
    graph.input[0]!.name = 'bytes'
    value.value.elemType = UINT8
    value.value.shape!.dim.push(value.value.shape!.dim.splice(1, 1)[0]!)
    network = importOnnx(model, 'x.onnx').eval()
    expect(apart(byLibtorch(network, images), truth)).toBeLessThan(2e-6)
  })

  it('weights of half precision, and weights that are listed as inputs', async () => {
    const model = drawn((g, x) => g.add('Conv', [x, g.weights(4, 4, 1, 1)]))
    const [weight] = model.graph!.initializer.filter(({ name }) => name === 'w0')
    // 1, -2, 0.5, 2^-24, ... as their bits.
    const bits = Uint16Array.from(
      { length: 16 },
      (_, i) => [0x3c00, 0xc000, 0x3800, 0x0001][i % 4]!,
    )
    const values = Float32Array.from(bits, (_, i) => [1, -2, 0.5, 2 ** -24][i % 4]!)
    weight!.rawData = new Uint8Array(values.buffer)
    const truth = await byOnnxRuntime(model, pixels(1))
    weight!.rawData = new Uint8Array(bits.buffer)
    weight!.dataType = FLOAT16
    const listed = { ...model.graph!.input[0]!, name: 'w0' }
    model.graph!.input.push(listed)
    network = importOnnx(model, 'x.onnx').eval()
    expect(network.stateDict().get('w0')!.toFloat32Array()).toEqual(values)
    expect(apart(byLibtorch(network, pixels(1)), truth)).toBeLessThan(2e-6)
  })
})

describe('refused before anything runs', () => {
  const weights = (model: ModelProto) => model.graph!.initializer.find(({ name }) => name === 'w0')!
  const convolved = () => drawn((g, x) => g.add('Conv', [x, g.weights(4, 4, 1, 1)]))

  it.each<[string, () => ModelProto, string[]]>([
    [
      'an operator without a converter',
      () => drawn((g, x) => g.add('NonMaxSuppression', [x], {}, { name: 'the node' })),
      ['NonMaxSuppression "the node"', 'no converter', '7\\d operators', 'Conv, '],
    ],
    ['an operator of an object', () => drawn((g, x) => g.add('constructor', [x])), ['constructor']],
    [
      'an operator of others',
      () => {
        const model = drawn((g, x) => g.add('Gelu', [x]))
        for (const node of model.graph!.node)
          if (node.opType === 'Gelu') node.domain = 'com.microsoft'
        return model
      },
      ['com.microsoft.Gelu'],
    ],
    ...[
      'QLinearConv',
      'QuantizeLinear',
      'DequantizeLinear',
      'ConvInteger',
      'DynamicQuantizeLinear',
    ].map((type): [string, () => ModelProto, string[]] => [
      type,
      () => drawn((g, x) => g.add(type, [x, x, x])),
      [type, 'quantised', 'float32 original'],
    ]),
    ...['If', 'Loop', 'Scan'].map((type): [string, () => ModelProto, string[]] => [
      type,
      () => drawn((g, x) => g.add(type, [x])),
      [type, 'branches and loops'],
    ]),
    [
      'weights in another file',
      () => {
        const model = convolved()
        weights(model).dataLocation = TensorProto_DataLocation.EXTERNAL
        weights(model).externalData = [
          { $typeName: 'onnx.StringStringEntryProto', key: 'location', value: 'w.bin' },
        ]
        return model
      },
      ['another file'],
    ],
    [
      'a circle',
      () => {
        const model = convolved()
        const [pool] = model.graph!.node
        model.graph!.node.push({
          ...pool!,
          opType: 'Add',
          input: ['a', 'b'],
          output: ['b'],
          name: 'ring',
        })
        pool!.input = ['b']
        return model
      },
      ['Add "ring"', 'circle'],
    ],
    [
      'a name that nothing defines',
      () => drawn((g, x) => g.add('Add', [x, 'nowhere'])),
      ['Add', 'nothing defines', 'nowhere'],
    ],
    [
      'a name that two things define',
      () =>
        drawn((g, x) =>
          g.add('Identity', [g.add('Relu', [x], {}, { output: 'y' })], {}, { output: 'y' }),
        ),
      ['Identity', 'made twice'],
    ],
    [
      'an output that nothing makes',
      () => {
        const model = convolved()
        model.graph!.node.pop()
        return model
      },
      ['no node makes'],
    ],
    ['too few inputs', () => drawn((g, x) => g.add('Conv', [x])), ['Conv', 'no input 2']],
    [
      'weights that are not finite',
      () =>
        drawn((g, x) =>
          g.add('Conv', [
            x,
            g.constant(Float32Array.of(1, Number.NaN, 3, 4), [1, 4, 1, 1], 'sick'),
          ]),
        ),
      ['"sick"', 'NaN'],
    ],
    [
      'a shape that its bytes do not fill',
      () => {
        const model = convolved()
        weights(model).dims = [4n, 4n, 100_000n, 100_000n]
        return model
      },
      ['w0', '100000', '64 bytes'],
    ],
    [
      'a negative shape',
      () => {
        const model = convolved()
        weights(model).dims = [-4n, -4n]
        return model
      },
      ['w0', '-4'],
    ],
    [
      'weights of text',
      () => {
        const model = convolved()
        weights(model).dataType = TensorProto_DataType.STRING
        return model
      },
      ['w0', 'STRING'],
    ],
    [
      'more nodes than a network',
      () =>
        drawn((g, x) => {
          let y = x
          for (let i = 0; i < 60_000; i++) y = g.add('Relu', [y])
          return y
        }),
      ['60003 nodes', 'more than any network'],
    ],
    [
      'a result that is no embedding',
      () => {
        const g = new Drawing()
        g.output(g.features(), FLOAT)
        return g.model()
      },
      ['\\[1, 4, 8, 8\\]', 'an embedding is'],
    ],
    [
      'a window over nothing',
      () => drawn((g, x) => g.add('MaxPool', [x], { kernel_shape: ints(0, 2) })),
      ['MaxPool', 'window'],
    ],
    [
      'a stride of zero',
      () =>
        drawn((g, x) => g.add('MaxPool', [x], { kernel_shape: ints(2, 2), strides: ints(0, 1) })),
      ['MaxPool', '0, 1'],
    ],
    [
      'a shape that does not fit',
      () => drawn((g, x) => g.add('Reshape', [x, g.integers([-1, 7])])),
      ['Reshape', 'invalid'],
    ],
    [
      'pads by reflection',
      () =>
        drawn((g, x) =>
          g.add('Pad', [x, g.integers([0, 0, 1, 1, 0, 0, 1, 1])], { mode: { string: 'reflect' } }),
        ),
      ['Pad', 'reflect'],
    ],
  ])('%s', (_, model, parts) => refused(model(), ...parts))

  it('what has no weights, or lost them', () => {
    const bare = new Drawing(17, 'batch')
    refused(bare.embedding(bare.x), 'no weights')
    refused(
      drawn((g, x) => g.add('Mul', [x, g.constant(new Float32Array(4), [4, 1, 1])])),
      'one embedding of all images',
    )
  })

  const huge = 2 ** 20
  it.each<[string, (g: Drawing, x: string) => string]>([
    ['Expand', (g, x) => g.add('Expand', [x, g.integers([huge, 1, 4, 8, 8])])],
    ['Tile', (g, x) => g.add('Tile', [x, g.integers([1, huge, huge, 1])])],
    ['Pad', (g, x) => g.add('Pad', [x, g.integers([0, 0, huge, huge, 0, 0, 0, 0])])],
    [
      'ConstantOfShape',
      (g, x) => g.add('Add', [x, g.add('ConstantOfShape', [g.integers([huge, huge])])]),
    ],
    [
      'Range',
      (g, x) => {
        const [from, to, by] = [0, 2 ** 40, 1].map((value) =>
          g.constant(BigInt64Array.of(BigInt(value)), [], `n${value}`),
        )
        return g.add('Gather', [x, g.add('Range', [from!, to!, by!])])
      },
    ],
    [
      'Conv',
      (g, x) => g.add('Conv', [x, g.weights(4, 4, 1, 1)], { pads: ints(huge - 1, huge - 1, 0, 0) }),
    ],
    [
      'ConvTranspose',
      (g, x) =>
        g.add('ConvTranspose', [x, g.weights(4, 4, 1, 1)], { strides: ints(huge - 1, huge - 1) }),
    ],
    [
      'MaxPool',
      (g, x) =>
        g.add('MaxPool', [x], { kernel_shape: ints(1, 1), pads: ints(huge - 1, huge - 1, 0, 0) }),
    ],
    [
      'MatMul',
      (g, x) =>
        g.add('MatMul', [
          g.add('Reshape', [x, g.integers([-1, 256, 1])]),
          g.constant(numbers(300_000, 1), [1, 300_000]),
        ]),
    ],
    [
      'Add',
      (g, x) =>
        g.add('Add', [
          g.add('Reshape', [x, g.integers([-1, 256, 1])]),
          g.constant(numbers(300_000, 1), [1, 300_000]),
        ]),
    ],
    [
      'Concat',
      (g, x) => {
        let y = x
        for (let i = 0; i < 40; i++) y = g.add('Concat', [y, y], { axis: { int: 1 } })
        return y
      },
    ],
    [
      'Gather',
      (g, x) => {
        const list = g.integers(new Array<number>(1000).fill(0))
        return [1, 2, 3].reduce((y, axis) => g.add('Gather', [y, list], { axis: { int: axis } }), x)
      },
    ],
  ])('%s that would take all memory', (type, draw) => {
    refused(drawn(draw), type, 'it would make')
  })

  it('many nodes that together would', () => {
    const draw = (g: Drawing, x: string) => {
      const ones = g.add('ConstantOfShape', [g.integers([2 ** 13, 2 ** 12])]) // 2^25 numbers
      const same = Array.from({ length: 10 }).reduce<string>((y) => g.add('Identity', [y]), ones)
      return g.add('Add', [x, g.add('ReduceSum', [same])])
    }
    refused(drawn(draw), 'Identity', 'more numbers than any network')
    const wide = (g: Drawing, x: string) => {
      const rows = g.add('Expand', [
        g.add('Reshape', [x, g.integers([0, 1, 256])]),
        g.integers([1, 2 ** 17, 1]),
      ])
      return Array.from({ length: 40 }).reduce<string>((y) => g.add('Identity', [y]), rows)
    }
    refused(drawn(wide), 'Identity', 'more numbers than any network')
  })
})
