import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import type { DType, TypedArray } from './dtype.js'
import { mul_, ones, t } from './generated/ops.js'
import { codeOf, values } from './numeric.test.support.js'
import { type Tensor, tensor } from './tensor.js'

// Values beside what they mean, by the definitions of IEEE 754 and of two's complement.
const cases: [DType, TypedArray, number[]][] = [
  ['float32', Float32Array.of(1.5, -0, 2 ** -149, -Infinity), [1.5, -0, 2 ** -149, -Infinity]],
  ['float64', Float64Array.of(0.1, Number.MAX_VALUE, Number.NaN), [0.1, Number.MAX_VALUE, NaN]],
  ['float16', Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff), [1, -2, 2 ** -24, 65504]],
  ['bfloat16', Uint16Array.of(0x3f80, 0xc040, 0x7f80), [1, -3, Infinity]],
  ['int64', BigInt64Array.of(-(2n ** 63n), 2n ** 53n), [-(2 ** 63), 2 ** 53]],
  ['int32', Int32Array.of(-(2 ** 31), 2 ** 31 - 1), [-(2 ** 31), 2 ** 31 - 1]],
  ['int16', Int16Array.of(-32768, 32767), [-32768, 32767]],
  ['int8', Int8Array.of(-128, 127), [-128, 127]],
  ['uint8', Uint8Array.of(0, 255), [0, 255]],
  ['bool', Uint8Array.of(1, 0), [1, 0]],
]
const bytes = (of: TypedArray) => Buffer.from(of.buffer, of.byteOffset, of.byteLength)

describe.each(cases)('%s', (dtype, array, meaning) => {
  it('takes an array and gives its bytes again, as copies', () => {
    const made = tensor(array, [1, array.length], { dtype })
    expect([made.dtype, made.shape, made.device]).toEqual([dtype, [1, array.length], 'cpu'])
    expect(values(made)).toEqual(meaning)
    const out = made.toTypedArray()
    expect(out.constructor).toBe(array.constructor)
    expect(bytes(out).equals(bytes(array))).toBe(true)
    const again = made.toTypedArray()
    again.fill(array[0] as never)
    expect(bytes(made.toTypedArray()).equals(bytes(array))).toBe(true)
  })

  it('shares an array, both ways', () => {
    const own = array.slice()
    const made = tensor(own, [own.length], { dtype, share: true })
    own.set(array.slice().reverse() as never)
    expect(bytes(made.toTypedArray()).equals(bytes(own))).toBe(true)
    const view = made.asTypedArray()
    view.fill(array[0] as never)
    expect(bytes(own).equals(bytes(view))).toBe(true)
  })

  it('takes plain numbers', () => {
    expect(values(tensor([0, 1], [2], { dtype }))).toEqual([0, 1])
  })
})

describe('arrays', () => {
  it('keep their dtype when nobody names one; plain arrays are float32', () => {
    const dtypes = [...cases.map(([, array]) => array), [1], new Uint8ClampedArray(1), Buffer.of(1)]
    expect(dtypes.map((one) => tensor(one as TypedArray).dtype)).toEqual([
      ...['float32', 'float64', 'float16', 'float16', 'int64', 'int32', 'int16', 'int8', 'uint8'],
      ...['uint8', 'float32', 'uint8', 'uint8'],
    ])
  })

  it('may be pieces of a buffer, copied or shared', () => {
    const whole = Float32Array.of(0, 1, 2, 3, 4)
    const piece = whole.subarray(2, 4)
    expect(values(tensor(piece))).toEqual([2, 3])
    mul_(tensor(piece, [2], { share: true }), 10)
    expect([...whole]).toEqual([0, 1, 20, 30, 4])
    expect(values(tensor(Buffer.from('abc')))).toEqual([97, 98, 99])
  })

  it('may be empty, or one value without sides', () => {
    for (const share of [false, true]) {
      expect([...tensor(new Float32Array(0), [0, 3], { share }).toTypedArray()]).toEqual([])
      expect(tensor(Float32Array.of(7), [], { share }).item()).toBe(7)
    }
    expect(tensor([], [2, 0]).asTypedArray().length).toBe(0)
  })

  it('are row-major, whatever the layout of the tensor', () => {
    const turned = t(tensor([1, 2, 3, 4, 5, 6], [2, 3]))
    expect([...(turned.toTypedArray() as Float32Array)]).toEqual([1, 4, 2, 5, 3, 6])
    expect(codeOf(() => turned.asTypedArray())).toBe('TORCH_ARGUMENT')
  })

  it('in shared memory are read in place, also after another thread wrote them', async () => {
    const memory = new SharedArrayBuffer(16)
    const made = tensor(new Float32Array(memory), [2, 2], { share: true })
    const worker = new Worker('require("node:worker_threads").workerData.set([1, 2, 3, 4])', {
      eval: true,
      workerData: new Float32Array(memory),
    })
    await new Promise((done) => worker.once('exit', done))
    expect(values(made)).toEqual([1, 2, 3, 4])
    mul_(made, 2)
    expect([...new Float32Array(memory)]).toEqual([2, 4, 6, 8])
  })

  it('outlive the tensor whose memory they are', () => {
    const made = ones([1000])
    const [first, second] = [made.asTypedArray(), made.asTypedArray()]
    made.dispose()
    first[7] = 5
    expect([second[7], second[999]]).toEqual([5, 1])
  })
})

describe('bad arrays', () => {
  const three = () => Float32Array.of(1, 2, 3)
  const refused: [string, string, () => Tensor, RegExp][] = [
    ['too few values', 'TORCH_SHAPE', () => tensor(three(), [2, 2]), /has 3 values.*wants 4/],
    ['too many values', 'TORCH_SHAPE', () => tensor([1, 2, 3], [2]), /has 3 values.*wants 2/],
    ['a negative side', 'TORCH_SHAPE', () => tensor(three(), [-1, -3]), /negative/],
    ['a broken side', 'TORCH_ARGUMENT', () => tensor(three(), [1.5, 2]), /integer/],
    ['a side that is no number', 'TORCH_ARGUMENT', () => tensor(three(), [NaN]), /integer/],
    ['a shape beyond memory', 'TORCH_SHAPE', () => tensor(three(), [2 ** 40, 2 ** 40]), /wants/],
    ['another dtype', 'TORCH_ARGUMENT', () => tensor(three(), [3], { dtype: 'int32' }), /int32/],
    [
      'an unknown dtype',
      'TORCH_ARGUMENT',
      () => tensor([1], [1], { dtype: 'f99' as never }),
      /f99/,
    ],
    ['unsigned words', 'TORCH_ARGUMENT', () => tensor(new Uint32Array(1) as never), /uint8/],
    [
      'a DataView',
      'TORCH_ARGUMENT',
      () => tensor(new DataView(three().buffer) as never, [12]),
      /typed/,
    ],
    [
      'fractions as int64',
      'TORCH_ARGUMENT',
      () => tensor([0.5], [1], { dtype: 'int64' }),
      /whole.*0\.5/,
    ],
  ]
  it.each(refused)('%s: %s', (_, code, body, message) => {
    expect(codeOf(body)).toBe(code)
    expect(body).toThrow(message)
  })
})
