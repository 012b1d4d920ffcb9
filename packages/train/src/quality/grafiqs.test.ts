import { liveTensors, manualSeed, noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import { Random } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { createBackbone } from '../backbones/registry.js'
import { blockOf, gradientMagnitudes, statisticsDistance, statisticsGradient } from './grafiqs.js'

const random = new Random(1)
const pixels = (n: number, scale = 1) =>
  Float32Array.from({ length: n * 3 * 112 * 112 }, () => scale * (2 * random.float() - 1))
const input = (values: Float32Array) =>
  tensor(values, [values.length / (3 * 112 * 112), 3, 112, 112])
const network = (name: string) => {
  manualSeed(1)
  return createBackbone(name, { embeddingSize: 16 }).eval()
}

describe('the distance of statistics', () => {
  it('is a sum over images, each by itself', () => {
    const backbone = network('r10-small')
    const x = input(pixels(2))
    const whole = scope(() => statisticsDistance(backbone, x).item())
    expect(whole).toBeGreaterThan(0)
    const two = [0, 1].map((i) =>
      scope(() => statisticsDistance(backbone, ops.narrow(x, 0, i, 1)).item()),
    )
    // Each image counts by itself, whatever stands beside it.
    expect(whole / (two[0]! + two[1]!)).toBeCloseTo(1, 4)
    x.dispose()
    backbone.dispose()
  })
})

describe.each([
  ['r10-small', 'layer3'],
  ['r18-small', 'layer2'],
  ['mobilefacenet-small', 'layers.5'],
])('the gradient of %s at %s', (name, place) => {
  it('is of each image alone, and leaves no tensors and no hooks behind', () => {
    const backbone = network(name)
    const block = blockOf(backbone, place)
    const values = pixels(3)
    const x = input(values)
    const before = liveTensors()
    const together = gradientMagnitudes(backbone, x, block)
    expect(liveTensors()).toBeLessThanOrEqual(before)
    for (const i of [0, 1, 2]) {
      const one: Tensor = scope(() => ops.narrow(x, 0, i, 1))
      expect(gradientMagnitudes(backbone, one, block)[0]! / together[i]!).toBeCloseTo(1, 3)
    }
    expect(Object.hasOwn(block, 'forward')).toBe(false)
    x.dispose()
    backbone.dispose()
  })
})

// Of a fresh MobileFaceNet what the late layers add vanishes in float32 beside the early ones: no differences can be told.
it.each([
  ['r10-small', 'layer3'],
  ['r18-small', 'layer2'],
])(
  'the gradient of %s at %s is the slope of the distance, by differences; magnitudes are the sum of its own',
  (name, place) => {
    const backbone = network(name)
    const block = blockOf(backbone, place)
    const x = input(pixels(1))
    const gradient = statisticsGradient(backbone, x, block)
    const values = gradient.toFloat32Array()
    const sum = values.reduce((all, one) => all + Math.abs(one), 0)
    expect(gradientMagnitudes(backbone, x, block)[0]! / sum).toBeCloseTo(1, 4)
    const forward = block.forward.bind(block)
    const moved = (at: number, by: number): number =>
      scope(() => {
        const off = new Float32Array(values.length)
        off[at] = by
        block.forward = (...of) => ops.add(forward(...of), tensor(off, [...gradient.shape]))
        return noGrad(() => statisticsDistance(backbone, x).item())
      })
    // Where it is steepest, so that float32 tells the difference.
    const steepest = [...values.keys()].sort((i, j) => Math.abs(values[j]!) - Math.abs(values[i]!))
    for (const at of steepest.slice(0, 5)) {
      const step = 0.1
      const slope = (moved(at, step) - moved(at, -step)) / (2 * step)
      expect(slope / values[at]!).toBeGreaterThan(0.9)
      expect(slope / values[at]!).toBeLessThan(1.1)
    }
    for (const one of [x, gradient]) one.dispose()
    backbone.dispose()
  },
)

it('refuses blocks that there are not, and those that no layer follows', () => {
  const backbone = network('r10-small')
  const code = (message: RegExp) =>
    expect.objectContaining({ code: 'TRAIN_BACKBONE', message: expect.stringMatching(message) })
  expect(() => blockOf(backbone, 'layer33')).toThrow(code(/did you mean layer3/))
  const x = input(pixels(1))
  expect(() => gradientMagnitudes(backbone, x, blockOf(backbone, 'fc'))).toThrow(
    code(/no BatchNorm over maps comes after/),
  )
  x.dispose()
  backbone.dispose()
})
