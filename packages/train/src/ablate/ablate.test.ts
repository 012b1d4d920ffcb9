import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesizeFaces, synthesizeVerification } from '@arcface/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { ablate } from './ablate.js'
import { loadAblation } from './plan.js'
import { accuracyCells, angleCells, spread, tabulate } from './table.js'

const room = mkdtempSync(join(tmpdir(), 'ablate-'))
const base = {
  output: join(room, 'out'),
  data: { roots: [join(room, 'faces')], augment: { flip: false, translate: 2 } },
  model: { backbone: 'r10-small', embedding: 16 },
  loss: { name: 'cosface', margin: 0.2 },
  train: { epochs: 1, batchSize: 8, threads: 1 },
  verify: {
    sets: [{ name: 'strangers', images: join(room, 'strangers'), pairs: join(room, 'pairs.txt') }],
  },
}
const entries = [
  { label: 'Softmax', loss: { name: 'softmax' } },
  {
    label: 'ArcFace, no flip',
    loss: { name: 'arcface', scale: 16 },
    data: { augment: { translate: 0 } },
  },
]

function write(name: string, ablation: unknown): string {
  const path = join(room, name)
  writeFileSync(path, stringify({ ...base, ablation }))
  return path
}

describe('loadAblation', () => {
  it('replaces the loss as a whole and merges the rest, seed by seed', () => {
    const { trials } = loadAblation(write('plan.yaml', { seeds: [3, 4], entries }))
    expect(trials.map(({ label, seed }) => [label, seed])).toEqual([
      ['Softmax', 3],
      ['ArcFace, no flip', 3],
      ['Softmax', 4],
      ['ArcFace, no flip', 4],
    ])
    const { config } = trials[3]!
    expect(config.seed).toBe(4)
    expect(config.output).toBe(join(room, 'out', 'arcface-no-flip-seed-4'))
    expect(config.loss).toMatchObject({ name: 'arcface', scale: 16, margin: 0.5 })
    expect(config.data.augment).toMatchObject({ flip: false, translate: 0 })
  })

  it.each([
    [undefined, /ablation: /],
    [{ entries: [] }, /ablation\.entries: /],
    [{ entries: [{ loss: { name: 'softmax' } }] }, /ablation\.entries\.0\.label/],
    [{ entries: [{ label: 'a b' }, { label: 'A-B' }] }, /one label/],
    [
      { entries: [...entries, { label: 'x', loss: { name: 'arcfase' } }] },
      /"x": .*did you mean arcface/,
    ],
  ])('refuses %j before anything is trained', (ablation, message) => {
    expect(() => loadAblation(write('bad.yaml', ablation))).toThrow(
      expect.objectContaining({ code: 'TRAIN_CONFIG', message: expect.stringMatching(message) }),
    )
  })
})

describe('ablate', () => {
  beforeAll(async () => {
    await synthesizeFaces(join(room, 'faces'), { people: 6, imagesPerPerson: 4, seed: 1 })
    const pairs = join(room, 'pairs.txt')
    await synthesizeVerification(join(room, 'strangers'), pairs, {
      people: 20,
      imagesPerPerson: 4,
      seed: 2,
    })
  })

  it('trains what is missing, goes on after an interruption, and tabulates', async () => {
    // What `auto` becomes is written into each run: the plan must know its own work again.
    const auto = ['train.precision=auto']
    const plan = loadAblation(write('run.yaml', { seeds: [1, 2], entries }), auto)
    const stop = new AbortController()
    const first = await ablate(plan, {
      signal: stop.signal,
      onTrial: (_, index) => index === 2 && stop.abort(),
    })
    expect(first.finished).toBe(false)
    expect(first.table.rows.map(({ label }) => label)).toEqual(['Softmax', 'ArcFace, no flip'])

    const states: string[] = []
    const second = await ablate(plan, { onTrial: (_trial, _index, state) => states.push(state) })
    expect(states.slice(0, 2)).toEqual(['finished', 'finished'])
    expect(states[3]).toBe('new')
    expect(second.finished).toBe(true)
    for (const { accuracy } of second.table.rows) {
      expect(accuracy.strangers!.seeds).toBe(2)
      expect(accuracy.strangers!.mean).toBeGreaterThan(0.3)
    }
    const { trials } = JSON.parse(readFileSync(join(room, 'out/results.json'), 'utf8'))
    expect(trials).toHaveLength(4)
    // Norms of centres play no part, so an untrained Softmax has them apart by a right angle or so.
    const [softmax] = second.table.rows
    expect(Object.keys(softmax!.angles)).toEqual([
      'W-EC',
      'W-Inter',
      'Intra, training data',
      'Inter, training data',
      'Intra, strangers',
      'Inter, strangers',
    ])
    expect(softmax!.angles['Intra, strangers']!.mean).toBeGreaterThan(0)
    expect(readFileSync(join(room, 'out/report.html'), 'utf8')).toContain('<svg')

    const other = loadAblation(write('run.yaml', { seeds: [1], entries }), [
      ...auto,
      'train.epochs=2',
    ])
    await expect(ablate(other)).rejects.toMatchObject({ code: 'TRAIN_RUN' })
    expect(existsSync(join(room, 'out/softmax-seed-1/report.html'))).toBe(true)
  })
})

describe('tables', () => {
  it('give mean and sample deviation over seeds, beside the paper', () => {
    const result = (seed: number, accuracy: number) => ({
      label: 'ArcFace',
      seed,
      loss: 'arcface',
      angles: {
        centres: { wEc: accuracy, wInter: 1 },
        sets: [{ name: 'training data', people: 2, images: 4, intra: 0.5, inter: Math.PI / 2 }],
      },
      verified: [0.5, accuracy].map((value, step) => ({
        step,
        set: 'lfw',
        accuracy: value,
        std: 0,
        auc: value,
        tarAtFar: {},
        thresholdAtFar: {},
      })),
    })
    const table = tabulate(['ArcFace', 'none'], [result(1, 0.8), result(2, 0.84)])
    expect(table.rows).toHaveLength(1)
    const { body } = accuracyCells(table)
    // Deviations of +-0.02 from 0.82: sqrt(2 * 0.02^2 / 1).
    expect(body[0]).toEqual(['ArcFace', '82.00 ± 2.83', '0.8200', '2', '99.53 / 95.56 / 95.15'])
    const angles = angleCells(table)
    expect(angles.header.slice(0, 5)).toEqual([
      'Loss',
      'W-EC',
      'W-Inter',
      'Intra, training data',
      'Inter, training data',
    ])
    // 0.82 and 0.0283 radians.
    expect(angles.body[0]!.slice(0, 2)).toEqual(['ArcFace', '46.98 ± 1.62'])
    expect(angles.body[0]!.slice(4)).toEqual([
      '90.00 ± 0.00',
      '14.29 / 71.61 / 38.45 / 65.83 / 28.05 / 66.55',
    ])
    expect(spread([0.7])).toEqual({ mean: 0.7, std: null, seeds: 1 })
  })
})
