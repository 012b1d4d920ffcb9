import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesizeFaces } from '@arcface/data'
import { loadSafetensors } from '@arcface/libtorch'
import { Random } from '@arcface/vision'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ConfigInput } from '../config/schema.js'
import { findCheckpoint } from '../run/checkpoint.js'
import { smallConfig, trainUntil } from '../testing/runs.js'
import { openAuditedRun, trainedOn } from './open.js'

const room = mkdtempSync(join(tmpdir(), 'audited-'))
const faces = join(room, 'faces')
const [PEOPLE, DIM, N] = [5, 32, 4]

beforeAll(async () => {
  await synthesizeFaces(faces, { people: PEOPLE, imagesPerPerson: 4, seed: 3 })
})

const trained = async (
  name: string,
  loss: ConfigInput['loss'] = {},
  more: Partial<ConfigInput> = {},
) => {
  const run = join(room, name)
  await trainUntil(smallConfig(run, faces, { loss, ...more }), 2)
  return run
}

/** What the checkpoint holds, as rows of numbers. */
function headOf(run: string) {
  const file = join(findCheckpoint(run, 'best'), 'head-0-of-1.safetensors')
  const tensors = loadSafetensors(file)
  const rows = (name: string) => [...tensors.get(name)!.toFloat32Array()]
  return { weight: rows('weight'), bias: tensors.has('bias') ? rows('bias') : null }
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, k) => sum + value * b[k]!, 0)

describe('the head of a run', () => {
  it.each<[string, ConfigInput['loss'], Partial<ConfigInput>, number]>([
    ['arcface', { name: 'arcface', scale: 16, margin: 0.3 }, {}, 1],
    [
      'arcface in blocks',
      { name: 'arcface', scale: 16, margin: 0.3 },
      { head: { blocked: true } },
      1,
    ],
    ['sub-centers', { name: 'subcenter-arcface', scale: 16, subcenters: 3 }, {}, 3],
    ['softmax', { name: 'softmax' }, {}, 1],
  ])('scores by its centres, without a margin: %s', async (name, loss, more, perClass) => {
    const run = await trained(name, loss, more)
    const audited = openAuditedRun(run)
    const random = new Random(1)
    const rows = Float32Array.from({ length: N * DIM }, () => 3 * random.normal())
    const { classes, cosines, logits } = audited.head!.scores(rows, N)
    await audited.close()
    expect(classes).toBe(PEOPLE)
    const { weight, bias } = headOf(run)
    for (let n = 0; n < N; n++) {
      const x = [...rows.subarray(n * DIM, (n + 1) * DIM)]
      for (let c = 0; c < PEOPLE; c++) {
        const centres = Array.from({ length: perClass }, (_, k) =>
          weight.slice((c * perClass + k) * DIM, (c * perClass + k + 1) * DIM),
        )
        const cosine = Math.max(
          ...centres.map((w) => dot(x, w) / Math.hypot(...x) / Math.hypot(...w)),
        )
        const logit = bias ? dot(x, centres[0]!) + bias[c]! : 16 * cosine
        expect(cosines[n * PEOPLE + c]).toBeCloseTo(cosine, 5)
        expect(logits[n * PEOPLE + c]).toBeCloseTo(logit, 3)
      }
    }
  })

  it('is none for a loss without classes; its people are known all the same', async () => {
    const run = await trained(
      'triplet',
      { name: 'triplet' },
      {
        data: { roots: [faces], sampler: { people: 2, images: 2 } },
        train: { epochs: 1, batchSize: 4, threads: 1 },
      },
    )
    const audited = openAuditedRun(run)
    expect(audited.head).toBeNull()
    expect(trainedOn(run).samples).toHaveLength(4 * PEOPLE)
    await audited.close()
  })

  it('is of a run: another folder is refused', () => {
    expect(() => openAuditedRun(faces)).toThrow(expect.objectContaining({ code: 'TRAIN_RUN' }))
  })
})
