import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '@arcface/testing'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { EXAMPLES, faultsOf, pathsOf, saidOf } from './schema.js'

const least = { data: { roots: ['faces'] }, model: { backbone: 'r50' } }

it('is what the command says (else: npm run generate -w @arcface/studio)', () => {
  const arcface = join(REPOSITORY, 'packages/cli/bin/arcface.js')
  const { stdout } = spawnSync(process.execPath, [arcface, 'train', '--schema'], {
    encoding: 'utf8',
  })
  const path = new URL('./generated/description.json', import.meta.url)
  expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(path, 'utf8')))
})

it('finds nothing wrong with the examples, nor with the least', () => {
  for (const [name, text] of Object.entries(EXAMPLES)) {
    const { ablation: _, ...config } = parse(text)
    expect([name, ...faultsOf(config)]).toEqual([name])
  }
  expect([...faultsOf(least)]).toEqual([])
})

it('says what is wrong, and at which key', () => {
  const wrong = {
    data: { augment: { flip: 'yes', crop: { probability: 2, minArea: 0 } } },
    model: { backbone: 'r50', freze: [] },
    loss: { name: 'cosface', margin: -1 },
    optimizer: { lr: 0, schedule: 'none' },
    train: { epochs: 1.5 },
    verify: { sets: [{ images: null, pairs: 3 }] },
  }
  expect(Object.fromEntries(faultsOf(wrong))).toEqual({
    'data.roots': { what: 'missing' },
    'data.augment.flip': { what: 'kind' },
    'data.augment.crop': { what: 'kind' },
    'model.freze': { what: 'unknown' },
    'loss.margin': { what: 'least', than: 0 },
    'optimizer.lr': { what: 'above', than: 0 },
    'optimizer.schedule': { what: 'choice', among: ['polynomial', 'cosine'] },
    'train.epochs': { what: 'kind' },
    'verify.sets.0.name': { what: 'missing' },
    'verify.sets.0.pairs': { what: 'kind' },
  })
  expect([...faultsOf({ ...least, loss: { name: 'arcfase' } })]).toEqual([
    ['loss', { what: 'name' }],
  ])
  expect([...faultsOf({})].map(([key]) => key)).toEqual(['data.roots', 'model.backbone'])
})

it('puts what the command says at its keys', () => {
  const said =
    'tasks/7/config.yaml: data.roots: name at least one folder; unknown key model.foo; known here: backbone; train.microBatch: it must be 2 to 8 (train.batchSize), or 0'
  expect([...saidOf(said, pathsOf(least))]).toEqual([
    ['data.roots', 'name at least one folder; unknown key model.foo; known here: backbone'],
    ['train.microBatch', 'it must be 2 to 8 (train.batchSize), or 0'],
  ])
})
