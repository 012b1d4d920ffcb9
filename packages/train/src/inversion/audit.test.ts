import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFolders, synthesizeFaces } from '@arcface/data'
import { setNumThreads } from '@arcface/libtorch'
import { randomEmbedder } from '@arcface/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { createBackbone } from '../backbones/index.js'
import { embedder } from '../network/embed.js'
import { smallConfig } from '../testing/runs.js'
import { train } from '../trainer/trainer.js'
import { auditInversion, type InversionAudit, type InversionOptions } from './audit.js'
import { inversionFigures } from './figures.js'
import { inversionDefaults } from './invert.js'
import { writeInversion } from './write.js'

const room = mkdtempSync(join(tmpdir(), 'inversion-'))
const [members, strangers, run, file] = ['members', 'strangers', 'run', 'tiny.onnx'].map((name) =>
  join(room, name),
) as [string, string, string, string]
const compute = { device: 'cpu', memoryFormat: 'channels_last', precision: 'fp32' } as const
const judge = {
  embed: embedder(createBackbone('r10-small', { embeddingSize: 16 }), compute),
  thresholds: { source: 'drawn faces', cosine: { '1e-2': 0.5, '1e-3': 0.7 } },
  pairsAbove: async () => {},
}
const warnings: string[] = []
const options: InversionOptions = {
  ...{ ...inversionDefaults, steps: 12, seed: 1 },
  ...{ people: 3, protect: ['folded', 'bits=1'], start: 'noise' },
  onWarning: (text) => warnings.push(text),
}
const both = () => openFolders([members, strangers])
let audit: InversionAudit

beforeAll(async () => {
  await synthesizeFaces(members, { people: 5, imagesPerPerson: 5, seed: 1 })
  await synthesizeFaces(strangers, { people: 4, imagesPerPerson: 3, seed: 2 })
  for (const name of readdirSync(strangers))
    renameSync(join(strangers, name), join(strangers, `other-${name}`))
  await train(smallConfig(run, members, { train: { epochs: 20, batchSize: 8, threads: 1 } }))
  writeFileSync(file, randomEmbedder())
  setNumThreads(1)
  audit = await auditInversion(run, both(), judge, options)
})

describe('an audit of a run', () => {
  it('attacks members by their centres, and members and strangers by templates', () => {
    const { rows, real, finished } = inversionFigures(audit)
    expect(finished).toBe(true)
    expect(
      rows.map(({ set, protection, group, people }) => [set, protection, group, people]),
    ).toEqual([
      ['closed', 'none', 'member', 3],
      ['closed', 'folded', 'member', 3],
      ...['none', 'folded', 'bits=1'].flatMap((protection) => [
        ['open', protection, 'member', 3],
        ['open', protection, 'stranger', 3],
      ]),
    ])
    expect(real.map(({ group, people }) => [group, people])).toEqual([
      ['member', 3],
      ['stranger', 3],
    ])
    expect(warnings.join()).toMatch(/bits=1.*open set alone/)
  })

  it('leads pictures towards what was given', () => {
    for (const { set, protection, course } of inversionFigures(audit).rows) {
      if (protection === 'bits=1') continue
      expect([set, protection, course.at(-1)!.reached > course[0]!.reached]).toEqual([
        set,
        protection,
        true,
      ])
    }
  })

  it('judges a picture by photographs that the attacker was not given', () => {
    for (const { set, drawn } of audit.attacks)
      for (const { target, stages } of drawn)
        for (const { others, same, strangers } of stages) {
          expect(others).toHaveLength(target.others.length)
          expect(same === null).toBe(set === 'closed')
          const rest = audit.targets.filter((one) => one !== target)
          expect(strangers).toHaveLength(rest.reduce((sum, one) => sum + 1 + one.others.length, 0))
        }
  })

  it('is the same again', async () => {
    const again = await auditInversion(run, both(), judge, options)
    expect(inversionFigures(again)).toEqual(inversionFigures(audit))
  })

  it('writes figures, page and pictures that only their owner may read', async () => {
    const out = join(room, 'out')
    const files = await writeInversion(out, audit, [['Model', 'a <run>']])
    expect(files.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600])
    const pictures = readdirSync(join(out, 'pictures'))
    expect(pictures).toHaveLength(audit.attacks.reduce((sum, { drawn }) => sum + drawn.length, 0))
    expect(statSync(join(out, 'pictures')).mode & 0o777).toBe(0o700)
    expect(statSync(join(out, 'pictures', pictures[0]!)).mode & 0o777).toBe(0o600)
    const { rows, real } = JSON.parse(readFileSync(files[0]!, 'utf8'))
    expect({ rows, real, finished: true }).toEqual(
      JSON.parse(JSON.stringify(inversionFigures(audit))),
    )
    const page = readFileSync(files[1]!, 'utf8')
    const looks = audit.attacks
      .flatMap(({ drawn }) => drawn)
      .reduce((sum, { stages }) => sum + 1 + stages.length, 0)
    expect(page.match(/<img src="data:image\/jpeg;base64,/g)?.length).toBe(looks)
    const words = page.replace(/base64,[^"]*/g, '')
    expect(words.includes('a &lt;run&gt;')).toBe(true)
    expect(words.match(/NaN|undefined/g)).toBeNull()
  })

  it('that is ended keeps what there is', async () => {
    const stop = new AbortController()
    const results: boolean[] = []
    const part = await auditInversion(run, both(), judge, {
      ...options,
      signal: stop.signal,
      onProgress: (_, done) => done >= 15 && stop.abort(),
      onResult: ({ finished }) => void results.push(finished),
    })
    expect(part.finished).toBe(false)
    // The second attack was at its third step.
    const [first, second, ...others] = part.attacks
    expect(first!.drawn[0]!.stages.at(-1)!.step).toBe(12)
    expect(second!.drawn[0]!.stages.at(-1)!.step).toBe(3)
    expect(others.every(({ drawn }) => drawn.length === 0)).toBe(true)
    expect(results).toEqual([false, false])
    expect(inversionFigures(part).rows).toHaveLength(2)
  })
})

describe('what cannot be attacked is refused', () => {
  const refused = (
    model: string,
    given: Partial<InversionOptions>,
    code: string,
    folders = both(),
  ) =>
    expect(auditInversion(model, folders, judge, { ...options, ...given })).rejects.toMatchObject({
      code,
    })

  it('a closed set of a file, or of people who are none of it', async () => {
    await refused(file, { sets: ['closed'] }, 'TRAIN_RUN')
    await refused(run, { sets: ['closed'] }, 'TRAIN_DATA', openFolders([strangers]))
  })

  it('a protection that is none, a mean face of nobody', async () => {
    await refused(run, { protect: ['hashed'] }, 'TRAIN_CONFIG')
    await refused(run, { people: 9, start: 'mean' }, 'TRAIN_DATA')
  })
})

it('a file is attacked by templates, and its people are of no group', async () => {
  warnings.length = 0
  const all = { people: 9, start: 'noise', protect: ['folded'] } as const
  const thresholds = undefined
  // By brute force, as it is written in its contract.
  const pairsAbove = async (
    rows: Float32Array,
    dim: number,
    threshold: number,
    found: (i: number, j: number, similarity: number) => void,
  ) => {
    for (let i = 0; i < rows.length / dim; i++)
      for (let j = i + 1; j < rows.length / dim; j++) {
        let product = 0
        for (let k = 0; k < dim; k++) product += rows[i * dim + k]! * rows[j * dim + k]!
        if (product > threshold) found(i, j, product)
      }
  }
  const own = { ...judge, thresholds, pairsAbove }
  const found = await auditInversion(file, both(), own, { ...options, ...all })
  const { rows } = inversionFigures(found)
  expect(
    rows.map(({ set, protection, group, people }) => [set, protection, group, people]),
  ).toEqual([['open', 'none', 'unknown', 9]])
  expect(rows[0]!.course.at(-1)!.reached).toBeGreaterThan(rows[0]!.course[0]!.reached)
  expect(warnings.join()).toMatch(/no BatchNorm/)
  expect(found.hasBatchNorm).toBe(false)
  expect(found.source).toMatch(/of the people who are attacked/)
  expect(found.points[1]!.threshold).toBeGreaterThan(found.points[0]!.threshold)
})
