import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { synthesizeFaces } from '@arcface/data'
import { tinyModel } from '@arcface/testing'
import { checkConfig, train } from '@arcface/train'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'membership-'))
afterAll(() => rmSync(room, { recursive: true }))
const at = (name: string) => join(room, name)

function audit(...args: string[]) {
  const given = ['audit', 'membership', ...args]
  return spawnSync(process.execPath, [bin, ...given], { encoding: 'utf8' })
}

interface Row {
  question: string
  signal: string
  control: boolean
  auc: { value: number; interval: { low: number; high: number } }
  trained: { photographs: number; people: number }
}

beforeAll(async () => {
  await synthesizeFaces(at('all'), { people: 6, imagesPerPerson: 8, seed: 3 })
  await synthesizeFaces(at('strangers'), { people: 6, imagesPerPerson: 4, seed: 77 })
  writeFileSync(at('tiny.onnx'), tinyModel({ dim: 8, normalize: true }))
  const list = at('list.txt')
  const images = readdirSync(at('all')).flatMap((person) =>
    readdirSync(join(at('all'), person))
      .sort()
      .slice(0, 4)
      .map((file) => join(at('all'), person, file)),
  )
  writeFileSync(list, images.join('\n'))
  await train(
    checkConfig({
      output: at('run'),
      data: { roots: [at('all')], list, augment: { flip: false } },
      model: { backbone: 'r10-small', embedding: 32, dropout: 0 },
      loss: { scale: 16, margin: 0.3 },
      optimizer: { lr: 0.05 },
      train: { epochs: 12, batchSize: 12, threads: 1 },
    }),
  )
})

describe('arcface audit membership', () => {
  it('tells of a run what it remembers: of people, of photographs, beside a control network', () => {
    const { status, stdout, stderr } = audit(
      ...['--model', at('run'), '--strangers', at('strangers'), '--held-out', at('all')],
      ...['--control', at('tiny.onnx'), '--replicates', '50', '--report', at('report'), '--json'],
    )
    expect(stderr).not.toMatch(/^error/m)
    expect(status).toBe(0)
    const { rows } = JSON.parse(stdout) as { rows: Row[] }
    const [genuine, all] = [['genuine'], ['genuine', 'centre', 'certainty']]
    const wanted = ['photographs', 'people', 'people-new']
    expect(rows.map(({ question, signal, control }) => [question, signal, control])).toEqual([
      ...wanted.flatMap((question) => all.map((signal) => [question, signal, false])),
      ...wanted.flatMap((question) => genuine.map((signal) => [question, signal, true])),
    ])
    // Trained on 24 pictures twelve times: whom it knows is no secret.
    const centre = rows.find(
      ({ question, signal }) => question === 'people' && signal === 'centre',
    )!
    expect(centre.auc.value).toBeGreaterThan(0.9)
    expect(centre.trained).toMatchObject({ photographs: 24, people: 6 })
    expect(centre.auc.interval.low).toBeLessThanOrEqual(centre.auc.value)
    expect(readdirSync(at('report')).sort()).toEqual(['figures.csv', 'report.html', 'report.json'])
    const lines = readFileSync(join(at('report'), 'figures.csv'), 'utf8')
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(1 + 3 * rows.length)
    const report = JSON.parse(readFileSync(join(at('report'), 'report.json'), 'utf8')) as {
      rows: Row[]
    }
    expect(report.rows.map(({ auc }) => auc)).toEqual(rows.map(({ auc }) => auc))
  })

  it('tells of any model what embeddings alone give away; members have to be named', () => {
    const given = ['--model', at('tiny.onnx'), '--strangers', at('strangers')]
    const named = audit(...given, '--members', at('all'), '--replicates', '50')
    expect(named.status).toBe(0)
    expect(named.stdout).toMatch(
      /^Was this person trained on\?.* 48 and 24 photographs, 6 and 6 people$/m,
    )
    expect(named.stdout).toMatch(/^cosine with other photographs +\d/m)
    expect(audit(...given).status).toBe(2)
    const same = audit('--model', at('tiny.onnx'), '--strangers', at('all'), '--members', at('all'))
    expect(same.stderr).toMatch(/^warning: 6 of the strangers are called as members are/m)
    const none = audit(...given, '--members', at('nowhere'))
    expect(none.status).toBe(1)
    expect(none.stderr).toMatch(/^error DATA_/m)
  })
})
