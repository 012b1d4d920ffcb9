import { scope, tensor } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import { Team } from '../distributed/team.js'
import { BlockedHead, type BlockedOptions } from '../head/blocked-head.js'
import { createLoss, type UnifiedMargin } from '../losses/index.js'
import { angles } from './angles.js'
import { buildTraining } from './build.js'

const DIM = 5
const CLASSES = 4
const embeddings = [
  [3, -1, 0.5, 2, 0],
  [-0.1, 0.2, 0.3, -0.4, 0.5],
]
const labels = [2, 0]

/** Angle between two vectors, in float64. */
function angle(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  return Math.acos(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))
}

function measure(loss: { name: string } & Record<string, unknown>, blocked?: BlockedOptions) {
  const config = checkConfig({
    data: { roots: ['-'], ...(loss.name === 'triplet' && { sampler: { people: 2, images: 2 } }) },
    model: { backbone: 'r10-small', embedding: DIM },
  })
  const training = buildTraining(config, CLASSES, Team.alone())
  const built = createLoss(loss, { classes: CLASSES, dim: DIM })
  const head = blocked ? new BlockedHead(built as UnifiedMargin, blocked) : built
  const rows = head.centres
  const flat = rows ? [...rows.toFloat32Array()] : []
  const centres = flat.flatMap((_, i) => (i % DIM === 0 ? [flat.slice(i, i + DIM)] : []))
  const found = scope(() => {
    const x = tensor(embeddings.flat(), [2, DIM])
    const classes = tensor(labels, [2], { dtype: 'int64' })
    if (blocked) head.call(x, classes)
    const both = angles({ ...training, head }, x, classes)
    return both && [...both.toFloat32Array()]
  })
  return { target: found?.[0] ?? null, other: found?.[1] ?? null, centres }
}

const mean = (of: (label: number, i: number) => number) =>
  labels.reduce((sum, label, i) => sum + of(label, i) / labels.length, 0)

describe('angles', () => {
  it.each([
    [{ name: 'arcface' }, 1],
    [{ name: 'softmax' }, 1],
    [{ name: 'subcenter-arcface', subcenters: 3 }, 3],
    [{ name: 'arcface' }, 1, { block: 3 }],
    [{ name: 'subcenter-arcface', subcenters: 3 }, 3, { block: 3 }],
  ])(
    'are those to the nearest own and to the nearest other centre, without margin: %o',
    (loss, perClass, blocked?: BlockedOptions) => {
      const { target, other, centres } = measure(loss, blocked)
      const nearest = (i: number, ofClass: (label: number) => boolean) =>
        Math.min(
          ...centres
            .filter((_, row) => ofClass(Math.floor(row / perClass)))
            .map((centre) => angle(embeddings[i]!, centre)),
        )
      expect(target).toBeCloseTo(
        mean((label, i) => nearest(i, (one) => one === label)),
        5,
      )
      expect(other).toBeCloseTo(
        mean((label, i) => nearest(i, (one) => one !== label)),
        5,
      )
    },
  )

  it('are none for a loss without centres', () => {
    expect(measure({ name: 'triplet' })).toMatchObject({ target: null, other: null })
  })
})
