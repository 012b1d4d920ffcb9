import { manualSeed, noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import { uniform } from '../testing/fill.js'
import { buildTraining } from './build.js'
import { type Counted, countedParts, headLoss, targets } from './counted.js'

const DIM = 4
const CLASSES = 5
const labels = Int32Array.of(3, -1, 0, -1, -1, 1, 4, -1)
const parts = [
  [0, 3],
  [3, 5],
  [5, 8],
] as const

function built(loss: object, blocked = false) {
  manualSeed(1)
  return buildTraining(
    checkConfig({
      data: { roots: ['-'] },
      model: { backbone: 'r10-small', embedding: DIM },
      loss,
      head: { blocked },
    }),
    CLASSES,
  )
}

const values = (of: Tensor | null) => [...(of?.toFloat32Array() ?? [])]

const embeddings = () => {
  const x = tensor(uniform('x', 8 * DIM), [8, DIM])
  x.requiresGrad = true
  return x
}

/** Sums over the parts, and the gradient of the embeddings. */
function inParts(training: ReturnType<typeof built>, counted: readonly Counted[]) {
  return scope(() => {
    const x = embeddings()
    let [loss, target, other] = [0, 0, 0]
    for (const [i, [start, end]] of parts.entries()) {
      const rows = ops.narrow(x, 0, start, end - start)
      const found = headLoss(
        training,
        rows,
        targets(labels.subarray(start, end), 'cpu'),
        counted[i]!,
      )
      if (found.loss.requiresGrad) found.loss.backward()
      loss += found.loss.item()
      const [own, nearest] = found.angles ? values(found.angles) : [0, 0]
      target += counted[i]!.share * own!
      other += counted[i]!.share * nearest!
    }
    return { loss, target, other, gradient: values(x.grad) }
  })
}

describe('images of nobody in particular', () => {
  it.each([
    [{ name: 'arcface', scale: 8 }, false],
    [{ name: 'arcface', scale: 8 }, true],
    [{ name: 'softmax' }, false],
  ])('count nothing for the head, whatever the parts: %o, blocked %s', (loss, blocked) => {
    using training = built(loss, blocked)
    const counted = countedParts(parts, labels, true, training)
    expect(counted.map(({ share }) => share)).toEqual([0.5, 0, 0.5])
    const found = inParts(training, counted)
    // The labelled rows alone, as one batch.
    const own = [0, 2, 5, 6]
    const { head } = training
    const [value, target, other, gradient] = scope(() => {
      const x = embeddings()
      const rows = ops.indexSelect(x, 0, tensor(BigInt64Array.from(own, BigInt), [4]))
      const target = tensor(
        BigInt64Array.from(own, (row) => BigInt(labels[row]!)),
        [4],
      )
      const whole = head.call(rows, target)
      whole.backward()
      const angle = (row: number, label: number) =>
        noGrad(() => {
          const one = values(ops.narrow(x.detach(), 0, row, 1))
          const centre = values(ops.narrow(head.centres!.detach(), 0, label, 1))
          const dot = one.reduce((sum, v, k) => sum + v * centre[k]!, 0)
          return Math.acos(dot / Math.hypot(...one) / Math.hypot(...centre))
        })
      const mean = (of: (row: number) => number) => own.reduce((sum, row) => sum + of(row) / 4, 0)
      const classes = Array.from({ length: head.centres!.shape[0]! }, (_, label) => label)
      const others = (row: number) => classes.filter((label) => label !== labels[row])
      return [
        whole.item(),
        mean((row) => angle(row, labels[row]!)),
        mean((row) => Math.min(...others(row).map((label) => angle(row, label)))),
        values(x.grad),
      ] as const
    })
    expect(found.loss).toBeCloseTo(value, 5)
    expect(found.target).toBeCloseTo(target, 5)
    expect(found.other).toBeCloseTo(other, 5)
    found.gradient.forEach((one, i) => {
      expect(one).toBeCloseTo(gradient[i]!, 5)
    })
    for (const row of [1, 3, 4, 7])
      expect(found.gradient.slice(row * DIM, (row + 1) * DIM)).toEqual([0, 0, 0, 0])
  })

  it('leave the centres a gradient of 0 where nobody else is there', () => {
    using training = built({ name: 'arcface' })
    const nobody = new Int32Array(2).fill(-1)
    const [counted] = countedParts([[0, 2]], nobody, true, training)
    expect(counted).toEqual({ rows: [], share: 0, images: 0 })
    const { loss, angles } = headLoss(
      training,
      ops.ones([2, DIM]),
      targets(nobody, 'cpu'),
      counted!,
    )
    loss.backward()
    expect([loss.item(), angles]).toEqual([0, null])
    expect(new Set(values(training.head.centres!.grad))).toEqual(new Set([0]))
  })

  it('are not looked for where the data have none', () => {
    using training = built({ name: 'arcface' })
    expect(
      countedParts(
        [
          [0, 3],
          [3, 8],
        ],
        Int32Array.of(0, 1, 2, 3, 4, 0, 1, 2),
        false,
        training,
      ),
    ).toEqual([
      { rows: null, share: 3 / 8, images: 3 },
      { rows: null, share: 5 / 8, images: 5 },
    ])
  })
})
