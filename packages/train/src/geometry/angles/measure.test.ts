import { mkdtempSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeImage, openFolders, synthesizeFaces } from '@arcface/data'
import { degrees, radians } from '@arcface/evaluate'
import { liveTensors, loadSafetensors } from '@arcface/libtorch'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../config/load.js'
import { findCheckpoint } from '../../run/checkpoint.js'
import { openRunEmbedder } from '../../run/load.js'
import { train } from '../../trainer/trainer.js'
import { angleHistogram } from './histogram.js'
import { measureAngles, type RunAngles } from './measure.js'
import { anglesPage } from './page.js'

const room = mkdtempSync(join(tmpdir(), 'angles-'))
const faces = join(room, 'faces')
const strangers = join(room, 'strangers')
const DIM = 16

const config = (loss: object) =>
  checkConfig({
    output: join(room, 'run'),
    data: { roots: [faces] },
    model: { backbone: 'r10-small', embedding: DIM },
    loss,
    train: { epochs: 2, batchSize: 8, threads: 1 },
    checkpoint: { every: 2, keep: 9 },
  })

const run = join(room, 'run')
let found: RunAngles

beforeAll(async () => {
  await synthesizeFaces(faces, { people: 6, imagesPerPerson: 4, seed: 1 })
  await synthesizeFaces(strangers, { people: 3, imagesPerPerson: 2, seed: 2 })
  await train(config({ name: 'arcface', scale: 16, margin: 0.2 }))
  found = await measureAngles(run, [strangers])
})

type Row = readonly number[]
const unit = (row: Row): number[] => row.map((value) => value / Math.hypot(...row))
const angle = (a: Row, b: Row) =>
  Math.acos(
    Math.min(
      1,
      unit(a).reduce((sum, x, i) => sum + x * unit(b)[i]!, 0),
    ),
  )
const mean = (values: Row) => values.reduce((sum, one) => sum + one, 0) / values.length
const rowsOf = (values: ArrayLike<number>): number[][] =>
  Array.from({ length: values.length / DIM }, (_, i) =>
    Array.from({ length: DIM }, (_, j) => values[i * DIM + j]!),
  )
const nearest = (rows: Row[]) =>
  mean(rows.map((a, i) => Math.min(...rows.filter((_, j) => j !== i).map((b) => angle(a, b)))))

/** Embeddings one image at a time, by the run's own embedder, and their centres. */
async function embedded(folder: string) {
  const { samples, classes } = openFolders([folder])
  const model = await openRunEmbedder(run)
  const rows: number[][] = []
  for (const { path } of samples)
    rows.push([...(await model.embed(await decodeImage(path), 1))].map(Number))
  await model.close()
  const centres = classes.map((_, label) => {
    const own = rows.filter((_, i) => samples[i]!.label === label).map(unit)
    return unit(Array.from({ length: DIM }, (_, j) => mean(own.map((row) => row[j]!))))
  })
  const intra = mean(rows.map((row, i) => angle(row, centres[samples[i]!.label]!)))
  return { centres, intra, inter: nearest(centres) }
}

describe('angles of a run', () => {
  it.each([
    ['training data', faces, 0],
    ['strangers', strangers, 1],
  ])('are those of the definition on %s', async (name, folder, position) => {
    const { intra, inter } = await embedded(folder)
    const set = found.sets[position]!
    expect(set).toMatchObject({
      name,
      people: position === 0 ? 6 : 3,
      images: position === 0 ? 24 : 6,
    })
    expect(set.intra).toBeCloseTo(intra, 4)
    expect(set.inter).toBeCloseTo(inter, 4)
  })

  it('of the trained centres are those of the definition', async () => {
    const head = loadSafetensors(join(findCheckpoint(run), 'head-0-of-1.safetensors'))
    const weights = rowsOf(head.get('weight')!.toFloat32Array())
    for (const one of head.values()) one.dispose()
    const { centres } = await embedded(faces)
    expect(found.centres!.wEc).toBeCloseTo(
      mean(weights.map((row, i) => angle(row, centres[i]!))),
      4,
    )
    expect(found.centres!.wInter).toBeCloseTo(nearest(weights), 4)
  })

  it('have a history from the untrained network to the last checkpoint', () => {
    expect(found.history.map(({ step }) => step)).toEqual([0, 2, 4, 6])
    for (const { histogram } of found.history) {
      expect(histogram.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
      expect(histogram.mean).toBeGreaterThan(0)
    }
    expect(found.history[0]!.histogram.mean).not.toBe(found.history[3]!.histogram.mean)
  })

  it('have a page with the figures in degrees, which stands alone', () => {
    const { html, pictures } = anglesPage([found, found])
    expect(html).toContain(`<td class="number">${degrees(found.sets[0]!.intra).toFixed(2)}</td>`)
    expect(html).toContain('<th scope="row">Inter, strangers</th>')
    expect(pictures.map(({ name }) => name)).toEqual(['angles-history-1', 'angles-history-2'])
    expect(pictures[0]!.svg.toString()).toContain('step 6')
    expect(html).not.toMatch(/<script|<link|<img|src=/)
  })

  it('are refused for data that is not what was trained on; no tensor is left', async () => {
    const before = liveTensors()
    await measureAngles(run, [])
    expect(liveTensors()).toBe(before)
    const person = openFolders([faces]).classes[0]!
    renameSync(join(faces, person), join(room, person))
    await expect(measureAngles(run, [])).rejects.toMatchObject({ code: 'TRAIN_DATA' })
    renameSync(join(room, person), join(faces, person))
  })
})

describe('histogram', () => {
  it('counts angles in bins of three degrees', () => {
    const { shares, mean } = angleHistogram(Float64Array.of(0, radians(4), radians(5), Math.PI))
    expect([shares[0], shares[1], shares[2], shares[59]]).toEqual([0.25, 0.5, 0, 0.25])
    expect(degrees(mean)).toBeCloseTo((4 + 5 + 180) / 4, 9)
  })
})
