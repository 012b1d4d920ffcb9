import { describe, expect, it } from 'vitest'
import { noGrad } from './autograd.js'
import { ops } from './index.js'
import { manualSeed } from './random.js'
import { type Tensor, tensor } from './tensor.js'

// float64 has no loops: it goes the way of ATen's operators, as on a GPU.
const [CLASSES, DIM, SCALE, LR, MOMENTUM, DECAY] = [11, 6, 8, 0.3, 0.9, 0.01]
const OWN = [3, 10, 0, -1, 3]
const N = OWN.length

const numbers = (of: Tensor) => [...of.toTypedArray()].map(Number)
const near = (found: Tensor, wanted: Tensor) => {
  expect(found.shape).toEqual(wanted.shape)
  const like = numbers(wanted)
  expect(found.dtype).toBe('float64')
  numbers(found).forEach((value, i) => {
    expect(value).toBeCloseTo(like[i]!, 12)
  })
}
const unit = (of: Tensor) => ops.div(of, ops.sqrt(ops.sumDim(ops.mul(of, of), [1], true)))
const int64 = (of: readonly number[]) => tensor(of, [of.length], { dtype: 'int64' })

/** Logits [N, classes] of a head as a whole, of centres among the classes in use. */
function logitsOf(x: Tensor, rows: Tensor, perClass: number, filter: number, isOwn: Tensor) {
  const each = ops.reshape(ops.matmul(x, ops.t(unit(rows))), [N, -1, perClass])
  const [cosine] = ops.maxDim(each, 2)
  const isTwin = ops.logicalAnd(ops.gt(cosine, filter), ops.logicalNot(isOwn))
  return ops.mul(ops.where(isTwin, ops.zerosLike(cosine), cosine), SCALE)
}

describe('classSoftmax and classDescent_ in ATen’s operators', () => {
  it.each([
    [1, Infinity, 4, null],
    [1, 0.2, 3, null],
    [3, Infinity, 1, null],
    [3, 0.3, 100, null],
    [1, 0.2, 2, [0, 2, 3, 7, 10]],
    [2, Infinity, 3, [0, 3, 5, 6, 10]],
  ] as const)(
    'are the head as a whole by autograd: %d centres a class, filter %d, blocks of %d, sample %j',
    (perClass, filter, block, sample) => {
      manualSeed(5)
      const random = (rows: number) => ops.randn([rows, DIM], 'float64')
      const [x, weight] = [unit(random(N)).detach(), random(CLASSES * perClass).detach()]
      const velocity = random(CLASSES * perClass).detach()
      const [weightBefore, before] = [weight, velocity].map((one) => ops.clone(one)) as [
        Tensor,
        Tensor,
      ]
      const [own, chosen] = [int64(OWN), sample && int64(sample)]
      const classes = sample ?? Array.from({ length: CLASSES }, (_, i) => i)
      const isOwn = ops.eq(ops.unsqueeze(own, 1), ops.unsqueeze(int64(classes), 0))
      const places = int64(
        classes.flatMap((one) => Array.from({ length: perClass }, (_, k) => one * perClass + k)),
      )

      const wholeX = ops.clone(x).detach()
      wholeX.requiresGrad = true
      const rest = logitsOf(
        wholeX,
        ops.indexSelect(weight, 0, places),
        ...([perClass, filter, isOwn] as const),
      )
      const nothing = ops.sub(ops.zerosLike(rest), Infinity)
      const others = ops.logsumexp(ops.where(isOwn, nothing, rest), [1])
      ops.sum(others).backward()
      const layout = [SCALE, filter, perClass, block, false] as const
      const [most, sum, pull] = ops.classSoftmax(x, weight, own, chosen, ...layout)
      near(ops.add(most, ops.log(sum)), others.detach())
      near(ops.mul(ops.div(pull, ops.unsqueeze(sum, 1)), SCALE), wholeX.grad!)

      const whole = ops.clone(weight).detach()
      whole.requiresGrad = true
      const rows = ops.indexSelect(whole, 0, places)
      const logits = logitsOf(x, rows, perClass, filter, isOwn)
      const logSum = ops.logsumexp(logits, [1])
      const target = ops.sumDim(ops.mul(logits, ops.toDtype(isOwn, 'float64')), [1])
      ops.mean(ops.sub(logSum, target)).backward()
      const factor = SCALE / N
      const ownSlope = ops.mul(ops.sub(ops.exp(ops.sub(target, logSum)), 1), factor).detach()
      noGrad(() =>
        ops.classDescent_(
          ...([
            weight,
            velocity,
            x,
            own,
            ops.contiguous(ownSlope),
            logSum.detach(),
            chosen,
          ] as const),
          ...([SCALE, filter, perClass, block, factor, LR, MOMENTUM, DECAY, false, null] as const),
        ),
      )
      // PyTorch's SGD, of the centres in use; the others stay.
      const moved = ops.add(
        ops.mul(before, MOMENTUM),
        ops.add(whole.grad!, ops.mul(weightBefore, DECAY)),
      )
      const inUse = new Set(numbers(places))
      const flags = Array.from({ length: CLASSES * perClass }, (_, row) => +inUse.has(row))
      const isUsed = ops.gt(ops.unsqueeze(int64(flags), 1), 0)
      const used = (of: Tensor, otherwise: Tensor) => ops.where(isUsed, of, otherwise)
      near(velocity, used(moved, before))
      near(weight, used(ops.sub(weightBefore, ops.mul(moved, LR)), weightBefore))
    },
  )
})
