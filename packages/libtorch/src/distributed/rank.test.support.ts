// One rank of distributed.test.ts: runs the scenario that it is given and prints what came out as JSON.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { nn, ops, scope, type Tensor, tensor } from '../index.js'
import { readLaunch } from './environment.js'
import { initProcessGroup, type ProcessGroup } from './group.js'
import { GradientReducer } from './reducer.js'

const values = (one: Tensor) => [...one.toFloat32Array()]

/** A network with parameters in several buckets, the same on every rank. */
class Small extends nn.Module {
  readonly a = this.parameter('a', ops.reshape(ops.arange(0, 6, 1, 'float32'), [2, 3]))
  readonly b = this.parameter('b', tensor([0.5, -1]))
  override forward(x: Tensor): Tensor {
    const y = ops.add(ops.linear(x, this.a), this.b)
    return ops.sum(ops.mul(y, y))
  }
}

const scenarios: Record<string, (group: ProcessGroup) => unknown> = {
  collectives(group) {
    const own = tensor([group.rank + 1, -group.rank])
    const sum = values(group.allReduce(ops.clone(own)))
    const max = values(group.allReduce(ops.clone(own), 'max'))
    const transposed = ops.t(tensor([1, 2, 3, 4, 5, 6], [2, 3]))
    group.allReduce(transposed)
    const given = [tensor([group.rank, 7]), tensor([group.rank], [1], { dtype: 'int64' })]
    group.broadcast(given, 1)
    const rows = values(group.allGather(tensor([group.rank, 10 + group.rank], [1, 2])))
    group.barrier()
    group.set(`from-${group.rank}`, `grüß ${group.rank}`)
    return {
      sum,
      max,
      transposed: values(transposed),
      broadcast: [values(given[0]!), given[1]!.item()],
      rows,
      store: group.get(`from-${1 - group.rank}`),
      missing: group.has('nobody'),
    }
  },
  gather(group) {
    const own = tensor([group.rank + 1, 2], [1, 2])
    own.requiresGrad = true
    const all = group.gatherRows(own, 3)
    // Rank r multiplies row i by r + i + 1: the gradient of row i is the sum over r.
    const weights = tensor([group.rank + 1, group.rank + 2], [2, 1])
    ops.sum(ops.mul(all, weights)).backward()
    return { all: values(all), grad: values(own.grad!) }
  },
  reducer(group) {
    const network = new Small()
    const reducer = new GradientReducer(group, network.parameters(), { bucketBytes: 8 })
    const passes = [0, 1, 2].map((pass) =>
      scope(() => {
        for (const one of network.parameters()) one.grad = null
        const x = tensor([1 + group.rank, pass, -2, 0.5, group.rank, 3], [2, 3])
        reducer.backward(network.call(x))
        return network.parameters().map((one) => values(one.grad!))
      }),
    )
    reducer.dispose()
    return passes
  },
  lost(group) {
    if (group.rank === 1) process.kill(process.pid, 'SIGKILL')
    group.allReduce(tensor([1]))
    return 'not lost'
  },
  late(group) {
    if (group.rank === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000)
    else group.allReduce(tensor([1]))
    return 'not late'
  },
  alone: () => 'met',
  /** Another thread loads the library and ends. */
  async thread(group) {
    const library = createRequire(import.meta.url).resolve('@arcface/libtorch')
    const worker = new Worker(`import(${JSON.stringify(library)})`, { eval: true })
    await once(worker, 'exit')
    return values(group.allReduce(tensor([group.rank + 1])))
  },
}

const [name = '', timeout = '20000'] = process.argv.slice(2)
try {
  const group = initProcessGroup({
    backend: 'gloo',
    ...readLaunch(process.env)!,
    timeout: Number(timeout),
  })
  const result = await scenarios[name]!(group)
  group.destroy()
  process.stdout.write(JSON.stringify(result))
} catch (error) {
  const { code, message } = error as { code?: string; message: string }
  process.stdout.write(JSON.stringify({ code, message }))
}
