import { manualSeed, type nn } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import { DEVICE } from '../testing/device.js'
import { buildTraining } from './build.js'
import { trainStep } from './step.js'

const PEOPLE = 4
const images = Uint8Array.from({ length: 4 * 112 * 112 * 3 }, (_, i) => (i * 7919) % 256)
const labels = Int32Array.of(0, 1, 2, 3)

const flat = (module: nn.Module) =>
  module.parameters().flatMap((one) => [...one.toTypedArray()].map(Number))

/** How far the first step moves backbone and head, and the norm of the gradients that it reports. */
function firstStep(clipNorm: number, lr = 0.01) {
  const config = checkConfig({
    data: { roots: ['-'] },
    model: { backbone: 'r10-small', embedding: 16 },
    train: { device: DEVICE },
    optimizer: { lr, warmup: 0, weightDecay: 0, clipNorm },
  })
  manualSeed(2)
  const training = buildTraining(config, PEOPLE)
  const modules = [training.backbone, training.head]
  const before = modules.map(flat)
  const { gradNorm } = trainStep(config, training, { images, labels, step: 0, steps: 4 })
  const [backbone, head] = modules.map((module, i) => {
    const moved = flat(module).map((value, j) => (value - before[i]![j]!) / lr)
    return Math.sqrt(moved.reduce((sum, value) => sum + value * value, 0))
  })
  for (const module of modules) module.dispose()
  return { gradNorm, backbone: backbone!, head: head! }
}

describe('trainStep', () => {
  it('goes by the gradient, that of the backbone no longer than optimizer.clipNorm', () => {
    const free = firstStep(0)
    expect(free.backbone / free.gradNorm).toBeCloseTo(1, 3)
    const clipped = firstStep(free.gradNorm / 3)
    expect(clipped.gradNorm).toBeCloseTo(free.gradNorm, 6)
    expect(clipped.backbone / free.gradNorm).toBeCloseTo(1 / 3, 3)
    expect(clipped.head).toBeCloseTo(free.head, 6)
    expect(firstStep(free.gradNorm * 2).backbone).toBeCloseTo(free.backbone, 6)
  })
})
