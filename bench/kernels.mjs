// Kernels of our own beside libtorch's for the same formula, in turns in one process, at layers of a training step of
// 32 images. node bench/kernels.mjs [operator]
import {
  grad,
  keepMemory,
  noGrad,
  ops,
  scope,
  setNumThreads,
  torchVersion,
} from '@arcface/libtorch'
import { median, record } from './harness.mjs'

const threads = 2
const rounds = 11
setNumThreads(threads)
keepMemory()

const leaf = (tensor) => {
  tensor.requiresGrad = true
  return tensor
}

/** BatchNorm and PReLU: what our operator takes of them, ATen's way, and what wants gradients. */
function norms(channels, dtype) {
  const slopes = leaf(ops.full([channels], 0.25, 'float32'))
  const [weight, bias] = [leaf(ops.ones([channels])), leaf(ops.zeros([channels]))]
  const [mean, variance] = [ops.zeros([channels]), ops.ones([channels])]
  return {
    ours: [weight, bias, mean, variance, slopes, null, 0.1, 1e-5],
    aten: (x) =>
      ops.prelu(
        ops.batchNorm(x, weight, bias, mean, variance, true, 0.1, 1e-5, true),
        ops.toDtype(slopes, dtype),
      ),
    wanted: [weight, bias, slopes],
  }
}

const convolution = (group, stride) => (x, dtype) => {
  const channels = x.shape[1]
  const weight = leaf(ops.toDtype(ops.randn([channels, group, 3, 3]), dtype))
  return {
    ours: [() => ops.groupedConv2d(x, weight, stride, 1, channels / group), weight],
    aten: [() => ops.conv2d(x, weight, null, stride, 1, 1, channels / group), weight],
  }
}

/** Each operator: ours and ATen's way to the same values, with the tensors that want gradients. */
const operators = {
  prelu(x, dtype) {
    const slopes = leaf(ops.full([x.shape[1]], 0.25, 'float32'))
    // aten::prelu of libtorch 1.13 wants slopes of the input's dtype.
    const cast = leaf(ops.toDtype(slopes.detach(), dtype))
    return {
      ours: [() => ops.fusedPrelu(x, slopes), slopes],
      aten: [() => ops.prelu(x, cast), cast],
    }
  },
  'batch_norm, prelu'(x, dtype) {
    const channels = x.shape[1]
    const slopes = leaf(ops.full([channels], 0.25, 'float32'))
    const cast = leaf(ops.toDtype(slopes.detach(), dtype))
    const [weight, bias] = [leaf(ops.ones([channels])), leaf(ops.zeros([channels]))]
    const [mean, variance] = [ops.zeros([channels]), ops.ones([channels])]
    const norm = () => ops.batchNorm(x, weight, bias, mean, variance, true, 0.1, 1e-5, true)
    return {
      ours: [
        () => ops.fusedBatchNorm(x, weight, bias, mean, variance, slopes, null, true, 0.1, 1e-5),
        ...[weight, bias, slopes],
      ],
      aten: [() => ops.prelu(norm(), cast), weight, bias, cast],
    }
  },
  'conv 1x1, batch_norm, prelu'(x, dtype) {
    const channels = x.shape[1]
    const weight = leaf(ops.mul(ops.randn([channels, channels, 1, 1]), channels ** -0.5))
    const cast = leaf(ops.toDtype(weight.detach(), dtype))
    const norm = norms(channels, dtype)
    return {
      ours: [() => ops.pointwiseNorm(x, weight, ...norm.ours), weight, ...norm.wanted],
      aten: [() => norm.aten(ops.conv2d(x, cast, null)), cast, ...norm.wanted],
    }
  },
  'conv 3x3, groups of 2': convolution(2, 1),
  'conv 3x3, depthwise': convolution(1, 1),
  'conv 3x3, depthwise, stride 2': convolution(1, 2),
}

function compare(operator, shape, dtype, memoryFormat) {
  const make = (of) => ops.contiguous(ops.toDtype(ops.randn(of), dtype), memoryFormat)
  const x = leaf(make(shape))
  const { ours, aten } = operators[operator](x, dtype)
  const given = make(noGrad(ours[0]).shape)
  const times = [ours, aten].map(() => ({ forward: [], backward: [] }))
  for (let round = 0; round <= rounds; round++)
    for (const [i, [forward, ...weights]] of [ours, aten].entries())
      scope(() => {
        const start = performance.now()
        const y = forward()
        const between = performance.now()
        grad([y], [x, ...weights], { gradients: [given] })
        if (round === 0) return
        times[i].forward.push(between - start)
        times[i].backward.push(performance.now() - between)
      })
  const [mine, theirs] = times.map((one) => ({
    forward: median(one.forward),
    backward: median(one.backward),
  }))
  const row = {
    operator,
    dtype,
    memory_format: memoryFormat,
    ours_forward_ms: mine.forward.toFixed(2),
    aten_forward_ms: theirs.forward.toFixed(2),
    forward_ratio: (theirs.forward / mine.forward).toFixed(2),
    ours_backward_ms: mine.backward.toFixed(2),
    aten_backward_ms: theirs.backward.toFixed(2),
    backward_ratio: (theirs.backward / mine.backward).toFixed(2),
  }
  record('kernels', { libtorch: torchVersion, threads, shape: shape.join('x'), ...row })
  return { shape: shape.join('x'), ...row }
}

const big = [32, 128, 56, 56]
const cases = [
  ['prelu', big, 'channels_last'],
  ['prelu', big, 'contiguous_format'],
  ['batch_norm, prelu', big, 'channels_last'],
  ['batch_norm, prelu', [32, 64, 112, 112], 'channels_last'],
  ['batch_norm, prelu', [32, 256, 14, 14], 'channels_last'],
  ['conv 1x1, batch_norm, prelu', big, 'channels_last'],
  ['conv 1x1, batch_norm, prelu', [32, 128, 28, 28], 'channels_last'],
  ['conv 1x1, batch_norm, prelu', [32, 256, 14, 14], 'channels_last'],
  ['conv 3x3, groups of 2', big, 'channels_last'],
  ['conv 3x3, depthwise', [32, 128, 28, 28], 'channels_last'],
  ['conv 3x3, depthwise', [32, 256, 14, 14], 'channels_last'],
  ['conv 3x3, depthwise, stride 2', big, 'channels_last'],
]
const wanted = process.argv[2] ?? ''
const rows = []
for (const dtype of ['float32', 'bfloat16'])
  for (const [operator, shape, memoryFormat] of cases.filter(([name]) => name.startsWith(wanted)))
    rows.push(scope(() => compare(operator, shape, dtype, memoryFormat)))
console.table(rows)
