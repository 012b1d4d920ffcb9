import { noGrad, ops, scope, tensor } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { golden } from '../testing/goldens.js'
import { length, matrix, rows } from '../testing/losses.js'
import { createLoss } from './index.js'

interface LossGolden {
  weight: number[][]
  calls: {
    embeddings: number[][]
    labels: number[]
    loss: number
    embeddingGradient: number[][]
    weightGradient: number[][]
  }[]
}

const options: Record<string, { name: string; gradient?: string }> = {
  'arcface straight-through': { name: 'arcface', gradient: 'straight-through' },
}

const close = (found: number[][], expected: number[][]) => {
  const difference = found.flat().map((value, i) => value - expected.flat()[i]!)
  expect(length(difference)).toBeLessThan(1e-6 * length(expected.flat()))
}

describe("losses equal their papers' code in PyTorch, call after call", () => {
  it.each(Object.entries(golden<Record<string, LossGolden>>('losses')))(
    '%s',
    (name, { weight, calls }) => {
      const [classes, dim] = [weight.length, weight[0]!.length]
      const loss = createLoss(options[name] ?? { name }, { classes, dim }).to({ dtype: 'float64' })
      scope(() => noGrad(() => ops.copy_(loss.centres!, matrix(weight))))
      for (const call of calls)
        scope(() => {
          const x = matrix(call.embeddings)
          x.requiresGrad = true
          loss.centres!.grad = null
          const value = loss.call(x, tensor(call.labels, undefined, { dtype: 'int64' }))
          value.backward()
          expect(Math.abs(value.item() / call.loss - 1)).toBeLessThan(1e-7)
          const gradient = (of: typeof x) => rows(of.grad!.toTypedArray() as Float64Array, dim)
          close(gradient(x), call.embeddingGradient)
          close(gradient(loss.centres!), call.weightGradient)
        })
      loss.dispose()
    },
  )
})
