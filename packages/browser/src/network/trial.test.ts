import type { Network, Tensors } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { nearBoxes, nearEmbeddings, Trial } from './trial.js'

const tensors = (...values: number[]): Tensors => ({
  y: { dims: [1, values.length], data: Float32Array.from(values) },
})

/** Milliseconds; only runs let it pass. */
let clock = 0
const now = () => clock

/** Gives `answer` of its input's first value, in so many milliseconds. */
function network(answer: (x: number) => Tensors, milliseconds: number) {
  const seen = { runs: 0, isClosed: false }
  const one: Network = {
    name: 'one.onnx',
    inputs: ['x'],
    outputs: ['y'],
    shape: [1, 2],
    parallel: 1,
    async run({ x }) {
      seen.runs++
      clock += milliseconds
      const answered = answer(x!.data[0]!)
      // As a runtime that moves what it is given.
      structuredClone(x!.data, { transfer: [x!.data.buffer] })
      return answered
    },
    async close() {
      seen.isClosed = true
    },
  }
  return { one, seen }
}
const given = (x: number): Tensors => ({ x: { dims: [1, 2], data: Float32Array.of(x, 1) } })

describe('a network by WebAssembly and by WebGPU', () => {
  const right = (x: number) => tensors(x, 2)

  it('keeps to WebGPU where that is faster and gives the same', async () => {
    const [wasm, webgpu] = [network(right, 40), network(right, 1)]
    const trial = new Trial(wasm.one, webgpu.one, nearEmbeddings)
    expect(await trial.run(given(3))).toEqual(right(3))
    expect(webgpu.seen.runs).toBe(0)
    const report = await trial.settle(now)
    expect(report).toMatchObject({
      name: 'one.onnx',
      device: 'webgpu',
      reason: 'WebGPU is faster',
      wasm: 40,
      webgpu: 1,
    })
    const before = wasm.seen.runs
    expect(await trial.run(given(4))).toEqual(right(4))
    expect(wasm.seen.runs).toBe(before)
    await trial.close()
    expect([wasm.seen.isClosed, webgpu.seen.isClosed]).toEqual([true, true])
  })

  it.each([
    ['is slower', right, 40, /WebAssembly is faster/],
    ['gives something else', (x: number) => tensors(2, x), 0, /something else: y: its cosine is 0/],
    ['gives no number', () => tensors(Number.NaN, 2), 0, /something else/],
    ['gives less', () => tensors(1), 0, /y is missing/],
    [
      'fails',
      () => {
        throw new Error('no memory')
      },
      0,
      /WebGPU fails: no memory/,
    ],
  ])('keeps to WebAssembly where WebGPU %s', async (_, answer, milliseconds, reason) => {
    const [wasm, webgpu] = [network(right, 1), network(answer, milliseconds)]
    const trial = new Trial(wasm.one, webgpu.one, nearEmbeddings)
    await trial.run(given(0))
    const report = await trial.settle(now)
    expect(report).toMatchObject({ device: 'wasm', reason: expect.stringMatching(reason) })
    expect(webgpu.seen.isClosed).toBe(true)
    expect(await trial.run(given(5))).toEqual(right(5))
  })

  it('keeps to WebAssembly where the warm-up gave it nothing to do', async () => {
    const trial = new Trial(network(right, 9).one, network(right, 0).one, nearEmbeddings)
    expect(await trial.settle(now)).toMatchObject({
      device: 'wasm',
      reason: expect.stringMatching(/warm-up/),
    })
  })

  it('is tried on the largest input of the warm-up', async () => {
    const sizes: number[] = []
    const one = network(right, 1).one
    const watched: Network = {
      ...one,
      run: (inputs) => {
        sizes.push(inputs.x!.data.length)
        return one.run(inputs)
      },
    }
    const trial = new Trial(one, watched, nearEmbeddings)
    for (const length of [2, 8, 4]) {
      const data = new Float32Array(length).fill(1)
      await trial.run({ x: { dims: [1, length], data } })
    }
    await trial.settle(now)
    expect(new Set(sizes)).toEqual(new Set([8]))
  })

  it('goes back to WebAssembly once the graphics processor is taken away', async () => {
    let isThere = true
    const lost = (x: number) => {
      if (isThere) return right(x)
      throw new Error('device lost')
    }
    const [wasm, webgpu] = [network(right, 30), network(lost, 0)]
    const trial = new Trial(wasm.one, webgpu.one, nearEmbeddings)
    await trial.run(given(1))
    expect((await trial.settle(now)).device).toBe('webgpu')
    isThere = false
    expect(await trial.run(given(6))).toEqual(right(6))
    const before = webgpu.seen.runs
    expect(await trial.run(given(7))).toEqual(right(7))
    expect(webgpu.seen.runs).toBe(before)
  })
})

describe('what is near', () => {
  it('is an embedding at a cosine of 0.9999, whatever its length', () => {
    const turned = (angle: number) => tensors(5 * Math.cos(angle), 5 * Math.sin(angle))
    expect(nearEmbeddings(tensors(1, 0), turned(Math.acos(0.99995)))).toBeNull()
    expect(nearEmbeddings(tensors(1, 0), turned(Math.acos(0.9998)))).toMatch(/cosine is 0\.9997/)
  })

  it('is a box a twentieth of a pixel away, in 640', () => {
    expect(nearBoxes(tensors(640, 320), tensors(640, 320.04))).toBeNull()
    expect(nearBoxes(tensors(640, 320), tensors(640, 320.06))).toMatch(/off/)
    expect(nearBoxes(tensors(0.9, 0.1), tensors(0.9, Number.NaN))).toMatch(/off/)
  })
})
