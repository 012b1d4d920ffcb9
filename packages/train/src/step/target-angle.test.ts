import { scope, tensor } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import { Team } from '../distributed/team.js'
import { createLoss } from '../losses/index.js'
import { buildTraining } from './build.js'
import { targetAngle } from './target-angle.js'

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

function measure(loss: { name: string } & Record<string, unknown>) {
  const config = checkConfig({
    data: { roots: ['-'], ...(loss.name === 'triplet' && { sampler: { people: 2, images: 2 } }) },
    model: { backbone: 'r10-small', embedding: DIM },
  })
  const training = buildTraining(config, CLASSES, Team.alone())
  const head = createLoss(loss, { classes: CLASSES, dim: DIM })
  const rows = head.centres
  const flat = rows ? [...rows.toFloat32Array()] : []
  const centres = flat.flatMap((_, i) => (i % DIM === 0 ? [flat.slice(i, i + DIM)] : []))
  const value = scope(
    () =>
      targetAngle(
        { ...training, head },
        tensor(embeddings.flat(), [2, DIM]),
        tensor(labels, [2], { dtype: 'int64' }),
      )?.item() ?? null,
  )
  return { value, centres }
}

describe('targetAngle', () => {
  it('is the mean angle to the own centre, without margin', () => {
    for (const name of ['arcface', 'softmax']) {
      const { value, centres } = measure({ name })
      const angles = labels.map((label, i) => angle(embeddings[i]!, centres[label]!))
      expect(value).toBeCloseTo((angles[0]! + angles[1]!) / 2, 5)
    }
  })

  it('is that to the nearest of several centres', () => {
    const { value, centres } = measure({ name: 'subcenter-arcface', subcenters: 3 })
    const angles = labels.map((label, i) =>
      Math.min(...[0, 1, 2].map((k) => angle(embeddings[i]!, centres[3 * label + k]!))),
    )
    expect(value).toBeCloseTo((angles[0]! + angles[1]!) / 2, 5)
  })

  it('is none for a loss without centres', () => {
    expect(measure({ name: 'triplet' }).value).toBeNull()
  })
})
