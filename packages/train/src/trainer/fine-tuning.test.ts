import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesizeFaces } from '@arcface/data'
import { loadSafetensors } from '@arcface/libtorch'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ConfigInput } from '../config/schema.js'
import { findCheckpoint } from '../run/checkpoint.js'
import { loadRun } from '../run/load.js'
import { smallConfig, trainUntil } from '../testing/runs.js'
import { resume, train } from './trainer.js'

const room = mkdtempSync(join(tmpdir(), 'fine-tuning-'))
const faces = join(room, 'faces')
const strangers = join(room, 'strangers')

const config = (output: string, more: Partial<ConfigInput> = {}) =>
  smallConfig(join(room, output), faces, more)

const interrupted = (output: string, step: number, more: Partial<ConfigInput> = {}) =>
  trainUntil(config(output, more), step)

const weights = (run: string) =>
  readFileSync(join(findCheckpoint(join(room, run)), 'backbone.safetensors'))

beforeAll(async () => {
  await synthesizeFaces(faces, { people: 8, imagesPerPerson: 6, seed: 1 })
  await synthesizeFaces(strangers, { people: 4, imagesPerPerson: 1, seed: 2 })
})

describe('a training that does not begin with nothing', () => {
  it('begins with the weights of a run, leaves frozen parts as they are, ends without progress', async () => {
    await train(config('teacher'))
    // Of the same person the same image: every network is right about all pairs from the first verification on.
    const easy = join(room, 'easy.txt')
    const people = readdirSync(strangers)
    const fold = (one: string, other: string) => `${one}\t1\t1\n${one}\t1\t${other}\t1\n`
    writeFileSync(easy, `2\t1\n${fold(people[0]!, people[1]!)}${fold(people[2]!, people[3]!)}`)
    const lines: string[] = []
    const result = await train(
      config('pupil', {
        model: {
          backbone: 'r10-small',
          embedding: 32,
          weights: join(room, 'teacher'),
          freeze: ['conv1', 'layer1'],
        },
        train: { epochs: 3, batchSize: 8, threads: 1, ema: 0.9 },
        verify: { every: 2, patience: 2, sets: [{ name: 'easy', images: strangers, pairs: easy }] },
      }),
      { onStart: ({ beginning }) => lines.push(`${beginning?.matched} ${beginning?.missing}`) },
    )
    expect(result).toMatchObject({ step: 6, steps: 18, finished: true })
    const read = (run: string, file: string) =>
      loadSafetensors(join(findCheckpoint(join(room, run), 'latest'), file))
    const [before, after, average] = [
      read('teacher', 'backbone.safetensors'),
      read('pupil', 'backbone.safetensors'),
      read('pupil', 'ema.safetensors'),
    ]
    expect(lines).toEqual([`${before.size} `])
    const same = [...before].filter(
      ([name, value]) => value.toTypedArray().join() === after.get(name)!.toTypedArray().join(),
    )
    expect(same.map(([name]) => name)).toEqual(
      expect.arrayContaining([...before.keys()].filter((name) => /^(conv1|layer1)\./.test(name))),
    )
    expect(same.some(([name]) => name === 'layer4.0.bn1.running_mean')).toBe(false)
    const { backbone } = loadRun(join(room, 'pupil'), { checkpoint: 'latest' })
    expect(backbone.stateDict().get('bn2.running_mean')!.toTypedArray()).toEqual(
      average.get('bn2.running_mean')!.toTypedArray(),
    )
    for (const one of [before, after, average].flatMap((all) => [...all.values()])) one.dispose()
    backbone.dispose()
    // Resumed, it has ended already.
    expect(await resume(join(room, 'pupil'))).toMatchObject({ step: result.step, finished: true })
    const frozen = { backbone: 'r10-small', freeze: ['layer9'] }
    await expect(train(config('no-part', { model: frozen }))).rejects.toMatchObject({
      code: 'TRAIN_WEIGHTS',
      message: expect.stringContaining('layer'),
    })
  })

  it('with centres at the means, and a rate of the backbone, begins better and resumes to the same bits', async () => {
    await train(config('base', { train: { epochs: 6, batchSize: 8, threads: 1 } }))
    const model = { backbone: 'r10-small', embedding: 32, weights: join(room, 'base') }
    const more = {
      model,
      head: { init: 'means' },
      optimizer: { lr: 0.05, backboneLr: 0.01 },
    } as const satisfies Partial<ConfigInput>
    const angles: (number | null)[] = []
    const passes: number[] = []
    const whole = await train(config('means-whole', more), {
      onStep: ({ targetAngle, lr }) => {
        angles.push(targetAngle)
        expect(lr).toBeLessThanOrEqual(0.05)
      },
      onPass: (_, done) => passes.push(done),
    })
    expect(whole.finished).toBe(true)
    expect(passes).toEqual([48])
    const drawn: (number | null)[] = []
    await train(config('drawn', { model }), {
      onStep: ({ targetAngle }) => drawn.push(targetAngle),
    })
    expect(angles[0]!).toBeLessThan(drawn[0]! - 0.3)
    // Ended within the pass, it begins again; later it goes on.
    const stop = new AbortController()
    const early = await train(config('means-part', more), {
      signal: stop.signal,
      onPass: () => stop.abort(),
    })
    expect(early).toMatchObject({ step: 0, steps: 12, finished: false })
    const later = new AbortController()
    await resume(join(room, 'means-part'), {
      signal: later.signal,
      onStep: ({ step }) => {
        if (step === 7) later.abort()
      },
    })
    expect(await resume(join(room, 'means-part'))).toMatchObject({ step: 12, finished: true })
    expect(weights('means-part').equals(weights('means-whole'))).toBe(true)
  })

  it('moves the backbone by its own rate', async () => {
    const moved = async (output: string, backboneLr: number | null) => {
      const given = config(output, { optimizer: { lr: 0.02, backboneLr, warmup: 0 } })
      const { backbone } = loadRun((await interrupted(output, 1, given)).run)
      const after = backbone.stateDict().get('conv1.weight')!.toFloat32Array()
      backbone.dispose()
      return after
    }
    // The first step: w - lr (g + decay w), so that the way goes with the rate.
    const [all, half, tenth] = [
      await moved('all', null),
      await moved('half', 0.01),
      await moved('tenth', 0.002),
    ]
    for (const i of [0, 10, 100]) {
      const slope = (all[i]! - half[i]!) / 0.01
      expect((half[i]! - tenth[i]!) / 0.008 / slope).toBeCloseTo(1, 2)
    }
  })
})
