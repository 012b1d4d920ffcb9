import { describe, expect, it } from 'vitest'
import { ops, scope, startProfile, stopProfile, type TorchError, tensor } from './index.js'

const now = () => Number(process.hrtime.bigint()) / 1000

const compute = () =>
  scope(() => {
    const x = tensor(new Float32Array(64 * 64).fill(0.5), [64, 64])
    x.requiresGrad = true
    ops.sum(ops.linear(x, x)).backward()
  })

describe('a profile', () => {
  it('has the operators, those that they call within them, and the nodes of backward', () => {
    const before = now()
    startProfile()
    compute()
    const spans = stopProfile()
    const after = now()
    compute()
    const one = (name: string) => spans.find((span) => span.name === name)!
    const [outer, inner] = [one('aten::linear'), one('aten::matmul') ?? one('aten::mm')]
    expect(outer.start).toBeLessThanOrEqual(inner.start)
    expect(outer.end).toBeGreaterThanOrEqual(inner.end)
    expect(outer.backward).toBe(false)
    const node = spans.find(({ name, backward }) => backward && name.includes('MmBackward'))!
    expect(node.start).toBeGreaterThanOrEqual(outer.end)
    for (const { start, end } of spans) {
      expect(start).toBeGreaterThanOrEqual(before)
      expect(end).toBeLessThanOrEqual(after)
      expect(end).toBeGreaterThanOrEqual(start)
    }
    expect(stopProfile()).toEqual([])
  })

  it('is one at a time', () => {
    startProfile()
    try {
      expect(startProfile).toThrow(
        expect.objectContaining<Partial<TorchError>>({ code: 'TORCH_ARGUMENT' }),
      )
    } finally {
      stopProfile()
    }
  })
})
