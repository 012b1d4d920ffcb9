import { ops, scope, tensor } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { createHead, listHeads, Softmax } from './index.js'

describe('createHead', () => {
  const options = { classes: 7, dim: 5 }

  it.each(listHeads())('%s: centres from N(0, 0.01), a scalar loss', (name) => {
    scope(() => {
      const head = createHead(name, { classes: 500, dim: 64 })
      const weight = head.weight.toFloat32Array()
      const variance = weight.reduce((sum, x) => sum + x * x, 0) / weight.length
      expect(Math.sqrt(variance)).toBeCloseTo(0.01, 3)
      const labels = tensor([3, 499], [2], { dtype: 'int64' })
      const loss = head.call(ops.randn([2, 64]), labels)
      expect(loss.shape).toEqual([])
      expect(Number.isFinite(loss.item())).toBe(true)
      head.dispose()
    })
  })

  it('takes the margin step by step', () => {
    scope(() => {
      const head = createHead('arcface', options)
      const x = ops.randn([3, 5])
      const labels = tensor([0, 1, 2], [3], { dtype: 'int64' })
      const losses = [0.5, 0.25, 0].map((margin) => {
        head.setMargin(margin)
        return head.call(x, labels).item()
      })
      expect(losses).toEqual([...losses].sort((a, b) => b - a))
      expect(new Set(losses).size).toBe(3)
      head.dispose()
    })
  })

  it('names the nearest for a typo', () => {
    expect(() => createHead('arcfase', options)).toThrow(
      expect.objectContaining({
        code: 'TRAIN_HEAD',
        message: expect.stringContaining('did you mean arcface?'),
      }),
    )
    expect(() => createHead('toString', options)).toThrow(/no loss named "toString"/)
  })

  it.each([
    { classes: 0 },
    { dim: 2.5 },
    { scale: 0 },
    { scale: Number.POSITIVE_INFINITY },
    { margin: -0.1 },
    { margin: Math.PI },
    { margin: Number.NaN },
  ])('refuses %o', (wrong) => {
    expect(() => createHead('arcface', { ...options, ...wrong })).toThrow(
      expect.objectContaining({
        code: 'TRAIN_HEAD',
        message: expect.stringContaining(Object.keys(wrong)[0]!),
      }),
    )
  })
})

describe('Softmax', () => {
  it('is the cross-entropy of x W^T + b, with its gradient', () => {
    scope(() => {
      const head = new Softmax(3, 2)
      const weight = head.weight.toFloat32Array()
      const bias = [0.5, -1, 0.25]
      const given = tensor(bias)
      head.loadStateDict(
        new Map([
          ['weight', head.weight.detach()],
          ['bias', given],
        ]),
      )
      const x = [2, -3]
      const input = tensor(x, [1, 2])
      input.requiresGrad = true
      const loss = head.call(input, tensor([1], [1], { dtype: 'int64' }))
      loss.backward()

      const exps = bias.map((b, j) =>
        Math.exp(b + x[0]! * weight[2 * j]! + x[1]! * weight[2 * j + 1]!),
      )
      const sum = exps.reduce((all, one) => all + one, 0)
      const error = exps.map((e, j) => e / sum - (j === 1 ? 1 : 0))
      expect(loss.item()).toBeCloseTo(-Math.log(exps[1]! / sum), 5)
      error.forEach((e, j) => {
        expect(head.bias.grad!.toFloat32Array()[j]).toBeCloseTo(e, 5)
      })
      const pull = [0, 1].map((k) => error.reduce((all, e, j) => all + e * weight[2 * j + k]!, 0))
      pull.forEach((g, k) => {
        expect(input.grad!.toFloat32Array()[k]).toBeCloseTo(g, 5)
      })
      head.dispose()
    })
  })
})
