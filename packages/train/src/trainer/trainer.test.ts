import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesizeFaces, synthesizeVerification } from '@arcface/data'
import { liveTensors } from '@arcface/libtorch'
import { type Thresholds, thresholdsOf } from '@arcface/onnx'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ConfigInput } from '../config/schema.js'
import { deviceProblem } from '../network/device.js'
import { findCheckpoint } from '../run/checkpoint.js'
import { readRun, runPaths } from '../run/folder.js'
import { loadRun } from '../run/load.js'
import { appendMetrics, isStep, isVerify, readMetrics } from '../run/metrics.js'
import { readScalars } from '../testing/events.js'
import { exportedMetadata, smallConfig, trainUntil } from '../testing/runs.js'
import { resume, train } from './trainer.js'

const room = mkdtempSync(join(tmpdir(), 'trainer-'))
const faces = join(room, 'faces')
const pairs = join(room, 'pairs.txt')
const strangers = join(room, 'strangers')

const config = (output: string, more: Partial<ConfigInput> = {}) =>
  smallConfig(join(room, output), faces, more)

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

const interrupted = (output: string, step: number, more: Partial<ConfigInput> = {}) =>
  trainUntil(config(output, more), step)

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
    for (const part of [
      'to the nearest other',
      'Gradient norms',
      'Time of a step',
      'Resident memory',
    ])
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
    expect(await exportedMetadata(run, 'latest')).not.toHaveProperty('thresholds')
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
    expect(thresholdsOf(await exportedMetadata(run, 'latest', given))).toEqual(given)
    const measured = { ...result.verification[0]!, thresholds: given }
    const metrics = readFileSync(join(run, 'metrics.jsonl'))
    appendMetrics(join(run, 'metrics.jsonl'), measured)
    expect(thresholdsOf(await exportedMetadata(run, 'latest'))).toEqual(given)
    // Of several sets the one that bears out a smaller FAR.
    const weaker = { ...given, source: 'weaker', impostors: { ...impostors, smallestFar: 0.05 } }
    appendMetrics(join(run, 'metrics.jsonl'), { ...measured, set: 'weaker', thresholds: weaker })
    expect(thresholdsOf(await exportedMetadata(run, 'latest'))).toEqual(given)
    writeFileSync(join(run, 'metrics.jsonl'), metrics)
    // As a run of an older version has it.
    const { thresholds: _, ...old } = measured
    appendMetrics(join(run, 'metrics.jsonl'), old)
    expect((await exportedMetadata(run, 'latest')).thresholds).toEqual(thresholdAtFar)
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
    for (const { seconds, memory, targetAngle, otherAngle } of lines) {
      const sum = Object.values(seconds).reduce((total, one) => total + one)
      expect(seconds).toMatchObject({ communication: 0, backward: expect.any(Number) })
      expect(sum).toBeGreaterThan(seconds.backward)
      expect(memory).toBeGreaterThan(2 ** 25)
      expect(targetAngle).toBeGreaterThan(0.2)
      expect(targetAngle).toBeLessThan(Math.PI)
      expect(otherAngle).toBeGreaterThan(0.2)
      expect(otherAngle).toBeLessThan(Math.PI / 2)
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
