import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesizeFaces, synthesizeVerification } from '@arcface/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import type { ConfigInput } from '../config/schema.js'
import { trainUntil } from '../testing/runs.js'
import { train } from '../trainer/trainer.js'

const room = mkdtempSync(join(tmpdir(), 'report-'))
const faces = join(room, 'faces')
const pairs = join(room, 'pairs.txt')
const set = { name: 'a < b', images: join(room, 'strangers'), pairs }

// 4 people, 4 images each: 24 steps of 8.
const config = (output: string, more: Partial<ConfigInput> = {}) =>
  checkConfig({
    output: join(room, output),
    data: { roots: [faces], augment: { translate: 2 } },
    model: { backbone: 'r10-small', embedding: 16 },
    loss: { name: 'arcface', scale: 16, marginWarmup: 0.5 },
    train: { epochs: 12, batchSize: 8, threads: 1 },
    verify: { every: 6, sets: [set] },
    ...more,
  })

const page = (run: string) => readFileSync(join(room, run, 'report.html'), 'utf8')
const titles = (html: string) => [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title)

beforeAll(async () => {
  await synthesizeFaces(faces, { people: 4, imagesPerPerson: 4, seed: 1 })
  await synthesizeVerification(set.images, pairs, { people: 20, imagesPerPerson: 2, seed: 2 })
})

describe('the report of a run', () => {
  it('has what was reached first, curves, data and people, settings, the measurement in full', async () => {
    const told: number[] = []
    const { verification } = await train(config('whole'), {
      onStart: ({ marginSteps }) => told.push(marginSteps),
    })
    expect(told).toEqual([12])
    const html = page('whole')
    const found = titles(html)
    expect(found.slice(0, 4)).toEqual([
      'Accuracy on the verification sets',
      'Loss',
      'Learning rate',
      'Margin',
    ])
    expect(found).toEqual(expect.arrayContaining(['Data and people', 'Training', 'To repeat it']))
    const accuracy = `${(100 * verification[0]!.accuracy).toFixed(2)} %`
    const [first] = html.split('</section>') as [string]
    for (const part of [
      'a &lt; b',
      accuracy,
      'Finished: 24 of 24 steps',
      'nobody and no image of it was found',
    ])
      expect(first).toContain(part)
    expect(html).toContain('over the first 12 of 24 steps')
    expect(html.match(/Images a person.*/)?.[0]).toContain('4 to 4, median 4')
    expect(html).not.toMatch(/NaN|undefined|null/)
  })

  it('is there after an interruption, with what was measured before it', async () => {
    const { verification } = await trainUntil(config('stopped'), 8)
    expect(verification).toMatchObject([{ step: 6, set: set.name }])
    const html = page('stopped')
    expect(html).toContain('Interrupted after 8 of 24 steps')
    expect(html).toContain('after step 6')
    expect(titles(html)).toContain('Loss')
  })

  it('is there after a failure, which it tells', async () => {
    const failing = config('failed', { optimizer: { lr: 1e30, warmup: 0, clipNorm: 0 } })
    await expect(train(failing)).rejects.toMatchObject({ code: 'TRAIN_NON_FINITE' })
    expect(page('failed')).toMatch(/Ended after \d of 24 steps by TRAIN_NON_FINITE/)
    expect(existsSync(join(room, 'failed/checkpoints'))).toBe(true)
  })

  it('says where nothing was measured, and that a whole margin holds at once', async () => {
    const loss = { name: 'cosface', scale: 16 }
    await train(config('plain', { loss, verify: {}, train: { epochs: 1, batchSize: 8 } }))
    expect(page('plain')).toContain('Nothing was measured')
    expect(page('plain')).toContain('It holds as a whole from the first step')
    await train(
      config('softmax', {
        loss: { name: 'softmax' },
        verify: {},
        train: { epochs: 1, batchSize: 8 },
      }),
    )
    expect(titles(page('softmax'))).not.toContain('Margin')
  })
})
