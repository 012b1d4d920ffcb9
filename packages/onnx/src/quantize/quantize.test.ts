import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../build/graph.js'
import { giveValues } from '../edit/values.js'
import { type ModelProto, TensorProto_DataType } from '../generated/onnx_pb.js'
import { decodeModel, encodeModel } from '../model/model.js'
import { equalize } from './equalize.js'
import { toFloat16 } from './float16.js'
import { quantizeInt8, valuesToMeasure } from './int8.js'
import { affineOf, byteOf, quantizeBias, quantizeWeights, type Range } from './integers.js'
import { prepareInt8 } from './prepare.js'

const { FLOAT } = TensorProto_DataType
const SIDE = 8
const CHANNELS = 6

/** Numbers without a pattern, about -1 to 1. */
const numbers = (count: number, seed: number, gain = 1) =>
  Float32Array.from({ length: count }, (_, i) => gain * Math.sin(12.9898 * (i + 1) * seed + i * i))

async function run(model: ModelProto, x: Float32Array, batch = 1) {
  const session = await InferenceSession.create(encodeModel(model), { logSeverityLevel: 3 })
  const [name] = session.inputNames as [string]
  const results = await session.run({ [name]: new Tensor('float32', x, [batch, 3, SIDE, SIDE]) })
  await session.release()
  return Object.fromEntries(
    Object.entries(results).map(([key, { data }]) => [key, data]),
  ) as Record<string, Float32Array>
}

/** What a face network is made of, each channel wider than the one before it: normalisation, folded and free BatchNormalization, PRelu, bounds, a sum, a product. */
function network(opset = 13, spread = 1): ModelProto {
  const graph = new GraphBuilder('small', { opset })
  let seed = 1
  const weights = (...shape: number[]) =>
    graph.constant(
      numbers(
        shape.reduce((a, b) => a * b),
        ++seed,
        0.5,
      ),
      shape,
    )
  const positive = (spread = 1) =>
    graph.constant(
      numbers(CHANNELS, ++seed).map((value, c) => (1.2 + value) * spread ** c),
      [CHANNELS],
    )
  const conv = (x: string, from: number, group = 1) =>
    graph.add('Conv', [x, weights(CHANNELS, from / group, 3, 3), weights(CHANNELS)], {
      pads: { ints: [1, 1, 1, 1] },
      kernel_shape: { ints: [3, 3] },
      group: { int: group },
    })
  const norm = (x: string) =>
    graph.add('BatchNormalization', [
      x,
      positive(spread),
      weights(CHANNELS),
      weights(CHANNELS),
      positive(),
    ])
  const prelu = (x: string) => graph.add('PRelu', [x, weights(CHANNELS, 1, 1)])
  const input = graph.input('x', FLOAT, ['n', 3, SIDE, SIDE])
  const scaled = graph.add('Mul', [graph.add('Sub', [input, graph.number(0.1)]), graph.number(0.9)])
  const first = prelu(norm(conv(scaled, 3)))
  const six = graph.number(6)
  const bounded =
    opset < 11
      ? graph.add('Clip', [conv(first, CHANNELS, CHANNELS)], {
          min: { float: 0 },
          max: { float: 6 },
        })
      : graph.add('Clip', [conv(first, CHANNELS, CHANNELS), graph.number(0), six])
  const sum = graph.add('Add', [first, norm(conv(bounded, CHANNELS))])
  const flat = graph.add('Flatten', [norm(sum)])
  const y = graph.add('Gemm', [flat, weights(4, CHANNELS * SIDE * SIDE), weights(4)], {
    transB: { int: 1 },
  })
  graph.output(y, FLOAT, ['n', 4])
  return decodeModel(graph.encode(), 'small')
}

async function rangesOf(model: ModelProto, xs: Float32Array[]): Promise<Map<string, Range>> {
  const ranges = new Map<string, Range>()
  for (const x of xs) {
    const values = { x, ...(await run(giveValues(model, valuesToMeasure(model)), x)) }
    for (const [name, data] of Object.entries(values)) {
      const { min, max } = ranges.get(name) ?? { min: 0, max: 0 }
      ranges.set(name, { min: Math.min(min, ...data), max: Math.max(max, ...data) })
    }
  }
  return ranges
}

const images = Array.from({ length: 8 }, (_, i) => numbers(3 * SIDE * SIDE, 0.37 + i / 9))
const only = (values: Record<string, Float32Array>) => Object.values(values)[0]!
const apart = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / Math.max(...a.map(Math.abs))
const typesOf = (model: ModelProto) => new Set(model.graph!.node.map(({ opType }) => opType))

describe('a network made ready for bytes', () => {
  it.each([9, 13, 17])('computes the same, of operator set %d', async (opset) => {
    const prepared = prepareInt8(network(opset), 'small')
    expect(
      apart(only(await run(network(opset), images[0]!)), only(await run(prepared, images[0]!))),
    ).toBeLessThan(2e-6)
    const types = typesOf(prepared)
    expect([types.has('PRelu'), types.has('BatchNormalization')]).toEqual([false, false])
  })

  it('leaves the model that it was given as it was', () => {
    const model = network()
    const before = encodeModel(model)
    prepareInt8(model, 'small')
    expect(encodeModel(model)).toEqual(before)
  })
})

/** The range of each channel of each value. */
async function channelsOf(model: ModelProto, xs: Float32Array[]) {
  const channels = new Map<string, { min: number; max: number }[]>()
  for (const x of xs)
    for (const [name, data] of Object.entries(
      await run(giveValues(model, valuesToMeasure(model)), x),
    )) {
      const count = data.length / SIDE / SIDE === CHANNELS ? CHANNELS : 1
      const before = channels.get(name)
      const ranges = Array.from({ length: count }, (_, c) => {
        const plane = data.subarray((c * data.length) / count, ((c + 1) * data.length) / count)
        return {
          min: Math.min(before?.[c]?.min ?? 0, ...plane),
          max: Math.max(before?.[c]?.max ?? 0, ...plane),
        }
      })
      channels.set(name, ranges)
    }
  return channels
}

describe('a network whose channels are made alike', () => {
  it('computes the same, says its ranges, and is nearer as bytes', async () => {
    const prepared = prepareInt8(network(13, 2), 'small')
    const equal = equalize(prepared, await channelsOf(prepared, images))
    const found = await rangesOf(equal.model, images)
    for (const [name, { min, max }] of equal.ranges) {
      const { min: low, max: high } = found.get(name)!
      expect(Math.max(Math.abs(min - low), Math.abs(max - high))).toBeLessThan(1e-5 * (high - low))
    }
    const narrow = (channels: Awaited<ReturnType<typeof channelsOf>>) =>
      [...channels.values()].flatMap((ranges) => {
        const sizes = ranges.map(({ min, max }) => Math.max(-min, max))
        return ranges.length > 1 ? [Math.min(...sizes) / Math.max(...sizes)] : []
      })
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length
    const before = mean(narrow(await channelsOf(prepared, images)))
    expect(mean(narrow(await channelsOf(equal.model, images)))).toBeGreaterThan(1.2 * before)
    const errors = async (model: ModelProto, ranges: Map<string, Range>) => {
      const quantized = quantizeInt8(model, ranges)
      const each = []
      for (const x of images) {
        const expected = only(await run(prepared, x))
        expect(apart(expected, only(await run(model, x)))).toBeLessThan(1e-5)
        each.push(apart(expected, only(await run(quantized, x))))
      }
      return mean(each)
    }
    const asItWas = await errors(prepared, await rangesOf(prepared, images))
    expect(await errors(equal.model, found)).toBeLessThan(asItWas)
  })
})

describe('a network of bytes', () => {
  it('is near the one of floats, a quarter of its size, and all products are of bytes', async () => {
    const prepared = prepareInt8(network(), 'small')
    const quantized = quantizeInt8(prepared, await rangesOf(prepared, images))
    for (const x of images)
      expect(apart(only(await run(prepared, x)), only(await run(quantized, x)))).toBeLessThan(0.08)
    const giver = new Map(quantized.graph!.node.map((node) => [node.output[0]!, node.opType]))
    for (const { opType, input } of quantized.graph!.node)
      if (['Conv', 'Gemm', 'Add'].includes(opType))
        for (const name of input)
          expect([name, giver.get(name)]).toEqual([name, 'DequantizeLinear'])
  })

  it('takes several at once', async () => {
    const prepared = prepareInt8(network(), 'small')
    const quantized = quantizeInt8(prepared, await rangesOf(prepared, images))
    const two = Float32Array.from([...images[0]!, ...images[1]!])
    const both = only(await run(quantized, two, 2))
    expect([...both.subarray(4)]).toEqual([...only(await run(quantized, images[1]!))])
  })

  it('multiplies as the formulas say', async () => {
    const graph = new GraphBuilder('product', { opset: 13 })
    const [weights, bias] = [numbers(5 * 192, 3), numbers(5, 7, 20)]
    const flat = graph.add('Flatten', [graph.input('x', FLOAT, [1, 3, SIDE, SIDE])])
    const names = [graph.constant(weights, [192, 5], 'w'), graph.constant(bias, [5], 'b')]
    graph.output(graph.add('Gemm', [flat, ...names]), FLOAT)
    const prepared = prepareInt8(decodeModel(graph.encode(), 'product'), 'product')
    const range = { min: -0.5, max: 0.75 }
    const quantized = quantizeInt8(prepared, new Map([[flat, range]]))
    const x = images[2]!
    // By hand, in float64: whole numbers are multiplied and summed, then scaled.
    const affine = affineOf(range)
    const w = quantizeWeights(weights, [192, 5], 1, () => 0)
    const b = quantizeBias(bias, affine, w.scales)
    const expected = [0, 1, 2, 3, 4].map((c) => {
      let sum = b.data[c]!
      for (let k = 0; k < 192; k++)
        sum += (byteOf(x[k]!, affine) - affine.zero) * w.data[5 * k + c]!
      return sum * affine.scale * w.scales[c]!
    })
    const found = only(await run(quantized, x))
    found.forEach((value, c) => {
      expect(Math.abs(value - expected[c]!)).toBeLessThan(1e-5 * Math.abs(expected[c]!) + 1e-6)
    })
  })
})

describe('a network of float16', () => {
  it('takes and gives float32, is near and half as large', async () => {
    const model = network()
    const half = toFloat16(model, 'small')
    const [a, b] = [only(await run(model, images[0]!)), only(await run(half, images[0]!))]
    expect(apart(a, b)).toBeLessThan(5e-3)
    expect(apart(a, b)).toBeGreaterThan(0)
    const bytes = (of: ModelProto) =>
      of.graph!.initializer.reduce((sum, { rawData }) => sum + rawData.length, 0)
    expect(bytes(half)).toBeLessThan(0.55 * bytes(model))
  })

  it('keeps weights that float16 cannot hold', async () => {
    const graph = new GraphBuilder('large', { opset: 13 })
    const flat = graph.add('Flatten', [graph.input('x', FLOAT, [1, 3, SIDE, SIDE])])
    const huge = graph.constant(numbers(192 * 4, 5, 1e6), [192, 4])
    const y = graph.add('Mul', [graph.add('MatMul', [flat, huge]), graph.number(1e-6)])
    graph.output(y, FLOAT, [1, 4])
    const model = decodeModel(graph.encode(), 'large')
    const half = only(await run(toFloat16(model, 'large'), images[0]!))
    expect(apart(only(await run(model, images[0]!)), half)).toBeLessThan(1e-2)
  })
})

describe('what cannot be written so', () => {
  const refused = (model: ModelProto, what: RegExp) => {
    for (const change of [prepareInt8, toFloat16])
      expect(() => change(model, 'm.onnx')).toThrow(
        expect.objectContaining({ code: 'ONNX_PRECISION', message: expect.stringMatching(what) }),
      )
  }

  it('is a model that is quantised or float16 already', () => {
    const prepared = prepareInt8(network(), 'small')
    const ranges = new Map(valuesToMeasure(prepared).map((name) => [name, { min: -1, max: 1 }]))
    refused(quantizeInt8(prepared, ranges), /quantised already/)
    refused(toFloat16(network(), 'small'), /float16 already/)
  })

  it('is a model of an operator set in which an operator meant something else', () => {
    const graph = new GraphBuilder('old', { opset: 9 })
    const x = graph.input('x', FLOAT, [1, 3, SIDE, SIDE])
    graph.output(
      graph.add('Upsample', [x, graph.constant(Float32Array.of(1, 1, 2, 2), [4])]),
      FLOAT,
    )
    refused(decodeModel(graph.encode(), 'old'), /Upsample .* 9/)
  })
})
