import { nn, noGrad, op, ops, scope, type Tensor, tensor, tensorOp, trace } from '@arcface/libtorch'
import { encodeModel } from '@arcface/onnx'
import fc from 'fast-check'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { buildOnnx } from './build.js'
import { converters } from './converters.js'

const SIDE = 8

type Weights = Record<string, Tensor>

/** A network whose forward pass is `body`; 4-D results are flattened, as an embedding must be. */
class Network extends nn.Module {
  constructor(
    readonly body: (x: Tensor, weights: Weights) => Tensor,
    readonly weights: Weights = {},
  ) {
    super()
    for (const [name, value] of Object.entries(weights)) this.parameter(name, value)
  }
  override forward(x: Tensor): Tensor {
    const result = this.body(x, this.weights)
    return result.shape.length === 2 ? result : ops.flatten(result, 1)
  }
}

const pixels = (batch: number): Float32Array =>
  Float32Array.from({ length: batch * 3 * SIDE * SIDE }, (_, i) =>
    Math.floor(128 + 128 * Math.sin(i * i + batch)),
  )

/** What libtorch makes of the pixels. */
function expected(module: nn.Module, batch: number): Float32Array {
  return noGrad(() =>
    scope(() => {
      const raw = tensor(pixels(batch), [batch, 3, SIDE, SIDE])
      return module.call(ops.div(ops.sub(raw, 127.5), 127.5)).toFloat32Array()
    }),
  )
}

async function open(module: nn.Module) {
  const session = await InferenceSession.create(
    encodeModel(buildOnnx(module, { inputSize: SIDE }).model),
    { logSeverityLevel: 3, intraOpNumThreads: 1 },
  )
  return async (batch: number) => {
    const input = new OrtTensor('float32', pixels(batch), [batch, 3, SIDE, SIDE])
    const { embedding } = await session.run({ input })
    return { data: embedding!.data as Float32Array, dims: embedding!.dims }
  }
}

function expectClose(actual: Float32Array, wanted: Float32Array): void {
  expect(actual.length).toBe(wanted.length)
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0.1)
  wanted.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(2e-6 * largest)
  })
}

const random = (...shape: number[]): Tensor => ops.randn(shape)

/** Each case says which operators it is about; the last test sees that every converter is among them. */
const cases: Record<string, { module: () => nn.Module; operators: string[] }> = {
  'a convolution, strided, padded, grouped, dilated': {
    operators: ['aten::conv2d'],
    module: () =>
      new Network((x, w) => ops.conv2d(x, w.a!, w.b, [2, 1], [1, 2], [1, 2], 3), {
        a: random(6, 1, 3, 3),
        b: random(6),
      }),
  },
  'a convolution by defaults': {
    operators: ['aten::conv2d'],
    module: () => new Network((x, w) => ops.conv2d(x, w.a!), { a: random(4, 3, 2, 2) }),
  },
  'our own convolution 3x3': {
    operators: ['arcface::conv2d_3x3'],
    module: () =>
      new nn.Sequential(new nn.Conv2d(3, 4, 3, { padding: 1, bias: false }), new nn.Flatten()),
  },
  'our own convolution in groups': {
    operators: ['arcface::grouped_conv2d'],
    module: () =>
      new nn.Sequential(
        new nn.Conv2d(3, 3, 3, { stride: 2, padding: 1, groups: 3, bias: false }),
        new nn.Flatten(),
      ),
  },
  'batch normalisation of images and of vectors': {
    operators: ['arcface::batch_norm'],
    module: () => {
      const [images, vectors] = [new nn.BatchNorm2d(3), new nn.BatchNorm1d(3 * SIDE * SIDE)]
      for (const one of [images, vectors]) {
        nn.init.uniform(one.runningVar, 0.5, 2)
        for (const other of [one.weight, one.bias, one.runningMean]) nn.init.normal(other)
      }
      return new nn.Sequential(images, new nn.Flatten(), vectors)
    },
  },
  'batch normalisation, an activation and a sum': {
    operators: ['arcface::batch_norm'],
    module: () => {
      const [norm, vectors] = [new nn.BatchNorm2d(3).eval(), new nn.BatchNorm1d(3).eval()]
      nn.init.normal(norm.weight)
      return new Network((x) => {
        const prelu = norm.followedBy({ activation: new nn.PReLU(3), residual: x }, x)
        const pooled = ops.meanDim(prelu, [2, 3])
        return vectors.followedBy({ activation: new nn.LeakyReLU(0.1) }, pooled)
      })
    },
  },
  'batch normalisation without scale and shift': {
    operators: ['aten::batch_norm'],
    module: () =>
      new Network(
        (x, w) =>
          ops.batchNorm(x, null, null, w.mean!, ops.abs(w.deviation!), false, 0.1, 0.02, false),
        { mean: random(3), deviation: random(3) },
      ),
  },
  'PReLU with a slope a channel, of images and of vectors': {
    operators: ['aten::prelu'],
    module: () =>
      new Network((x, w) => ops.prelu(ops.meanDim(ops.prelu(x, w.a!), [2, 3]), w.a!), {
        a: random(3),
      }),
  },
  'our own PReLU': {
    operators: ['arcface::prelu'],
    module: () => new Network((x, w) => tensorOp('arcface::prelu', x, w.a!), { a: random(3) }),
  },
  'PReLU with one slope': {
    operators: ['aten::prelu'],
    module: () => new Network((x, w) => ops.prelu(x, w.a!), { a: random(1) }),
  },
  'the activations': {
    operators: ['aten::relu', 'aten::leaky_relu', 'aten::sigmoid', 'aten::tanh', 'aten::exp'],
    module: () =>
      new Network((x) =>
        ops.add(
          ops.add(ops.relu(x), ops.leakyRelu(ops.sigmoid(x), 0.3)),
          ops.add(ops.leakyRelu(x), tensorOp('aten::tanh', ops.exp(x))),
        ),
      ),
  },
  'roots, signs and magnitudes': {
    operators: ['aten::sqrt', 'aten::neg', 'aten::abs'],
    module: () => new Network((x) => ops.neg(ops.sqrt(ops.abs(x)))),
  },
  'arithmetic of tensors': {
    operators: ['aten::add.Tensor', 'aten::sub.Tensor', 'aten::mul.Tensor', 'aten::div.Tensor'],
    module: () =>
      new Network(
        (x, w) => ops.div(ops.mul(ops.add(x, w.a!, 0.5), ops.sub(w.b!, x, 3)), ops.exp(x)),
        { a: random(3, 1, 1), b: random(SIDE) },
      ),
  },
  'arithmetic of tensors and numbers': {
    operators: ['aten::add.Tensor', 'aten::sub.Tensor', 'aten::mul.Tensor', 'aten::div.Tensor'],
    module: () => new Network((x) => ops.div(ops.mul(ops.sub(ops.add(x, 2, 3), 0.25), -1.5), 7)),
  },
  'the operators that take a number': {
    operators: ['aten::add.Scalar', 'aten::sub.Scalar', 'aten::mul.Scalar', 'aten::div.Scalar'],
    module: () =>
      new Network((x) => {
        const sum = tensorOp('aten::sub.Scalar', tensorOp('aten::add.Scalar', x, 2, 3), 0.25, 2)
        return tensorOp('aten::div.Scalar', tensorOp('aten::mul.Scalar', sum, -1.5), 7)
      }),
  },
  'the ways to flatten and reshape': {
    operators: ['aten::flatten.using_ints', 'aten::reshape', 'aten::view'],
    module: () =>
      new Network((x) => {
        const rows = ops.reshape(x, [-1, SIDE]) // the batch is folded into the first side
        const images = tensorOp('aten::view', rows, [x.shape[0]!, 3, SIDE, SIDE])
        const planes = ops.flatten(ops.flatten(images, 0, 1), 1)
        return ops.reshape(planes, [x.shape[0]!, -1])
      }),
  },
  'shapes with the images in another side, as attention has them': {
    operators: ['aten::reshape', 'aten::permute'],
    module: () =>
      new Network((x) => {
        const first = ops.permute(ops.flatten(x, 2), [1, 0, 2])
        const heads = ops.reshape(first, [3, x.shape[0]! * 4, 16])
        const back = ops.reshape(ops.mul(heads, heads), [3, x.shape[0]!, SIDE * SIDE])
        return ops.permute(back, [1, 0, 2])
      }),
  },
  'linear layers of vectors and of rows': {
    operators: ['aten::linear'],
    module: () =>
      new Network(
        (x, w) =>
          ops.linear(
            ops.linear(ops.flatten(ops.linear(ops.linear(x, w.rows!, w.shift), w.rows!), 1), w.a!),
            w.b!,
            w.bias,
          ),
        {
          rows: random(SIDE, SIDE),
          shift: random(SIDE),
          a: random(5, 3 * SIDE * SIDE),
          b: random(4, 5),
          bias: random(4),
        },
      ),
  },
  'products of matrices': {
    operators: ['aten::matmul', 'aten::mm', 'aten::bmm'],
    module: () =>
      new Network(
        (x, w) => {
          const planes = ops.flatten(ops.matmul(x, w.a!), 2)
          const grams = ops.bmm(planes, ops.transpose(planes, 1, -1))
          return ops.mm(ops.flatten(grams, 1), w.b!)
        },
        { a: random(SIDE, 5), b: random(9, 4) },
      ),
  },
  'changes of the order of sides': {
    operators: ['aten::permute', 'aten::transpose.int', 'aten::t'],
    module: () =>
      new Network((x) => {
        const turned = ops.transpose(ops.permute(x, [0, 2, -1, 1]), -1, 1)
        return ops.t(ops.t(ops.flatten(turned, 1)))
      }),
  },
  'averages over windows': {
    operators: ['aten::avg_pool2d', 'aten::adaptive_avg_pool2d'],
    module: () =>
      new Network((x) => {
        const padded = ops.avgPool2d(x, 3, 1, 1)
        const uncounted = ops.avgPool2d(padded, [3, 3], [1, 1], [1, 1], false, false)
        const scaled = ops.mul(uncounted, ops.adaptiveAvgPool2d(uncounted, 1))
        return ops.adaptiveAvgPool2d(ops.avgPool2d(scaled, 2), [2, 4])
      }),
  },
  'means over sides': {
    operators: ['aten::mean.dim'],
    module: () => new Network((x) => ops.meanDim(ops.meanDim(x, [-1], true), [2, 3])),
  },
  'an affine product, and a convolution the other way round': {
    operators: ['aten::addmm', 'aten::conv_transpose2d.input'],
    module: () =>
      new Network(
        (x, w) => {
          const wide = [x, w.kernel!, w.shift!, [2, 1], [1, 0], [1, 0], 3, [1, 2]]
          const up = tensorOp('aten::conv_transpose2d.input', ...wide)
          return ops.addmm(w.bias!, ops.flatten(ops.adaptiveAvgPool2d(up, 1), 1), w.a!, 0.5, 2)
        },
        { kernel: random(3, 2, 3, 2), shift: random(6), a: random(6, 4), bias: random(4) },
      ),
  },
  'largest values of windows, with gaps, past the end': {
    operators: ['aten::max_pool2d'],
    module: () =>
      new Network((x) => {
        const gaps = tensorOp('aten::max_pool2d', x, [3, 2], [2, 1], [1, 0], [1, 2])
        return tensorOp('aten::max_pool2d', gaps, [2, 2], [], 0, 1, true)
      }),
  },
  'activations of transformers and of small networks': {
    operators: ['aten::gelu', 'aten::erf', 'aten::hardswish', 'aten::softplus', 'aten::elu'],
    module: () =>
      new Network((x) => {
        const smooth = ops.add(tensorOp('aten::gelu', x), tensorOp('aten::gelu', x, 'tanh'))
        const hard = ops.add(tensorOp('aten::hardswish', ops.mul(x, 5)), tensorOp('aten::erf', x))
        const soft = ops.add(tensorOp('aten::softplus', x), tensorOp('aten::elu', x, 0.5))
        return ops.cat([smooth, hard, soft], 1)
      }),
  },
  'norms over sides': {
    operators: ['aten::layer_norm', 'aten::instance_norm', 'aten::softmax.int'],
    module: () =>
      new Network(
        (x, w) => {
          const rows = tensorOp('aten::layer_norm', x, [SIDE, SIDE], w.scale!, w.shift!, 1e-3)
          const plain = tensorOp('aten::layer_norm', x, [SIDE])
          const stats = [null, null, true, 0, 1e-3, false]
          const scaled = tensorOp('aten::instance_norm', x, w.a!, w.b!, ...stats)
          const bare = tensorOp('aten::instance_norm', x, null, null, ...stats)
          return ops.cat([rows, plain, ops.softmax(scaled, 1), ops.softmax(bare, -1)], -1)
        },
        {
          scale: random(SIDE, SIDE),
          shift: random(SIDE, SIDE),
          a: random(3),
          b: random(3),
        },
      ),
  },
  'reductions over sides': {
    operators: [
      'aten::sum.dim_IntList',
      'aten::linalg_vector_norm',
      'aten::amax',
      'aten::amin',
      'aten::cat',
    ],
    module: () =>
      new Network((x) =>
        ops.cat(
          [
            ops.sumDim(x, [1, 2]),
            ops.linalgVectorNorm(x, 1, [1, -1]),
            ops.flatten(ops.linalgVectorNorm(x, 2, [3], true), 1),
            tensorOp('aten::amax', x, [1, 3]),
            ops.flatten(tensorOp('aten::amin', x, [-2], true), 1),
          ],
          1,
        ),
      ),
  },
  'bounds, powers, logarithms and steps': {
    operators: [
      'aten::clamp',
      'aten::pow.Tensor_Scalar',
      'aten::pow.Tensor_Tensor',
      'aten::log',
      'aten::reciprocal',
      'aten::floor',
      'aten::ceil',
      'aten::maximum',
      'aten::minimum',
    ],
    module: () =>
      new Network((x) => {
        const bounded = ops.clamp(ops.clamp(ops.clamp(x, 0.2), null, 0.9), 0.3, 0.8)
        const powers = ops.pow(tensorOp('aten::pow.Tensor_Tensor', bounded, bounded), 1.7)
        const inverse = tensorOp('aten::reciprocal', ops.log(ops.add(powers, 1)))
        const scaled = ops.mul(inverse, 3.3)
        const steps = ops.add(tensorOp('aten::floor', scaled), tensorOp('aten::ceil', scaled))
        return ops.add(steps, ops.mul(ops.maximum(scaled, powers), ops.minimum(bounded, x)))
      }),
  },
  'parts, chosen and put together': {
    operators: [
      'aten::slice.Tensor',
      'aten::select.int',
      'aten::index_select',
      'aten::squeeze.dim',
      'aten::unsqueeze',
      'aten::repeat',
      'aten::constant_pad_nd',
    ],
    module: () =>
      new Network((x) => {
        const turned = ops.indexSelect(x, 1, tensor([2, 1, 0], [3], { dtype: 'int64' }))
        const part = ops.slice(ops.slice(turned, -1, 1, 7, 2), 2, -3)
        const row = ops.squeeze(ops.unsqueeze(ops.select(part, -1, 1), -1), 3)
        const same = ops.squeeze(row, 1) // a side of 3 stays
        const padded = tensorOp('aten::constant_pad_nd', part, [1, 0, 2, -1], 0.5)
        return ops.cat(
          [ops.flatten(tensorOp('aten::repeat', padded, [1, 2, 1, 3]), 1), ops.flatten(same, 1)],
          1,
        )
      }),
  },
  'a part that is the same for all images, and sides that are repeated': {
    operators: ['aten::expand', 'aten::cat'],
    module: () =>
      new Network(
        (x, w) => {
          const tokens = ops.flatten(x, 2)
          const token = ops.expand(w.token!, [x.shape[0]!, 1, SIDE * SIDE])
          const list = ops.expand(w.list!, [x.shape[0]!, 2, SIDE * SIDE])
          const wide = ops.expand(ops.meanDim(x, [3], true), [-1, -1, -1, SIDE])
          return ops.cat([token, tokens, list, ops.flatten(wide, 2)], 1)
        },
        { token: random(1, 1, SIDE * SIDE), list: random(2, SIDE * SIDE) },
      ),
  },
  choices: {
    operators: ['aten::where.self', 'aten::eq.Tensor', 'aten::to.dtype'],
    module: () =>
      new Network(
        (x, w) => {
          const fixed = ops.where(ops.gt(w.a!, 0), x, ops.neg(x))
          const zero = ops.eq(tensorOp('aten::floor', fixed), 0)
          return ops.add(ops.where(zero, fixed, ops.mul(x, 3)), ops.toDtype(zero, 'float32'))
        },
        { a: random(SIDE) },
      ),
  },
  'what changes nothing': {
    operators: [
      'aten::dropout',
      'aten::contiguous',
      'aten::clone',
      'aten::detach',
      'aten::to.dtype',
      'aten::to.device',
    ],
    module: () =>
      new Network((x) => {
        const same = ops.toDtype(ops.clone(ops.contiguous(x, 'channels_last')), 'float64')
        return ops.dropout(ops.to(same.detach(), 'cpu', 'float32'), 0.5, false)
      }),
  },
  'constants made on the way': {
    operators: ['aten::mul.Tensor'],
    module: () =>
      new Network((x, w) => ops.mul(x, ops.add(ops.t(w.a!), tensor([1, 2, 3, 4, 5, 6, 7, 8]))), {
        a: random(SIDE, SIDE),
      }),
  },
}

describe('each converter agrees with libtorch', () => {
  it.each(Object.keys(cases))('%s', async (name) => {
    const module = cases[name]!.module().eval()
    const seen = new Set<string>()
    trace(
      (called) => seen.add(called),
      () => expected(module, 1),
    )
    for (const operator of cases[name]!.operators) expect(seen).toContain(operator)
    const run = await open(module)
    for (const batch of [1, 3, 5]) {
      const wanted = expected(module, batch)
      const { data, dims } = await run(batch)
      expect(dims).toEqual([batch, wanted.length / batch])
      expectClose(data, wanted)
    }
    module.dispose()
  })

  it('has a case for every converter', () => {
    const covered = new Set(Object.values(cases).flatMap(({ operators }) => operators))
    expect([...converters.keys()].filter((name) => !covered.has(name))).toEqual([])
  })

  it('convolutions and pools of any geometry, any batch', async () => {
    const geometry = fc.record({
      kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      padding: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
      groups: fc.constantFrom(1, 3),
      batch: fc.integer({ min: 1, max: 9 }),
    })
    await fc.assert(
      fc.asyncProperty(geometry, async ({ kernel, stride, padding, groups, batch }) => {
        const half = padding.map((side, i) => Math.min(side, Math.floor(kernel[i]! / 2)))
        const module = new Network(
          (x, w) =>
            ops.conv2d(ops.avgPool2d(x, kernel, 1, half), w.a!, null, stride, padding, 1, groups),
          { a: random(6, 3 / groups, 2, 2) },
        )
        const run = await open(module)
        expectClose((await run(batch)).data, expected(module, batch))
        module.dispose()
      }),
      { numRuns: 25 },
    )
  })
})

describe('what a graph cannot say', () => {
  const refused = (module: nn.Module) => () => buildOnnx(module, { inputSize: SIDE })
  const error = (...parts: string[]) =>
    expect.objectContaining({
      code: 'TRAIN_EXPORT',
      message: expect.stringMatching(new RegExp(parts.join('.*'))),
    })
  it.each<[string, (x: Tensor, w: Weights) => Tensor, string[]]>([
    [
      'an operator without a converter',
      (x) => tensorOp('aten::cumsum', x, 1),
      ['aten::cumsum', 'converters.ts'],
    ],
    ['several results', (x) => (op('aten::max.dim', x, 1) as Tensor[])[0]!, ['aten::max.dim']],
    [
      'a change in place',
      (x) => ops.add_(ops.clone(x), 1),
      ['aten::add_.Tensor', 'in place', 'without the underscore'],
    ],
    ['dropout in training mode', (x) => ops.dropout(x, 0.5, true), ['dropout', 'eval mode']],
    [
      'batch statistics',
      (x) => ops.batchNorm(x, null, null, null, null, true, 0.1, 1e-5, false),
      ['batch_norm', 'eval mode'],
    ],
    ['integers', (x) => ops.toDtype(x, 'int64'), ['to.dtype', 'int64']],
    ['unequal windows', (x) => ops.adaptiveAvgPool2d(x, 3), ['8 x 8', '3 x 3']],
    ['a norm of another power', (x) => ops.linalgVectorNorm(x, 3, [1, 2]), ['power 3']],
    [
      'a sum of all',
      (x) => ops.mul(x, op('aten::sum.dim_IntList', x, []) as Tensor),
      ['dimensions'],
    ],
    ['a scaled ELU', (x) => tensorOp('aten::elu', x, 1, 2), ['elu', 'negatives']],
    ['a steeper softplus', (x) => tensorOp('aten::softplus', x, 2), ['softplus', 'beta']],
    ['copies along new sides', (x) => tensorOp('aten::repeat', x, [2, 1, 1, 1, 1]), ['adds sides']],
    [
      'indices that depend on the input',
      (x) => ops.indexSelect(x, 1, ops.toDtype(ops.meanDim(x, [0, 2, 3]), 'int64')),
      ['to.dtype', 'int64'],
    ],
    ['ceil_mode', (x) => ops.avgPool2d(x, 3, 2, 0, true), ['ceil_mode']],
    ['divisor_override', (x) => ops.avgPool2d(x, 2, 2, 0, false, true, 3), ['divisor_override']],
    [
      'a slope that depends on the input',
      (x) => ops.prelu(x, ops.meanDim(x, [0, 2, 3])),
      ['depends'],
    ],
    ['a batch in a shape', (x) => ops.reshape(x, [1, x.shape[0]!, -1]), ['1, 384', 'images']],
    [
      'a batch in the inner shape',
      (x) => ops.reshape(ops.reshape(x, [3, x.shape[0]!, -1]), [x.shape[0]!, -1]),
      ['node 3', 'batch'],
    ],
    ['chance', (x) => ops.mul(x, ops.rand([SIDE])), ['node 2', 'chance']],
    [
      'values read into JavaScript',
      (x) => ops.mul(x, tensor(x.toFloat32Array().slice(0, SIDE))),
      ['node 2', 'JavaScript'],
    ],
    ['a constant output', (x) => ops.ones([x.shape[0]!, 4]), ['does not depend']],
    ['weights that are not finite', (x) => ops.mul(x, tensor([Number.NaN])), ['constant', 'NaN']],
  ])('%s', (_, body, parts) => {
    expect(refused(new Network(body))).toThrow(error(...parts))
  })
})
