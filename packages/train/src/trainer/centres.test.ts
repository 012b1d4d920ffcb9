import { mkdtempSync, readdirSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFolders, synthesizeFaces } from '@arcface/data'
import { manualSeed } from '@arcface/libtorch'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import type { ConfigInput } from '../config/schema.js'
import { embedPeople } from '../geometry/angles/embed.js'
import { embedder } from '../network/embed.js'
import { buildTraining } from '../step/build.js'
import { beginAtMeans } from './centres.js'

const faces = join(mkdtempSync(join(tmpdir(), 'centres-')), 'faces')
const DIM = 16

const config = checkConfig({
  data: { roots: [faces] },
  model: { backbone: 'r10-small', embedding: DIM },
})

const length = (row: readonly number[]) => Math.hypot(...row)
const unit = (row: readonly number[]) => row.map((value) => value / length(row))
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0)
const rowsOf = (values: Float32Array) =>
  Array.from({ length: values.length / DIM }, (_, i) => [...values.slice(DIM * i, DIM * (i + 1))])

/** Centres as drawn and as put in place, and the mean of each person's unit embeddings, in float64. */
async function begun(more: Partial<ConfigInput>) {
  const config = checkConfig({
    data: { roots: [faces], augment: { brightness: 0.5 } },
    model: { backbone: 'r10-small', embedding: DIM, dropout: 0.4 },
    train: { batchSize: 4 },
    ...more,
  })
  const dataset = openFolders([faces])
  manualSeed(1)
  using training = buildTraining(config, dataset.classes.length)
  const drawn = rowsOf(training.head.centres!.toFloat32Array())
  const told: number[] = []
  const onPass = (_: string, done: number) => told.push(done)
  expect(await beginAtMeans(training, config, dataset, { onPass })).toBe(true)
  expect(told.at(-1)).toBe(dataset.samples.length)
  const placed = rowsOf(training.head.centres!.toFloat32Array())
  const embed = embedder(training.backbone, config.train)
  const { embeddings, labels } = await embedPeople({ name: faces, ...dataset }, embed)
  const means = dataset.classes.map(() => new Array<number>(DIM).fill(0))
  for (const [i, row] of rowsOf(embeddings).entries())
    unit(row).forEach((value, d) => {
      means[labels[i]!]![d]! += value
    })
  return { drawn, placed, means }
}

beforeAll(async () => {
  await synthesizeFaces(faces, { people: 5, imagesPerPerson: 3, seed: 4 })
})

describe('centres begin at means', () => {
  it.each<[string, Partial<ConfigInput>]>([
    ['arcface', {}],
    ['softmax', { loss: { name: 'softmax' } }],
    ['arcface in blocks', { head: { blocked: true } }],
    ['a loss with a regularizer', { loss: { regularizers: [{ name: 'center' }] } }],
  ])('in direction, at the length that they were drawn with: %s', async (_, more) => {
    const { drawn, placed, means } = await begun(more)
    for (const [person, row] of placed.entries()) {
      expect(dot(unit(row), unit(means[person]!))).toBeGreaterThan(1 - 1e-9)
      expect(length(row) / length(drawn[person]!)).toBeCloseTo(1, 5)
    }
  })

  it('with sub-centers: all near, none the same', async () => {
    const { placed, means } = await begun({ loss: { name: 'subcenter-arcface', subcenters: 3 } })
    expect(placed).toHaveLength(3 * means.length)
    for (const [i, row] of placed.entries())
      expect(dot(unit(row), unit(means[Math.floor(i / 3)]!))).toBeGreaterThan(0.98)
    expect(dot(unit(placed[0]!), unit(placed[1]!))).toBeLessThan(1 - 1e-6)
  })

  it('but for a person without an image that can be read', async () => {
    const broken = mkdtempSync(join(tmpdir(), 'centres-'))
    await synthesizeFaces(broken, { people: 3, imagesPerPerson: 2, seed: 4 })
    const person = join(broken, 'person_0002')
    for (const name of readdirSync(person)) truncateSync(join(person, name), 100)
    using training = buildTraining(config, 3)
    const drawn = rowsOf(training.head.centres!.toFloat32Array())
    await beginAtMeans(training, config, openFolders([broken]), {})
    const placed = rowsOf(training.head.centres!.toFloat32Array())
    expect(placed.map((row, i) => row.join() === drawn[i]!.join())).toEqual([false, true, false])
  })

  it('not at all where it is aborted', async () => {
    using training = buildTraining(config, 5)
    const drawn = rowsOf(training.head.centres!.toFloat32Array())
    const signal = AbortSignal.abort()
    expect(await beginAtMeans(training, config, openFolders([faces]), { signal })).toBe(false)
    expect(rowsOf(training.head.centres!.toFloat32Array())).toEqual(drawn)
  })

  it('and a loss without centres refuses it', () => {
    const pairs = checkConfig({
      data: { roots: [faces], sampler: { people: 2, images: 2 } },
      model: { backbone: 'r10-small' },
      loss: { name: 'triplet' },
      head: { init: 'means' },
    })
    expect(() => buildTraining(pairs, 5)).toThrow(
      expect.objectContaining({ code: 'TRAIN_LOSS', message: expect.stringContaining('triplet') }),
    )
  })
})
