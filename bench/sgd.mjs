// Clipping and SGD over the parameters of the published backbones: our two passes beside libtorch's foreach operators,
// in turns in one process. node bench/sgd.mjs [backbone ...]
import {
  keepMemory,
  noGrad,
  ops,
  optim,
  scope,
  setNumThreads,
  torchVersion,
} from '@arcface/libtorch'
import { createBackbone } from '@arcface/train'
import { median, record } from './harness.mjs'

const [threads, rounds, most] = [2, 21, 5]
const rule = { lr: 1e-4, momentum: 0.9, weightDecay: 5e-4 }
setNumThreads(threads)
keepMemory()

/** clip_grad_norm_ and SGD as PyTorch makes them of foreach operators. */
function foreach(params, velocities) {
  const grads = params.map(({ grad }) => grad)
  const norm = ops.linalgVectorNorm(ops.stack(ops.foreachNorm(grads, 2))).item()
  ops.foreachMulScalar_(grads, Math.min(1, most / (norm + 1e-6)))
  ops.foreachAdd_(grads, params, rule.weightDecay)
  ops.foreachMulScalar_(velocities, rule.momentum)
  ops.foreachAdd_(velocities, grads)
  ops.foreachAdd_(params, velocities, -rule.lr)
}

function compare(backbone) {
  const named = [...createBackbone(backbone).namedParameters()]
  const params = named.map(([, param]) => param)
  const sgd = new optim.SGD([{ params: named }], rule)
  const velocities = params.map((param) => ops.zerosLike(param))
  const contestants = [
    () => {
      const scale = optim.clipScale(optim.gradNorm(params), most)
      sgd.step(() => scale)
    },
    () => foreach(params, velocities),
  ]
  const times = contestants.map(() => [])
  for (let round = 0; round <= rounds; round++)
    for (const [i, step] of contestants.entries())
      scope(() => {
        for (const param of params) param.grad = ops.full(param.shape, 1e-3)
        const start = performance.now()
        noGrad(step)
        if (round > 0) times[i].push(performance.now() - start)
      })
  const [ours, aten] = times.map(median)
  const row = {
    backbone,
    tensors: params.length,
    values: params.reduce((sum, { size }) => sum + size, 0),
    ours_ms: ours.toFixed(2),
    foreach_ms: aten.toFixed(2),
    ratio: (aten / ours).toFixed(2),
  }
  record('sgd', { libtorch: torchVersion, threads, ...row })
  return row
}

const given = process.argv.slice(2)
const backbones = given.length > 0 ? given : ['mobilefacenet', 'r18', 'r50']
console.table(backbones.map((backbone) => scope(() => compare(backbone))))
