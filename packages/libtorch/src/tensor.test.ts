import { describe, expect, it } from 'vitest'
import { add, mul, reshape, zeros } from './generated/ops.js'
import { codeOf, values } from './numeric.test.support.js'
import { keep, liveTensors, scope, type Tensor, tensor } from './tensor.js'

/** Tensors that `body` leaves alive. */
function left(body: () => unknown): number {
  const before = liveTensors()
  body()
  return liveTensors() - before
}

describe('scope', () => {
  it('frees what was made in it, and keeps what it returns', () => {
    let result: Tensor | undefined
    const between: Tensor[] = []
    expect(
      left(() => {
        result = scope(() => {
          between.push(tensor([1]), add(tensor([2]), 3))
          return mul(between[1]!, 2)
        })
      }),
    ).toBe(1)
    expect(between.map((one) => one.disposed)).toEqual([true, true])
    expect(result!.item()).toBe(10)
  })

  it('keeps tensors in arrays, maps and plain objects, however deep', () => {
    const made = scope(() => {
      zeros([1])
      return {
        list: [tensor([1]), { deep: tensor([2]) }],
        map: new Map([['x', tensor([3])]]),
        n: 4,
      }
    })
    const [first, second] = made.list as [Tensor, { deep: Tensor }]
    expect([first, second.deep, made.map.get('x')!].map((one) => one.item())).toEqual([1, 2, 3])
    expect(left(() => scope(() => [zeros([1]), zeros([1])]))).toBe(2)
  })

  it('passes what it returns to the scope around it', () => {
    let inner: Tensor | undefined
    expect(
      left(() =>
        scope(() => {
          inner = scope(() => add(zeros([1]), 1))
          expect(inner.item()).toBe(1)
        }),
      ),
    ).toBe(0)
    expect(inner!.disposed).toBe(true)
  })

  it('leaves alone what was made outside and what was given to keep', () => {
    const outside = tensor([1])
    const kept = scope(() => scope(() => [keep(tensor([7])), keep(tensor([8]))]))[1]!
    expect(left(() => scope(() => void add(outside, 1)))).toBe(0)
    expect([outside.item(), kept.item()]).toEqual([1, 8])
    kept.dispose()
  })

  it('frees more tensors than the bridge takes in one call', () => {
    const many = (count: number) => Array.from({ length: count }, () => zeros([2]))
    for (const count of [31, 32, 33, 1000])
      expect(left(() => scope(() => void many(count)))).toBe(0)
  })

  it('frees everything when its body throws, and lets the error through', () => {
    const fails = () =>
      scope(() => {
        zeros([1])
        scope(() => zeros([1]))
        throw new RangeError('inside')
      })
    expect(left(() => expect(fails).toThrow('inside'))).toBe(0)
    expect(left(() => scope(() => void zeros([1])))).toBe(0)
  })

  it('refuses an asynchronous body', async () => {
    expect(codeOf(() => scope(async () => 1))).toBe('TORCH_SCOPE')
  })
})

describe('disposing', () => {
  it('happens at the end of a block with using, also when it throws', () => {
    const block = () => {
      using inside = zeros([3])
      expect(inside.disposed).toBe(false)
      throw new RangeError('inside')
    }
    expect(left(() => expect(block).toThrow('inside'))).toBe(0)
  })

  it('may happen twice, and frees one handle of several to the same memory', () => {
    const whole = tensor([1, 2, 3, 4])
    const view = reshape(whole, [2, 2])
    expect(left(() => [whole, whole].map((one) => one.dispose()))).toBe(-1)
    expect(values(view)).toEqual([1, 2, 3, 4])
  })

  it('makes every use a coded error', () => {
    const gone = zeros([1])
    gone.dispose()
    const uses: ((x: Tensor) => unknown)[] = [
      ...[(x: Tensor) => x.shape, (x: Tensor) => x.strides, (x: Tensor) => x.dtype],
      ...[(x: Tensor) => x.device, (x: Tensor) => x.requiresGrad, (x: Tensor) => x.grad],
      ...[(x: Tensor) => x.item(), (x: Tensor) => x.detach(), (x: Tensor) => x.backward()],
      ...[
        (x: Tensor) => x.toTypedArray(),
        (x: Tensor) => x.asTypedArray(),
        (x: Tensor) => add(x, x),
      ],
    ]
    expect(uses.map((use) => codeOf(() => use(gone)))).toEqual(uses.map(() => 'TORCH_DISPOSED'))
  })
})

describe('a tensor', () => {
  it('tells its sides, steps and size', () => {
    const x = zeros([2, 3, 4])
    expect([x.shape, x.strides, x.size]).toEqual([[2, 3, 4], [12, 4, 1], 24])
    expect([tensor([5], []).shape, tensor([5], []).size]).toEqual([[], 1])
  })

  it('gives one value or all of them as float32, else a coded error', () => {
    expect(tensor([-2.5]).item()).toBe(-2.5)
    expect(tensor([1], [1], { dtype: 'bool' }).item()).toBe(1)
    expect(codeOf(() => zeros([2]).item())).toBe('TORCH_SHAPE')
    expect(codeOf(() => zeros([0]).item())).toBe('TORCH_SHAPE')
    expect(tensor([1, 2]).toFloat32Array()).toEqual(Float32Array.of(1, 2))
    expect(codeOf(() => tensor([1], [1], { dtype: 'int32' }).toFloat32Array())).toBe(
      'TORCH_ARGUMENT',
    )
  })
})
