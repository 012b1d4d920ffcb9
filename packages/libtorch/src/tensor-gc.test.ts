import { createRequire } from 'node:module'
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { add, reshape, zeros } from './generated/ops.js'
import { values } from './numeric.test.support.js'
import { liveTensors, scope, tensor } from './tensor.js'

describe('the garbage collector', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  /** Node runs finalizers between turns of its loop. */
  const settle = async () => {
    for (let i = 0; i < 5; i++) {
      collect()
      await turn()
    }
  }

  it('frees tensors that nobody holds', async () => {
    await settle()
    const before = liveTensors()
    const held = tensor([1])
    ;(() => {
      for (let i = 0; i < 1000; i++) add(held, i)
    })()
    expect(liveTensors() - before).toBeGreaterThan(900)
    await settle()
    expect(liveTensors() - before).toBe(1)
    expect(held.item()).toBe(1)
  })

  /** Full collections, and the most tensors alive at once, while `make` runs again and again. */
  async function whileMaking(make: () => unknown): Promise<{ collections: number; most: number }> {
    await settle()
    const full: number[] = []
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { detail: { kind: number } }[])
        full.push(Number(entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR))
    })
    observer.observe({ entryTypes: ['gc'] })
    const before = liveTensors()
    let most = 0
    for (let i = 0; i < 384; i++) {
      make()
      most = Math.max(most, liveTensors() - before)
      await turn()
    }
    observer.disconnect()
    return { collections: full.reduce((sum, one) => sum + one, 0), most }
  }
  const large = () => zeros([2 ** 22]) // 16 MiB; 384 of them are 6 GiB

  it('is told the size: it comes by itself long before all memory is taken', async () => {
    const { collections, most } = await whileMaking(large)
    expect(most).toBeLessThan(128)
    expect(collections).toBeGreaterThan(3)
  })

  it('is told once of a memory that many tensors share', async () => {
    const whole = large()
    const { collections, most } = await whileMaking(() => reshape(whole, [2, -1]))
    expect(most).toBe(384)
    expect(collections).toBeLessThan(2)
    whole.dispose()
  })

  it('is not called for what scopes free', async () => {
    const { collections, most } = await whileMaking(() => scope(() => void large()))
    expect(most).toBe(0)
    expect(collections).toBeLessThan(2)
  })

  it('leaves a shared array alone as long as a tensor reads it, and no longer', async () => {
    const [shared, array] = (() => {
      const own = Float32Array.from({ length: 1000 }, (_, i) => i)
      return [tensor(own, [1000], { share: true }), new WeakRef(own)]
    })()
    await settle()
    expect(array.deref()).toBeDefined()
    expect(values(shared)[999]).toBe(999)
    shared.dispose()
    await settle()
    expect(array.deref()).toBeUndefined()
  })

  it('frees the tensors of a thread that ends', async () => {
    await settle()
    const before = liveTensors()
    const library = createRequire(import.meta.url).resolve('@arcface/libtorch')
    const worker = new Worker(
      `import(${JSON.stringify(library)}).then(({ ops, keep }) => {
         const made = [ops.ones([9]), keep(ops.ones([9]))]
         require('node:worker_threads').parentPort.postMessage(made[0].size)
       })`,
      { eval: true },
    )
    const [size] = await Promise.all([
      new Promise((done) => worker.once('message', done)),
      new Promise((done) => worker.once('exit', done)),
    ])
    expect(size).toBe(9)
    expect(liveTensors()).toBe(before)
  })
})
