import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesizeFaces, synthesizeVerification } from '@arcface/data'
import { readModel } from '@arcface/data/onnx'
import { liveTensors, loadSafetensors } from '@arcface/libtorch'
import { getMetadata, parseArcfaceMetadata, type Thresholds, thresholdsOf } from '@arcface/onnx'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import type { ConfigInput } from '../config/schema.js'
import { exportRun } from '../export/index.js'
import { deviceProblem } from '../network/device.js'
import { findCheckpoint } from '../run/checkpoint.js'
import { readRun, runPaths } from '../run/folder.js'
import { loadRun, openRunEmbedder } from '../run/load.js'
import { appendMetrics, isStep, isVerify, readMetrics } from '../run/metrics.js'
import { readScalars } from '../testing/events.js'
import { resume, train } from './trainer.js'

const room = mkdtempSync(join(tmpdir(), 'trainer-'))
const faces = join(room, 'faces')
const pairs = join(room, 'pairs.txt')
const strangers = join(room, 'strangers')

// 8 people, 6 images each: 12 steps of 8 in two epochs.
const config = (output: string, more: Partial<ConfigInput> = {}) =>
  checkConfig({
    output: join(room, output),
    data: { roots: [faces] },
    model: { backbone: 'r10-small', embedding: 32, dropout: 0.2 },
    loss: { scale: 16, margin: 0.3 },
    optimizer: { lr: 0.05 },
    train: { epochs: 2, batchSize: 8, threads: 1 },
    ...more,
  })

/** An event of a Chrome trace. */
interface Trace {
  name: string
  cat: string
  ph: string
  ts: number
  dur: number
}

const weights = (run: string) =>
  readFileSync(join(findCheckpoint(join(room, run)), 'backbone.safetensors'))

/** Runs until `step` and interrupts there, as Ctrl-C does. */
async function interrupted(output: string, step: number, more: Partial<ConfigInput> = {}) {
  const stop = new AbortController()
  return train(config(output, more), {
    signal: stop.signal,
    onStep: (metrics) => {
      if (metrics.step === step) stop.abort()
    },
  })
}

/** Metadata of the ONNX file of a checkpoint. */
async function exported(run: string, checkpoint: string, thresholds?: Thresholds) {
  const file = join(run, 'model.onnx')
  exportRun(run, file, { checkpoint, ...(thresholds && { thresholds }) })
  return parseArcfaceMetadata(getMetadata(await readModel(file)), file)!
}

beforeAll(async () => {
  await synthesizeFaces(faces, { people: 8, imagesPerPerson: 6, seed: 1 })
  await synthesizeVerification(strangers, pairs, { people: 20, imagesPerPerson: 4, seed: 2 })
})

describe('train', () => {
  it('lowers the loss, measures strangers, writes metrics, report and checkpoints', async () => {
    const result = await train(
      config('whole', {
        train: { epochs: 8, batchSize: 8, threads: 1 },
        verify: { every: 20, sets: [{ name: 'strangers', images: strangers, pairs }] },
        checkpoint: { every: 10, keep: 1 },
      }),
    )
    const run = join(room, 'whole')
    expect(result).toMatchObject({ step: 48, steps: 48, finished: true })
    const lines = readMetrics(join(run, 'metrics.jsonl'))
    const losses = lines.filter(isStep).map(({ loss }) => loss)
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2)
    const verified = () =>
      readMetrics(join(run, 'metrics.jsonl'))
        .filter(isVerify)
        .map(({ step }) => step)
    expect(verified()).toEqual([20, 40, 48])
    const report = readFileSync(join(run, 'report.html'), 'utf8')
    for (const part of ['mean angle', 'Gradient norms', 'Time of a step', 'Resident memory'])
      expect(report).toContain(part)
    const steps = readdirSync(join(run, 'checkpoints')).filter((name) => name.startsWith('step-'))
    expect(steps).toContain('step-48')
    expect(steps.length).toBeLessThanOrEqual(2) // the latest and the best
    const { accuracy, thresholdAtFar, thresholds, intervals } = result.verification[0]!
    expect(intervals!.accuracy.low).toBeLessThanOrEqual(accuracy)
    expect(intervals!.accuracy.high).toBeGreaterThanOrEqual(accuracy)
    expect(Object.keys(intervals!.tarAtFar)).toEqual(['1e-1', '1e-2', '1e-3'])
    expect(report).toContain('bootstrap over people, 95 %')
    expect(thresholdAtFar['1e-1']).toBeGreaterThan(-1)
    // Ten couples of people, one a fold, bear out no threshold for use.
    expect(thresholds).toBeNull()
    expect(await exported(run, 'latest')).not.toHaveProperty('thresholds')
    const impostors = { pairs: 1000, people: 50, smallestFar: 0.01 }
    const calibration: Thresholds['calibration'] = {
      method: 'logistic',
      prior: 0.5,
      points: [
        [0, -3],
        [0.6, 7],
      ],
      measured: {
        ...{ source: 'others', people: 50, images: 200, genuine: 300, impostors: 1000 },
        ...{ cllr: 0.2, minCllr: 0.19 },
      },
    }
    const given = { source: 'others', cosine: { '1e-2': 0.3 }, impostors, calibration }
    expect(thresholdsOf(await exported(run, 'latest', given))).toEqual(given)
    const measured = { ...result.verification[0]!, thresholds: given }
    const metrics = readFileSync(join(run, 'metrics.jsonl'))
    appendMetrics(join(run, 'metrics.jsonl'), measured)
    expect(thresholdsOf(await exported(run, 'latest'))).toEqual(given)
    // Of several sets the one that bears out a smaller FAR.
    const weaker = { ...given, source: 'weaker', impostors: { ...impostors, smallestFar: 0.05 } }
    appendMetrics(join(run, 'metrics.jsonl'), { ...measured, set: 'weaker', thresholds: weaker })
    expect(thresholdsOf(await exported(run, 'latest'))).toEqual(given)
    writeFileSync(join(run, 'metrics.jsonl'), metrics)
    // As a run of an older version has it.
    const { thresholds: _, ...old } = measured
    appendMetrics(join(run, 'metrics.jsonl'), old)
    expect((await exported(run, 'latest')).thresholds).toEqual(thresholdAtFar)
    writeFileSync(join(run, 'metrics.jsonl'), metrics)
    const best = Math.max(...lines.filter(isVerify).map((line) => line.accuracy))
    expect(accuracy).toBeLessThanOrEqual(best)
    // What has ended is measured again for the report only.
    expect(await resume(run)).toMatchObject({
      step: 48,
      finished: true,
      verification: [{ accuracy }],
    })
    expect(verified()).toEqual([20, 40, 48])
  })

  it('decides train.precision auto at the start, and keeps to it', async () => {
    const precision = 'auto'
    await train(config('auto', { train: { epochs: 1, batchSize: 8, threads: 1, precision } }))
    const { config: stored } = readRun(join(room, 'auto'))
    expect(['fp32', 'bf16']).toContain(stored.train.precision)
  })

  it('decides train.precision auto of a run that begins again, too', async () => {
    const part = await interrupted('auto-later', 2)
    const { checkpoints, config: file } = runPaths(part.run)
    rmSync(checkpoints, { recursive: true })
    writeFileSync(file, readFileSync(file, 'utf8').replace('precision: fp32', 'precision: auto'))
    expect(readRun(part.run).config.train.precision).toBe('auto')
    expect(await resume(part.run)).toMatchObject({ step: 12, finished: true })
  })

  it('resumes to the same bits as an unbroken run, from inside an epoch', async () => {
    await train(config('unbroken'))
    const part = await interrupted('broken', 7)
    expect(part).toMatchObject({ step: 7, finished: false })
    const rest = await resume(join(room, 'broken'))
    expect(rest).toMatchObject({ step: 12, finished: true })
    expect(weights('broken').equals(weights('unbroken'))).toBe(true)
    const lines = readMetrics(join(room, 'broken/metrics.jsonl')).filter(isStep)
    expect(lines.map(({ step }) => step)).toEqual([10, 12])
    for (const { seconds, memory, targetAngle } of lines) {
      const sum = Object.values(seconds).reduce((total, one) => total + one)
      expect(seconds).toMatchObject({ communication: 0, backward: expect.any(Number) })
      expect(sum).toBeGreaterThan(seconds.backward)
      expect(memory).toBeGreaterThan(2 ** 25)
      expect(targetAngle).toBeGreaterThan(0.2)
      expect(targetAngle).toBeLessThan(Math.PI)
    }
    const scalars = readScalars(join(room, 'broken')).filter((line) => / train\/loss /.test(line))
    expect(scalars.map((line) => Number(line.split(' train')[0]))).toEqual([10, 12])
  })

  it('records steps operator by operator', async () => {
    const files: string[] = []
    await train(config('profiled'), {
      profile: true,
      onProfile: (file, steps) => files.push(`${file} ${steps}`),
    })
    const file = join(room, 'profiled/profile.json')
    expect(files).toEqual([`${file} 3`])
    const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: Trace[] }
    const spans = traceEvents.filter(({ ph }) => ph === 'X')
    const named = (name: string) => spans.filter((span) => span.name === name)
    expect(named('forward')).toHaveLength(3)
    const inside = (inner: Trace) =>
      spans.find(
        ({ cat, ts, dur }) => cat === 'step' && ts <= inner.ts && inner.ts + inner.dur <= ts + dur,
      )?.name
    const within = (name: string) => new Set(named(name).map(inside))
    expect(within('aten::conv2d')).toEqual(new Set(['forward']))
    expect(within('ConvolutionBackward0')).toEqual(new Set(['backward']))
    expect(new Set(named('aten::acos').map(inside))).toEqual(new Set(['head']))
  })

  it.each<[string, Partial<ConfigInput>]>([
    ['a head in blocks, sampled', { head: { blocked: true, sample: 0.5 } }],
    [
      'triplet',
      { loss: { name: 'triplet' }, data: { roots: [faces], sampler: { people: 4, images: 2 } } },
    ],
    ['center', { loss: { name: 'softmax', regularizers: [{ name: 'center' }] } }],
  ])('does so with loss %s, and frees every tensor', async (name, more) => {
    const counts: number[] = []
    const [whole, part] = [`${name}-whole`, `${name}-part`]
    await train(config(whole, more), { onStep: () => counts.push(liveTensors()) })
    expect(new Set(counts.slice(2)).size).toBe(1)
    await interrupted(part, 7, more)
    expect(await resume(join(room, part))).toMatchObject({ step: 12, finished: true })
    expect(weights(part).equals(weights(whole))).toBe(true)
  })

  it.each([
    ['the ordinary head', {}],
    ['a head in blocks, sampled', { blocked: true, sample: 0.5 }],
  ])(
    'in parts takes the steps of whole batches, where no statistics of the batch are used: %s',
    async (name, head) => {
      const steps = async (output: string, microBatch: number) => {
        const losses: number[] = []
        const whole = config(output, {
          model: {
            backbone: 'r10-small',
            embedding: 32,
            freeze: ['bn1', 'layer1', 'layer2', 'layer3', 'layer4', 'bn2', 'features'],
          },
          head,
          train: { epochs: 1, batchSize: 8, microBatch, threads: 1 },
        })
        await train(whole, { onStep: ({ loss }) => losses.push(loss) })
        return losses
      }
      const [whole, parts] = [await steps(`${name}-0`, 0), await steps(`${name}-3`, 3)]
      whole.forEach((loss, i) => {
        expect(Math.abs(loss / parts[i]! - 1)).toBeLessThan(1e-4)
      })
      expect(new Set(whole).size).toBe(6)
    },
  )

  it('begins with the weights of a run, leaves frozen parts as they are, ends without progress', async () => {
    await train(config('teacher'))
    // Of the same person the same image: every network is right about all pairs from the first verification on.
    const easy = join(room, 'easy.txt')
    const people = readdirSync(strangers).slice(0, 4)
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

  it('with a moving average resumes to the same bits', async () => {
    const more = { train: { epochs: 2, batchSize: 8, threads: 1, ema: 0.99, microBatch: 4 } }
    await train(config('ema-whole', more))
    await interrupted('ema-part', 7, more)
    await resume(join(room, 'ema-part'))
    const average = (run: string) =>
      readFileSync(join(findCheckpoint(join(room, run)), 'ema.safetensors'))
    expect(average('ema-part').equals(average('ema-whole'))).toBe(true)
    expect(average('ema-part').equals(weights('ema-part'))).toBe(false)
  })

  it('refuses batches that the data cannot fill, before it makes a folder', async () => {
    const sampler = { people: 9, images: 2 }
    const wrong = config('none', { data: { roots: [faces], sampler }, train: { batchSize: 18 } })
    await expect(train(wrong)).rejects.toMatchObject({ code: 'DATA_OPTION' })
    expect(existsSync(join(room, 'none'))).toBe(false)
  })

  it('frees every tensor of a step', async () => {
    const counts: number[] = []
    await train(config('leak'), { onStep: () => counts.push(liveTensors()) })
    expect(new Set(counts.slice(2)).size).toBe(1)
  })

  it('refuses a folder that holds a run, and keeps it', async () => {
    await interrupted('twice', 2)
    await expect(train(config('twice'))).rejects.toMatchObject({ code: 'TRAIN_RUN' })
    expect(existsSync(join(room, 'twice/checkpoints/step-2'))).toBe(true)
  })

  it('refuses to resume on other data', async () => {
    await interrupted('moved', 2)
    const file = join(room, 'moved/config.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace(faces, strangers))
    await expect(resume(join(room, 'moved'))).rejects.toMatchObject({
      code: 'TRAIN_DATA',
      message: expect.stringMatching(
        /new: person_0009, person_0010, person_0011 and 9 more; it had 48 images, now there are 80\./,
      ),
    })
  })

  it('says who is another where there are as many', async () => {
    const renamed = join(room, 'renamed')
    await synthesizeFaces(renamed, { people: 4, imagesPerPerson: 4, seed: 1 })
    await interrupted('who', 2, { data: { roots: [renamed] }, train: { epochs: 2, batchSize: 8 } })
    renameSync(join(renamed, 'person_0002'), join(renamed, 'zoe'))
    await expect(resume(join(room, 'who'))).rejects.toMatchObject({
      code: 'TRAIN_DATA',
      message: expect.stringMatching(/no longer there: person_0002; new: zoe\. Put/),
    })
  })

  it('stops at a loss that is not finite, with the last good checkpoint in place', async () => {
    const diverging = config('diverging', {
      optimizer: { lr: 1e30, warmup: 0, clipNorm: 0 },
      checkpoint: { every: 1 },
    })
    await expect(train(diverging)).rejects.toMatchObject({ code: 'TRAIN_NON_FINITE' })
    expect(loadRun(join(room, 'diverging')).step).toBeGreaterThan(0)
  })

  it.skipIf(deviceProblem('cuda') === null)(
    'says that there is no such device (needs no CUDA)',
    async () => {
      for (const device of ['cuda', 'gpu']) {
        const more = { train: { batchSize: 8, device } }
        await expect(train(config('no-device', more))).rejects.toMatchObject({
          code: 'TRAIN_DEVICE',
          message: expect.stringMatching(
            new RegExp(`^train\\.device: ${device} cannot be used .{20,250}Set it to cpu.{0,100}$`),
          ),
        })
      }
      expect(existsSync(join(room, 'no-device'))).toBe(false)
      // What was trained elsewhere is used here all the same.
      await interrupted('from-cuda', 2)
      const file = join(room, 'from-cuda/config.yaml')
      writeFileSync(file, readFileSync(file, 'utf8').replace('device: cpu', 'device: cuda'))
      const { backbone } = loadRun(join(room, 'from-cuda'))
      expect(backbone.parameters()[0]!.device).toBe('cpu')
      backbone.dispose()
    },
  )

  it('wants two people', async () => {
    const alone = join(room, 'alone')
    await synthesizeFaces(alone, { people: 1, imagesPerPerson: 2, seed: 3 })
    await expect(train(config('one', { data: { roots: [alone] } }))).rejects.toMatchObject({
      code: 'TRAIN_DATA',
    })
    expect(existsSync(join(room, 'one'))).toBe(false)
  })
})

describe('a saved run', () => {
  it('loads for embedding and keeps to its architecture', async () => {
    await interrupted('saved', 3)
    const run = join(room, 'saved')
    const { embed, dim, close } = await openRunEmbedder(run)
    const rows = await embed(new Uint8Array(2 * 112 * 112 * 3).fill(90), 2)
    expect(rows).toHaveLength(2 * dim)
    expect(rows.slice(0, dim)).toEqual(rows.slice(dim))
    await close()
    const file = join(run, 'config.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('embedding: 32', 'embedding: 64'))
    expect(() => loadRun(run)).toThrow(
      expect.objectContaining({
        code: 'TRAIN_CHECKPOINT',
        message: expect.stringMatching(/another architecture.*\[32/),
      }),
    )
  })

  it('says which file of a checkpoint is cut off', async () => {
    await interrupted('cut', 2)
    truncateSync(join(room, 'cut/checkpoints/step-2/optimizer.safetensors'), 1000)
    await expect(resume(join(room, 'cut'))).rejects.toMatchObject({
      code: 'TRAIN_CHECKPOINT',
      message: expect.stringMatching(
        /optimizer\.safetensors.*ends early|optimizer\.safetensors.*whole/,
      ),
    })
  })

  it('says which file of a checkpoint has other bytes than were saved', async () => {
    await interrupted('rotten', 2)
    const folder = join(room, 'rotten/checkpoints/step-2')
    const file = join(folder, 'head-0-of-1.safetensors')
    const bytes = readFileSync(file)
    bytes[bytes.length - 100]! ^= 1
    writeFileSync(file, bytes)
    await expect(resume(join(room, 'rotten'))).rejects.toMatchObject({
      code: 'TRAIN_CHECKPOINT',
      message: expect.stringMatching(/head-0-of-1\.safetensors.*not the bytes that were saved/),
    })
    const others = readdirSync(folder).filter((name) => /^(backbone|optimizer|random)/.test(name))
    const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8')
    for (const name of others)
      expect(sums).toContain(
        `${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}  ${name}`,
      )
    writeFileSync(join(folder, 'SHA256SUMS'), Buffer.alloc(sums.length))
    expect(() => loadRun(join(room, 'rotten'))).toThrow(
      expect.objectContaining({
        code: 'TRAIN_CHECKPOINT',
        message: expect.stringMatching(/SHA256SUMS is damaged/),
      }),
    )
  })

  it('is exported by the number of a step, and those that there are are named', async () => {
    await train(config('stepwise', { checkpoint: { every: 5, keep: 9 } }))
    const run = join(room, 'stepwise')
    expect((await exported(run, 'step-5')).data).toMatchObject({ step: 5 })
    expect(() => loadRun(run, { checkpoint: 'step-6' })).toThrow(
      expect.objectContaining({
        code: 'TRAIN_CHECKPOINT',
        message: expect.stringMatching(
          /step-6 is no checkpoint: the run has step-12, step-10, step-5$/,
        ),
      }),
    )
  })

  it('is missed where there is none', () => {
    expect(() => loadRun(join(room, 'nowhere'))).toThrow(
      expect.objectContaining({ code: 'TRAIN_RUN' }),
    )
  })
})

const disk = join(room, 'disk')
const unmount = () => execFileSync('umount', ['-l', disk])

/** Mounts a file system of 45 MB. @returns whether this process may */
function mountDisk(): boolean {
  mkdirSync(disk, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=45m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const canMount = mountDisk()
if (canMount) unmount()
describe.skipIf(!canMount)('on a disk that fills (needs the right to mount a tmpfs)', () => {
  it('keeps the last good checkpoint and says that the disk is full', async () => {
    mountDisk()
    try {
      const full = { ...config('x'), output: join(disk, 'run') }
      full.checkpoint = { ...full.checkpoint, every: 1, keep: 10 }
      await expect(train(full)).rejects.toMatchObject({ code: 'TRAIN_DISK_FULL' })
      const run = join(disk, 'run')
      expect(loadRun(run).step).toBeGreaterThan(0)
      expect(readdirSync(join(run, 'checkpoints')).filter((name) => name.endsWith('.tmp'))).toEqual(
        [],
      )
    } finally {
      unmount()
    }
  })
})
