import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { adaptiveAvgPool2d, add, cat, clamp, conv2d, linear, mm, zeros } from './generated/ops.js'
import { codeOf, product, relativeError, sample, values } from './numeric.test.support.js'
import { type OpArgument, op, tensorOp } from './op.js'
import { trace } from './operator.js'
import { Generator } from './random.js'
import { Tensor, tensor } from './tensor.js'

const run = (name: string, ...args: OpArgument[]): number[] => values(tensorOp(name, ...args))
const count = (length: number): Tensor => tensor(Array.from({ length }, (_, i) => i))

describe('arguments', () => {
  it('takes an int, and a number for a fixed-length list of ints', () => {
    expect(run('aten::select.int', tensor([1, 2, 3, 4], [2, 2]), 0, 1)).toEqual([3, 4])
    const x = sample([1, 2, 5, 5])
    expect(values(adaptiveAvgPool2d(x, 1))).toEqual(values(adaptiveAvgPool2d(x, [1, 1])))
    const w = sample([3, 2, 3, 3], 2)
    expect(conv2d(x, w, null, 2, 1).shape).toEqual([1, 3, 3, 3])
    expect(values(conv2d(x, w, null, 2, 1))).toEqual(values(conv2d(x, w, null, [2, 2], [1, 1])))
  })

  it('takes lists of ints and floats, and optional lists', () => {
    const x = count(6)
    expect(tensorOp('aten::reshape', x, [3, 2]).shape).toEqual([3, 2])
    const m = tensorOp('aten::reshape', x, [3, 2])
    expect(run('aten::sum.dim_IntList', m, [0])).toEqual([6, 9])
    expect(run('aten::sum.dim_IntList', m, null)).toEqual([15])
    const image = tensorOp('aten::reshape', count(4), [1, 1, 2, 2])
    const twice = tensorOp('aten::upsample_nearest2d.vec', image, null, [2, 2])
    expect(values(twice)).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3])
    expect(tensorOp('aten::upsample_nearest2d.vec', image, [3, 3], null).shape).toEqual([
      1, 1, 3, 3,
    ])
  })

  it('takes lists of tensors, of optional tensors, of booleans and of scalars', () => {
    expect(values(cat([tensor([1]), tensor([2, 3])]))).toEqual([1, 2, 3])
    const m = tensorOp('aten::reshape', count(6), [2, 3])
    const picked = tensor([2, 0], [2], { dtype: 'int64' })
    expect(run('aten::index.Tensor', m, [null, picked])).toEqual([2, 0, 5, 3])
    const two = [tensor([1]), tensor([1])]
    op('aten::_foreach_add_.ScalarList', two, [0.5, 2])
    expect(two.map((one) => one.item())).toEqual([1.5, 3])
    const [x, w, g] = [sample([1, 1, 3, 3]), sample([1, 1, 2, 2]), sample([1, 1, 2, 2], 3)]
    const spatial = [1, 1]
    const [none, gradient] = op(
      ...['aten::convolution_backward', g, x, w, null, spatial, [0, 0], spatial, false, [0, 0], 1],
      [false, true, false],
    ) as [null, Tensor]
    expect(none).toBeNull()
    const wanted = [0, 1, 3, 4].map((at) =>
      [0, 1, 3, 4].reduce((s, o, i) => s + values(x)[at + o]! * values(g)[i]!, 0),
    )
    expect(relativeError(values(gradient), wanted)).toBeLessThan(1e-6)
  })

  it('takes optional tensors and optional scalars', () => {
    const [x, w] = [tensor([1, 2], [1, 2]), tensor([3, 4], [1, 2])]
    expect(values(linear(x, w, null))).toEqual([11])
    expect(values(linear(x, w, tensor([1])))).toEqual([12])
    expect(values(clamp(x, null, 1.5))).toEqual([1, 1.5])
    expect(values(clamp(x, 1.5))).toEqual([1.5, 2])
  })

  it('takes scalars: whole and broken numbers, bigints, booleans, negative zero', () => {
    const whole = tensor([2n ** 53n + 1n].map(Number), [1], { dtype: 'int64' })
    op('aten::fill_.Scalar', whole, 2n ** 53n + 1n)
    expect(whole.toTypedArray()).toEqual(BigInt64Array.of(2n ** 53n + 1n))
    expect(tensorOp('aten::add.Scalar', tensor([1], [1], { dtype: 'int32' }), 2).dtype).toBe(
      'int32',
    )
    expect(run('aten::add.Scalar', tensor([1], [1], { dtype: 'int32' }), 0.5)).toEqual([1.5])
    const flags = zeros([2], 'bool')
    op('aten::fill_.Scalar', flags, true)
    expect(flags.toTypedArray()).toEqual(Uint8Array.of(1, 1))
    expect(run('aten::fill_.Scalar', tensor([1]), -0)).toEqual([-0])
    expect(run('aten::fill_.Scalar', tensor([1]), Number.NaN)).toEqual([Number.NaN])
    expect(run('aten::fill_.Scalar', tensor([1]), -Infinity)).toEqual([-Infinity])
  })

  it('takes a number for a tensor, which does not change the dtype', () => {
    const narrow = add(tensor([1], [1], { dtype: 'bfloat16' }), 2.5)
    expect([narrow.dtype, values(narrow)]).toEqual(['bfloat16', [3.5]])
  })

  it('takes names of dtypes, layouts, memory formats and devices, strings and booleans', () => {
    expect(tensorOp('aten::zeros', [2], 'int16', 'strided', 'cpu', false).dtype).toBe('int16')
    const x = sample([1, 2, 3, 3])
    expect(tensorOp('aten::contiguous', x, 'channels_last').strides).toEqual([18, 1, 6, 2])
    expect(run('aten::div.Tensor_mode', tensor([7, -7]), tensor([2, 2]), 'floor')).toEqual([3, -4])
    expect(tensorOp('aten::argmax', x, 1, true).shape).toEqual([1, 1, 3, 3])
  })

  it('takes a generator', () => {
    const draw = (seed: number) => run('aten::rand.generator', [5], new Generator(seed))
    expect(draw(3)).toEqual(draw(3))
    expect(draw(3)).not.toEqual(draw(4))
  })
})

describe('results', () => {
  it('gives tuples, lists and nothing', () => {
    const [largest, index] = op('aten::max.dim', tensor([3, 9, 4]), 0) as Tensor[]
    expect([largest!.item(), index!.item()]).toEqual([9, 1])
    const parts = op('aten::split.Tensor', count(5), 2) as Tensor[]
    expect(parts.map(values)).toEqual([[0, 1], [2, 3], [4]])
    expect(op('aten::_foreach_zero_', [tensor([1])])).toBeUndefined()
  })

  it('gives integers, floats, booleans and scalars', () => {
    const x = sample([2, 3])
    expect(op('aten::size.int', x, 1)).toBe(3)
    const quantized = tensorOp('aten::quantize_per_tensor', x, 0.125, 3, 12) // 12 is qint8
    expect(op('aten::q_scale', quantized)).toBe(0.125)
    expect(op('aten::q_zero_point', quantized)).toBe(3)
    expect(op('aten::equal', x, x)).toBe(true)
    expect(op('aten::_local_scalar_dense', tensor([0.5]))).toBe(0.5)
    const wide = tensor([0], [1], { dtype: 'int64' })
    op('aten::fill_.Scalar', wide, -(2n ** 60n))
    expect(op('aten::_local_scalar_dense', wide)).toBe(-(2n ** 60n))
  })

  it('gives an in-place operator its own tensor again', () => {
    const x = tensor([1, 2])
    expect(op('aten::mul_.Tensor', x, 2)).toBe(x)
    expect(values(x)).toEqual([2, 4])
  })
})

describe('errors', () => {
  it('carry the operator, the shapes and the dtypes', () => {
    const bad = () => mm(sample([2, 3]), sample([4, 5]))
    expect(codeOf(bad)).toBe('TORCH_OPERATOR')
    expect(bad).toThrow(/aten::mm\(self: float32\[2, 3\], mat2: float32\[4, 5\]\): .*2x3 and 4x5/)
    expect(() => cat([sample([2, 3]), sample([2, 2])], 0)).toThrow(
      /aten::cat\(tensors: \[float32\[2, 3\], float32\[2, 2\]\], dim: 0\): /,
    )
    const integers = tensor([1], [1], { dtype: 'int64' })
    expect(() => op('aten::acos_', integers)).toThrow(/aten::acos_\(self: int64\[1\]\): /)
  })

  const [x, gone] = [tensor([1]), tensor([1])]
  gone.dispose()
  const cases: [string, string, RegExp, string, OpArgument[]][] = [
    ['an unknown operator', 'TORCH_UNKNOWN_OPERATOR', /no such operator$/, 'aten::nothing', []],
    [
      'an unknown overload',
      'TORCH_UNKNOWN_OPERATOR',
      /it has .*aten::add\.Tensor/,
      'aten::add',
      [],
    ],
    [
      'too many arguments',
      'TORCH_ARGUMENT',
      /aten::abs: takes at most 1 arguments, got 2/,
      'aten::abs',
      [x, x],
    ],
    ['more than the bridge hands over', 'TORCH_ARGUMENT', /32/, 'aten::abs', Array(40).fill(x)],
    ['a missing argument', 'TORCH_ARGUMENT', /aten::mm: mat2: is missing/, 'aten::mm', [x]],
    ['a disposed tensor', 'TORCH_DISPOSED', /aten::mm: self: .*disposed/, 'aten::mm', [gone, x]],
    ['a string for a tensor', 'TORCH_ARGUMENT', /self: expected a tensor/, 'aten::abs', ['x']],
    [
      'a generator for a tensor',
      'TORCH_ARGUMENT',
      /expected a tensor/,
      'aten::abs',
      [new Generator(1)],
    ],
    ['a tensor for a generator', 'TORCH_ARGUMENT', /generator/, 'aten::rand.generator', [[1], x]],
    [
      'a fraction for an int',
      'TORCH_ARGUMENT',
      /dim: expected an integer/,
      'aten::select.int',
      [x, 0.5, 0],
    ],
    [
      'infinity for an int',
      'TORCH_ARGUMENT',
      /dim: expected an integer/,
      'aten::select.int',
      [x, Infinity, 0],
    ],
    [
      'NaN for an int',
      'TORCH_ARGUMENT',
      /dim: expected an integer/,
      'aten::select.int',
      [x, Number.NaN, 0],
    ],
    ['a number for a list', 'TORCH_ARGUMENT', /shape: expected an array/, 'aten::reshape', [x, 2]],
    [
      'a string in a list',
      'TORCH_ARGUMENT',
      /shape: expected an integer/,
      'aten::reshape',
      [x, ['a']],
    ],
    [
      'a number for a bool',
      'TORCH_ARGUMENT',
      /train: expected true or false/,
      'aten::dropout',
      [x, 0.5, 1],
    ],
    [
      'a string for a float',
      'TORCH_ARGUMENT',
      /p: expected a number/,
      'aten::dropout',
      [x, 'a', true],
    ],
    [
      'a string for a scalar',
      'TORCH_ARGUMENT',
      /value: expected a number/,
      'aten::fill_.Scalar',
      [x, 'a'],
    ],
    [
      'a number for a string',
      'TORCH_ARGUMENT',
      /expected a string/,
      'aten::div.Tensor_mode',
      [x, x, 1],
    ],
    [
      'an unknown dtype',
      'TORCH_ARGUMENT',
      /aten::zeros: unknown dtype float99/,
      'aten::zeros',
      [[1], 'float99'],
    ],
    [
      'an unknown device',
      'TORCH_ARGUMENT',
      /no device is called abacus/,
      'aten::zeros',
      [[1], null, null, 'abacus'],
    ],
  ]
  for (const [what, code, message, name, args] of cases)
    it(`are coded for ${what}`, () => {
      expect(codeOf(() => op(name, ...args))).toBe(code)
      expect(() => op(name, ...args)).toThrow(message)
    })

  it('are coded for foreign objects where a tensor belongs', async () => {
    for (const foreign of [{}, { handle: {} }, { handle: () => 1 }, { handle: 'x' }, [x]])
      expect(codeOf(() => op('aten::abs', foreign as unknown as Tensor))).toBe('TORCH_ARGUMENT')
    // An external that another part of Node made.
    const server = createServer().listen(0)
    const socket = connect((server.address() as AddressInfo).port)
    const { _handle: inner } = socket as unknown as { _handle: { _externalStream: never } }
    expect(typeof inner._externalStream).toBe('object')
    const stranger = { handle: inner._externalStream }
    expect(codeOf(() => op('aten::abs', stranger))).toBe('TORCH_ARGUMENT')
    const posing = new Tensor(inner._externalStream)
    expect(posing.disposed).toBe(true)
    expect(codeOf(() => posing.shape)).toBe('TORCH_ARGUMENT')
    posing.dispose()
    socket.destroy()
    await new Promise((done) => server.close(done))
  })

  it('of a getter pass through', () => {
    const sizes = Object.defineProperty([1, 2], 0, {
      get() {
        throw new RangeError('mine')
      },
    })
    expect(() => op('aten::zeros', sizes)).toThrow(/mine/)
  })

  it('leave the bridge as it was', () => {
    expect(codeOf(() => mm(sample([2, 3]), sample([4, 5])))).toBe('TORCH_OPERATOR')
    expect(product(mm(sample([2, 3]), sample([3, 5])).shape)).toBe(10)
  })
})

describe('trace', () => {
  it('sees the operators in order, and not afterwards', () => {
    const seen: string[] = []
    const x = tensor([1, 2])
    trace(
      (name, args, result) => {
        seen.push(name)
        expect(args[0]).toBe(x.handle)
        expect(result).not.toBeUndefined()
      },
      () => {
        add(x, 1)
        op('aten::abs', x)
      },
    )
    add(x, 1)
    expect(seen).toEqual(['aten::add.Tensor', 'aten::abs'])
  })
})
