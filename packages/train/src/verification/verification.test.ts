import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { synthesizeFaces, synthesizeVerification } from '@arcface/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import type { ConfigInput } from '../config/schema.js'
import { readState } from '../run/checkpoint.js'
import { readRun } from '../run/folder.js'
import { isFailure, isVerify, readMetrics } from '../run/metrics.js'
import { trainUntil } from '../testing/runs.js'
import { resume, train } from '../trainer/trainer.js'

const room = mkdtempSync(join(tmpdir(), 'verification-'))
const [faces, strangers, damaged] = ['faces', 'strangers', 'damaged'].map((name) =>
  join(room, name),
) as [string, string, string]
const lists = ['pairs.txt', 'damaged.txt'].map((name) => join(room, name)) as [string, string]
const good = { name: 'good', images: strangers, pairs: lists[0] }
const bad = { name: 'bad', images: damaged, pairs: lists[1] }

// 4 people, 4 images each: 4 steps of 8 in two epochs.
const config = (output: string, more: Partial<ConfigInput> = {}) =>
  checkConfig({
    output: join(room, output),
    data: { roots: [faces] },
    model: { backbone: 'r10-small', embedding: 16 },
    train: { epochs: 2, batchSize: 8, threads: 1 },
    ...more,
  })

const path = (person: number, image: number) => {
  const name = `person_${String(person).padStart(4, '0')}`
  return `${name}/${name}_${String(image).padStart(4, '0')}.jpg`
}

beforeAll(async () => {
  await synthesizeFaces(faces, { people: 4, imagesPerPerson: 4, seed: 1 })
  await synthesizeVerification(strangers, lists[0], { people: 20, imagesPerPerson: 2, seed: 2 })
  await synthesizeVerification(damaged, lists[1], { people: 20, imagesPerPerson: 2, seed: 3 })
  // Its header is whole: what is wrong shows when it is decoded.
  truncateSync(join(damaged, path(1, 1)), 1200)
})

describe('verification sets', () => {
  it('are looked at before the training: all that is wrong is told, no folder is made', async () => {
    const list = join(room, 'wrong.csv')
    const lines = Array.from({ length: 10 }, (_, i) => `${path(i + 1, 1)},${path(i + 1, 2)},1`)
    const others = Array.from({ length: 10 }, (_, i) => `${path(i + 1, 1)},${path(i + 2, 2)},0`)
    writeFileSync(list, [...lines, ...others].join('\n'))
    const folder = join(room, 'wrong')
    await synthesizeFaces(folder, { people: 11, imagesPerPerson: 2, seed: 4 })
    writeFileSync(join(folder, path(3, 1)), 'no picture')
    const gone = join(room, 'gone.csv')
    writeFileSync(gone, 'a.jpg,b.jpg,1\na.jpg,c.jpg,0\n')
    const sets = [
      { name: 'unsorted', images: folder, pairs: list },
      good,
      { name: 'gone', images: strangers, pairs: gone },
    ]
    const told = await train(config('none', { verify: { sets } })).catch((error) => error)
    expect(told.code).toBe('TRAIN_VERIFY')
    for (const part of [
      `unsorted: ${join(folder, path(3, 1))} cannot be read`,
      'unsorted: fold 1 of 10 holds no impostor',
      `gone: ${gone}, line 1: ${join(strangers, 'a.jpg')} is not there`,
      join(strangers, 'c.jpg'),
    ])
      expect(told.message).toContain(part)
    expect(told.message).not.toContain('good')
    expect(existsSync(join(room, 'none'))).toBe(false)
  })

  it('that fail while they are measured lose nothing: warned of, in the metrics, in the report', async () => {
    const warnings: string[] = []
    const saved: boolean[] = []
    const run = join(room, 'failing')
    const result = await train(config('failing', { verify: { every: 3, sets: [bad, good] } }), {
      onWarning: (warning) => warnings.push(warning),
      onVerify: ({ step }) => saved.push(existsSync(join(run, `checkpoints/step-${step}`))),
    })
    expect(result).toMatchObject({ step: 4, finished: true, verification: [{ set: 'good' }] })
    const failure = expect.stringMatching(/DATA_IMAGE_UNREADABLE.*person_0001_0001/)
    const lines = readMetrics(join(run, 'metrics.jsonl'))
    expect(lines.filter(isFailure)).toEqual([
      { step: 3, set: 'bad', failure },
      { step: 4, set: 'bad', failure },
    ])
    expect(lines.filter(isVerify).map(({ step, set }) => `${step} ${set}`)).toEqual([
      '3 good',
      '4 good',
    ])
    expect(warnings.filter((one) => /bad could not be measured/.test(one))).toHaveLength(2)
    expect(saved.at(-1)).toBe(true)
    expect(readdirSync(join(run, 'checkpoints')).sort()).toEqual(['latest', 'step-3', 'step-4'])
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toMatch(/bad[^<]*could not be measured/)
  })

  it('of a run that goes on may be others, as may its checkpoints and epochs; nothing else', async () => {
    const run = join(room, 'going-on')
    // Relative: it holds though the run goes on from elsewhere.
    const data = { roots: [relative('.', faces)] }
    await trainUntil(config('going-on', { data, verify: { every: 2, sets: [good] } }), 2)
    expect(readRun(run).config.data.roots).toEqual([faces])
    const away = join(room, 'away.jpg')
    renameSync(join(strangers, path(1, 1)), away)
    await expect(resume(run)).rejects.toMatchObject({
      code: 'TRAIN_VERIFY',
      message: expect.stringContaining('person_0001_0001'),
      hint: expect.stringContaining('verify.sets'),
    })
    renameSync(away, join(strangers, path(1, 1)))
    for (const change of ['optimizer.lr=1', 'train={epochs: 9}', 'verifi.every=1'])
      await expect(resume(run, {}, [change])).rejects.toMatchObject({
        code: 'TRAIN_CONFIG',
        message: expect.stringContaining(change.split('=')[0]!),
      })
    const warnings: string[] = []
    const changes = ['verify.sets=[]', 'checkpoint.keep=9', 'train.epochs=3']
    const events = { onWarning: (warning: string) => warnings.push(warning) }
    expect(await resume(run, events, changes)).toMatchObject({ step: 6, steps: 6, finished: true })
    expect(warnings).toEqual([expect.stringMatching(/^train\.epochs changed since step 2/)])
    const { config: now } = readRun(run)
    expect([now.verify.sets, now.checkpoint.keep, now.train.epochs]).toEqual([[], 9, 3])
    // It cannot have made fewer epochs than it has.
    await expect(resume(run, {}, ['train.epochs=2'])).rejects.toMatchObject({
      code: 'TRAIN_CONFIG',
      message: expect.stringContaining('4 steps, and the run has made 6: give 3 or more'),
    })
    expect(readRun(run).config.train.epochs).toBe(3)
    expect(await resume(run)).toMatchObject({ step: 6, finished: true })
  })

  it('that an interruption left unmeasured are measured first where the run goes on', async () => {
    const run = join(room, 'due')
    await trainUntil(config('due', { verify: { every: 2, sets: [good] } }), 2)
    expect(readMetrics(join(run, 'metrics.jsonl')).filter(isVerify)).toEqual([])
    await resume(run)
    const measured = readMetrics(join(run, 'metrics.jsonl')).filter(isVerify)
    expect(measured.map(({ step }) => step)).toEqual([2, 4])
    const best = Math.max(...measured.map(({ accuracy }) => accuracy))
    expect(readState(join(run, 'checkpoints/latest'))).toMatchObject({
      step: 4,
      score: measured[1]!.accuracy,
      best,
    })
  })
})
