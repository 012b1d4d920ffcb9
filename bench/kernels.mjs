// Kernels of our own beside libtorch's for the same formula, in turns in one process, at a layer of a training
// step (64 x 64 x 56 x 56). node bench/kernels.mjs
import { grad, keepMemory, ops, scope, setNumThreads, torchVersion } from '@arcface/libtorch'
import { median, record } from './harness.mjs'

const shape = [64, 64, 56, 56]
const threads = 2
const rounds = 11
setNumThreads(threads)
keepMemory()

function compare(dtype, memoryFormat) {
  const make = () => ops.contiguous(ops.toDtype(ops.randn(shape), dtype), memoryFormat)
  const [x, given] = [make(), make()]
  const slopes = ops.full([shape[1]], 0.25, 'float32')
  // aten::prelu of libtorch 1.13 wants slopes of the input's dtype.
  const cast = ops.toDtype(slopes, dtype)
  for (const one of [x, slopes, cast]) one.requiresGrad = true
  const contestants = [
    [() => ops.fusedPrelu(x, slopes), slopes],
    [() => ops.prelu(x, cast), cast],
  ]
  const times = contestants.map(() => ({ forward: [], backward: [] }))
  for (let round = 0; round <= rounds; round++)
    for (const [i, [forward, weight]] of contestants.entries())
      scope(() => {
        const start = performance.now()
        const y = forward()
        const between = performance.now()
        grad([y], [x, weight], { gradients: [given] })
        if (round === 0) return
        times[i].forward.push(between - start)
        times[i].backward.push(performance.now() - between)
      })
  const [ours, aten] = times.map((one) => ({
    forward: median(one.forward),
    backward: median(one.backward),
  }))
  const row = {
    operator: 'prelu',
    dtype,
    memory_format: memoryFormat,
    ours_forward_ms: ours.forward.toFixed(2),
    aten_forward_ms: aten.forward.toFixed(2),
    forward_ratio: (aten.forward / ours.forward).toFixed(2),
    ours_backward_ms: ours.backward.toFixed(2),
    aten_backward_ms: aten.backward.toFixed(2),
    backward_ratio: (aten.backward / ours.backward).toFixed(2),
  }
  record('kernels', { libtorch: torchVersion, threads, shape: shape.join('x'), ...row })
  return row
}

const rows = []
for (const dtype of ['float32', 'bfloat16'])
  for (const memoryFormat of ['channels_last', 'contiguous_format'])
    rows.push(scope(() => compare(dtype, memoryFormat)))
console.table(rows)
