import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tensor } from '../build/parts.js'
import { TensorProto_DataType } from '../generated/onnx_pb.js'
import { numbersOf } from '../model/numbers.js'
import { fitHalf, halfOf } from './half.js'

/** What half precision numbers are, by the reader of tensors. */
function valuesOf(bits: Uint16Array): Float32Array {
  const made = tensor('halves', new Float32Array(0), [bits.length])
  made.dataType = TensorProto_DataType.FLOAT16
  made.rawData = new Uint8Array(bits.buffer)
  return numbersOf(made) as Float32Array
}

const FINITE = Uint16Array.from({ length: 0x7c00 }, (_, i) => i)
const VALUES = valuesOf(FINITE)

it('gives each half precision number itself, of both signs', () => {
  expect(VALUES.every((value, bits) => halfOf(value) === bits)).toBe(true)
  expect(VALUES.every((value, bits) => bits === 0 || halfOf(-value) === bits + 0x8000)).toBe(true)
})

it('gives the nearest, and of two the one whose last digit is 0', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0x7bfe }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (low, part) => {
        const [a, b] = [VALUES[low]!, VALUES[low + 1]!]
        const x = Math.fround(a + part * (b - a))
        const nearer = x - a < b - x ? low : x - a > b - x ? low + 1 : low + (low % 2)
        expect(halfOf(x)).toBe(nearer)
      },
    ),
  )
  for (const low of [0, 1, 1022, 1023, 1024, 5000, 5001])
    expect(halfOf((VALUES[low]! + VALUES[low + 1]!) / 2)).toBe(low + (low % 2))
})

it('cuts off what does not fit, and says so', () => {
  const fit = [[65504], [65519], [65520, 1], [-1e9], [Infinity], [1e-9, 1], [1e-9], [0]]
  expect(fit.map((numbers) => fitHalf(Float32Array.from(numbers)))).toEqual([
    ...[true, true, false, false, false, true, false, true],
  ])
  expect([65519, 1e9, -1e9, Number.NaN].map(halfOf)).toEqual([0x7bff, 0x7bff, 0xfbff, 0x7e00])
})
