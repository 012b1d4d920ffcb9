import { describe, expect, it } from 'vitest'
import { autocast, backward, grad, noGrad } from './autograd.js'
import { add, conv2d, linear, matmul, mm, mul, mul_, pow, sum, toDtype } from './generated/ops.js'
import { sample, values } from './numeric.test.support.js'
import { type Tensor, tensor } from './tensor.js'

const leaf = (data: number[]): Tensor => {
  const made = tensor(data)
  made.requiresGrad = true
  return made
}

describe('backward', () => {
  it('adds to the gradients of the leaves', () => {
    const x = leaf([1, 2, 3])
    expect(x.grad).toBeNull()
    sum(mul(x, x)).backward()
    expect(values(x.grad!)).toEqual([2, 4, 6])
    backward([sum(mul(x, x))])
    expect(values(x.grad!)).toEqual([4, 8, 12])
    x.grad = null
    expect(x.grad).toBeNull()
  })

  it('takes gradients of outputs, several outputs, and the graph once more when retained', () => {
    const x = leaf([1, 2])
    const y = mul(x, 3)
    y.backward(tensor([10, 100]), { retainGraph: true })
    backward([y, mul(x, x)], { gradients: [tensor([1, 1]), tensor([1, 1])] })
    expect(values(x.grad!)).toEqual([30 + 3 + 2, 300 + 3 + 4])
    const squared = sum(mul(x, x))
    squared.backward()
    expect(() => squared.backward()).toThrow(/second time/)
  })

  it('refuses a non-scalar without a gradient, and a tensor without a graph', () => {
    expect(() => mul(leaf([1, 2]), 2).backward()).toThrow(/scalar/)
    expect(() => tensor([1]).backward()).toThrow(/grad/)
  })

  it('refuses a gradient of another shape or dtype', () => {
    const x = leaf([1, 2])
    expect(() => {
      x.grad = tensor([1])
    }).toThrow(/grad: float32\[1\] is no gradient of float32\[2\]/)
    expect(() => {
      x.grad = sample([2], 1, 'float64')
    }).toThrow(/no gradient/)
  })

  it('does not follow a detached tensor, which shares its memory', () => {
    const x = leaf([1, 2])
    const cut = x.detach()
    expect(cut.requiresGrad).toBe(false)
    ;(cut.asTypedArray() as Float32Array)[0] = 7
    expect(values(x)).toEqual([7, 2])
  })
})

describe('grad', () => {
  it('gives gradients without touching those of the leaves, also of a value between', () => {
    const x = leaf([3])
    const y = mul(x, x)
    const [gx, gy] = grad([sum(mul(y, y))], [x, y])
    expect([gx!.item(), gy!.item()]).toEqual([4 * 27, 2 * 9])
    expect(x.grad).toBeNull()
  })

  it('gives null for what is not used, if that is allowed', () => {
    const [x, other] = [leaf([1]), leaf([1])]
    expect(grad([sum(x)], [x, other], { allowUnused: true })[1]).toBeNull()
    expect(() => grad([sum(x)], [other])).toThrow(/not have been used/)
  })

  it('differentiates twice with createGraph', () => {
    const x = leaf([2])
    const [first] = grad([pow(x, 3)], [x], { createGraph: true })
    expect(first!.item()).toBe(12)
    const [second] = grad([first!], [x], { createGraph: true })
    expect(second!.item()).toBe(12)
    expect(grad([second!], [x])[0]!.item()).toBe(6)
  })
})

describe('noGrad', () => {
  it('records nothing inside, and again afterwards, whatever happened inside', () => {
    const x = leaf([1])
    expect(noGrad(() => mul(x, 2)).requiresGrad).toBe(false)
    expect(() =>
      noGrad(() => {
        throw new RangeError('inside')
      }),
    ).toThrow('inside')
    expect(mul(x, 2).requiresGrad).toBe(true)
    noGrad(() => {
      noGrad(() => 0)
      expect(mul(x, 2).requiresGrad).toBe(false)
    })
  })
})

describe('autocast', () => {
  const [a, b] = [sample([4, 4]), sample([4, 4], 2)]

  it('computes products in bfloat16 and leaves sums alone', () => {
    const y = autocast('bfloat16', () => mm(a, b))
    expect(y.dtype).toBe('bfloat16')
    expect(autocast('bfloat16', () => add(a, b)).dtype).toBe('float32')
    expect(values(y)).toEqual(values(mm(toDtype(a, 'bfloat16'), toDtype(b, 'bfloat16'))))
  })

  it('nests and is left as it was found, after a throw too', () => {
    const dtype = () => mm(a, b).dtype
    const seen = autocast('bfloat16', () => [
      dtype(),
      autocast(null, dtype),
      dtype(),
      autocast('bfloat16', dtype),
      dtype(),
    ])
    expect(seen).toEqual(['bfloat16', 'float32', 'bfloat16', 'bfloat16', 'bfloat16'])
    expect(() =>
      autocast('bfloat16', () => {
        throw new RangeError('inside')
      }),
    ).toThrow('inside')
    expect(dtype()).toBe('float32')
  })

  it('reads a weight anew each time: a step of training between two passes counts', () => {
    const w = leaf([1, 2, 3, 4])
    const x = tensor([1, 1, 1, 1], [1, 4])
    const pass = () => values(autocast('bfloat16', () => matmul(x, w)))
    expect(pass()).toEqual([10])
    noGrad(() => mul_(w, 2))
    expect(pass()).toEqual([20])
  })

  it('reaches convolutions and linear layers, and leaves integers and float64 alone', () => {
    const [x, k] = [sample([1, 1, 3, 3]), sample([1, 1, 2, 2], 2)]
    const layers = autocast('bfloat16', () => [conv2d(x, k), linear(a, b)])
    expect(layers.map((one) => one.dtype)).toEqual(['bfloat16', 'bfloat16'])
    for (const dtype of ['int32', 'float64'] as const) {
      const square = tensor([1, 2, 3, 4], [2, 2], { dtype })
      const squared = autocast('bfloat16', () => mm(square, square))
      expect([squared.dtype, values(squared)]).toEqual([dtype, [7, 10, 15, 22]])
    }
  })

  it('gives float32 weights float32 gradients', () => {
    const w = leaf([1, 2, 3, 4])
    const y = autocast('bfloat16', () => matmul(tensor([1, 1, 1, 1], [1, 4]), w))
    expect(y.dtype).toBe('bfloat16')
    y.backward(tensor([1], [1], { dtype: 'bfloat16' }))
    expect([w.grad!.dtype, values(w.grad!)]).toEqual(['float32', [1, 1, 1, 1]])
  })

  it('refuses an unknown device', () => {
    expect(() => autocast('bfloat16', () => 0, 'abacus')).toThrow(/no device is called abacus/)
  })
})
