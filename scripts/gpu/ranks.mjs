// A group of one rank: collectives and PyTorch's Reducer by NCCL on CUDA, by Gloo on the CPU. node scripts/gpu/ranks.mjs FILE DEVICE
import { backends, GradientReducer, initProcessGroup, ops } from '@arcface/libtorch'

const [masterFile, device] = process.argv.slice(2)
const backend = device.startsWith('cuda') ? 'nccl' : 'gloo'
if (!backends().includes(backend)) {
  console.log(
    `RESULT none: this build has no ${backend} (it has: ${backends().join(', ') || 'none'})`,
  )
  process.exit(device === 'cpu' ? 0 : 1)
}
const place = { rank: 0, worldSize: 1, masterAddr: '127.0.0.1', masterPort: 29_500, masterFile }
const group = initProcessGroup({ backend, ...place, timeout: 60_000 })
const weight = ops.full([3], 2, 'float32', null, device)
weight.requiresGrad = true
group.broadcast([weight.detach()])
const sum = group.allReduce(ops.full([2], 5, 'float64', null, device))
const rows = group.allGather(ops.full([2, 3], 1, 'float32', null, device))
const reducer = new GradientReducer(group, [weight])
reducer.backward(ops.sum(ops.mul(weight, weight)))
group.barrier()
const found = [...sum.toTypedArray(), ...rows.shape, ...weight.grad.toFloat32Array()]
reducer.dispose()
group.destroy()
if (found.join() !== [5, 5, 2, 3, 4, 4, 4].join()) throw new Error(`${backend} gives ${found}`)
console.log(`RESULT ${backend}: sum, gather, broadcast, Reducer, barrier are right`)
