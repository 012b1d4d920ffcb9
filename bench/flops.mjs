// What a network computes in a step, and what the machine computes at best: products of large square matrices.
import { keep, noGrad, ops, scope, Tensor, trace } from '@arcface/libtorch'

/** Of a tensor that belongs to somebody else. */
const shapeOf = (handle) => keep(new Tensor(handle)).shape

/** Floating-point operations of convolutions and linear layers, forward and backward, without the first input's gradient. */
export function stepFlops(backbone, batch) {
  let forward = 0
  let first = null
  const onCall = (name, [, weight], result) => {
    if (!/conv2d|linear/.test(name)) return
    const [, ...inside] = shapeOf(weight)
    const count = 2 * product(shapeOf(result)) * product(inside)
    first ??= count
    forward += count
  }
  const { training } = backbone
  backbone.eval()
  noGrad(() => scope(() => trace(onCall, () => backbone.call(ops.zeros([1, 3, 112, 112])))))
  backbone.train(training)
  return batch * (3 * forward - first)
}

/** Operations a second of 2048 x 2048 products, the best of ten. */
export function gemmPeak(precision) {
  const side = 2048
  return scope(() => {
    const a = ops.toDtype(ops.randn([side, side]), precision === 'bf16' ? 'bfloat16' : 'float32')
    const times = Array.from({ length: 10 }, () => {
      const start = performance.now()
      // One value of it: a GPU would only have been told of the product.
      scope(() => ops.narrow(ops.flatten(ops.mm(a, a)), 0, 0, 1).item())
      return performance.now() - start
    })
    return (2 * side ** 3) / (Math.min(...times) / 1000)
  })
}

const product = (shape) => shape.reduce((a, b) => a * b, 1)
