import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { synthesizeFaces } from '@arcface/data'
import { readModel } from '@arcface/data/onnx'
import { loadSafetensors } from '@arcface/libtorch'
import {
  ARCFACE_ALIGNMENT,
  encodeModel,
  getMetadata,
  parseArcfaceMetadata,
  setMetadata,
} from '@arcface/onnx'
import { beforeAll, describe, expect, it } from 'vitest'
import { cleanRun } from '../clean/clean.js'
import { checkConfig } from '../config/load.js'
import type { ConfigInput } from '../config/schema.js'
import { exportRun } from '../export/index.js'
import { measureAngles } from '../geometry/angles/measure.js'
import { findCheckpoint } from '../run/checkpoint.js'
import { runPaths } from '../run/folder.js'
import { isStep, readMetrics, type StepMetrics } from '../run/metrics.js'
import { readScalars } from '../testing/events.js'
import { trainUntil } from '../testing/runs.js'
import type { TrainPlan } from './events.js'
import { resume, train } from './trainer.js'

const room = mkdtempSync(join(tmpdir(), 'distillation-'))
const faces = join(room, 'faces')
const others = join(room, 'others')
const teacher = join(room, 'teacher')

type More = Omit<Partial<ConfigInput>, 'distill'> & { distill?: object | null }

// 6 people, 6 images each: 4 steps of 8 an epoch.
const config = (output: string, { distill, ...more }: More = {}) =>
  checkConfig({
    output: join(room, output),
    data: { roots: [faces] },
    model: { backbone: 'r10-small', embedding: 16 },
    loss: { scale: 16, margin: 0.3 },
    optimizer: { lr: 0.05 },
    train: { epochs: 2, batchSize: 8, threads: 1 },
    ...more,
    ...(distill !== null && { distill: { teacher, ...distill } }),
  })

const alone: More = { loss: { name: 'none' } }

const weights = (run: string) =>
  readFileSync(join(findCheckpoint(join(room, run)), 'backbone.safetensors'))
const steps = (run: string) => readMetrics(runPaths(join(room, run)).metrics).filter(isStep)

const interrupted = (output: string, step: number, more: More) =>
  trainUntil(config(output, more), step)

beforeAll(async () => {
  await synthesizeFaces(faces, { people: 6, imagesPerPerson: 6, seed: 1 })
  cpSync(join(faces, 'person_0006'), others, { recursive: true })
  await train(config('teacher', { distill: null }))
})

describe('distillation', () => {
  it('learns of a teacher alone, without labels', async () => {
    const passes: number[] = []
    const data = { roots: [], unlabelled: [faces] }
    const given = { ...alone, data, train: { epochs: 15, batchSize: 8, threads: 1 } }
    await train(config('unlabelled', given), { onPass: (_, done) => passes.push(done) })
    expect(passes).toEqual([36])
    const [first, last] = [steps('unlabelled')[0]!, steps('unlabelled').at(-1)!]
    expect(last.teacherCosine!).toBeGreaterThan(0.8)
    expect(last.teacherCosine!).toBeGreaterThan(first.teacherCosine! + 0.1)
    expect(last).toMatchObject({ marginLoss: null, targetAngle: null, otherAngle: null })
    expect(last.loss).toBeCloseTo(last.distillLoss!, 6)
    expect(last.distillLoss).toBeCloseTo(1 - last.teacherCosine!, 5)
    const html = readFileSync(runPaths(join(room, 'unlabelled')).report, 'utf8')
    expect(html).toContain('Training of r10-small with a teacher, teacher')
    expect(html).toContain('Cosine to the teacher')
    expect(html).toContain('Of these without a person')
    const onnx = join(room, 'student.onnx')
    exportRun(join(room, 'unlabelled'), onnx)
    const metadata = parseArcfaceMetadata(getMetadata(await readModel(onnx)), onnx)
    const weights = join(findCheckpoint(teacher, 'best'), 'backbone.safetensors')
    const sha256 = createHash('sha256').update(readFileSync(weights)).digest('hex')
    expect(metadata).toMatchObject({
      ...{ loss: { name: 'none' }, teacher: { name: 'teacher', sha256 } },
      data: { name: 'faces', people: 0 },
    })
    const tags = new Set(
      readScalars(join(room, 'unlabelled')).map((line) => line.trim().split(' ')[1]),
    )
    expect(tags).toContain('train/distill_loss')
    expect(tags).toContain('train/teacher_cosine')
    expect(tags).not.toContain('train/margin_loss')
  })

  it('is added to a margin loss, by its weight', async () => {
    await train(
      config('both', { distill: { weight: 3 }, train: { epochs: 5, batchSize: 8, threads: 1 } }),
    )
    for (const { loss, marginLoss, distillLoss, targetAngle } of steps('both')) {
      expect(loss).toBeCloseTo(marginLoss! + 3 * distillLoss!, 5)
      expect(targetAngle).toBeGreaterThan(0)
    }
    expect(steps('both')).toHaveLength(2)
  })

  it.each([
    ['the images as they are', {}],
    ['what the student sees', { sees: 'augmented' }],
    ['people and others', { mixed: true }],
  ])(
    'goes on to the same bits: %s',
    async (name, { mixed = false, ...distill }: { mixed?: boolean; sees?: string }) => {
      const given: More = {
        ...(mixed ? { data: { roots: [faces], unlabelled: [others] } } : alone),
        distill,
        train: { epochs: 2, batchSize: 8, threads: 1, ema: 0.5, precision: 'bf16' },
      }
      const plans: Partial<TrainPlan>[] = []
      await train(config(`whole ${name}`, given), { onStart: (plan) => plans.push(plan) })
      const images = mixed ? { images: 42, unlabelled: 6 } : { images: 36, unlabelled: 0 }
      expect(plans).toMatchObject([{ people: 6, ...images }])
      const broken = `broken ${name}`
      expect(await interrupted(broken, 3, given)).toMatchObject({ step: 3, finished: false })
      const { teacher: kept } = runPaths(join(room, broken))
      const before = distill.sees === 'augmented' ? null : statSync(kept)
      const warnings: string[] = []
      await resume(join(room, broken), { onWarning: (message) => warnings.push(message) })
      expect(warnings).toEqual([])
      if (before) {
        expect(before.mode & 0o777).toBe(0o600)
        expect(statSync(kept).ino).toBe(before.ino) // not written again
      }
      expect(weights(broken).equals(weights(`whole ${name}`))).toBe(true)
      expect(steps(broken).at(-1)).toMatchObject({ loss: steps(`whole ${name}`).at(-1)!.loss })
    },
  )

  it("computes the teacher's embeddings again where the file is damaged", async () => {
    await interrupted('damaged', 3, alone)
    const run = join(room, 'damaged')
    const { teacher: kept } = runPaths(run)
    const whole = readFileSync(kept)
    const bytes = Buffer.from(whole)
    bytes[bytes.length - 9]! ^= 1
    writeFileSync(kept, bytes)
    const warnings: string[] = []
    await resume(run, { onWarning: (message) => warnings.push(message) })
    expect(warnings).toEqual([expect.stringMatching(/teacher\.safetensors is damaged/)])
    expect(readFileSync(kept).equals(whole)).toBe(true)
    await train(config('undamaged', alone))
    expect(weights('damaged').equals(weights('undamaged'))).toBe(true)
  })

  it('compares by relation where the lengths differ, and says so where that is needed', async () => {
    const model = { backbone: 'r10-small', embedding: 24 }
    await expect(train(config('longer', { ...alone, model }))).rejects.toThrow(
      expect.objectContaining({
        code: 'TRAIN_TEACHER',
        message: expect.stringMatching(
          /16 values, the student 24.*model\.embedding to 16.*relational/,
        ),
      }),
    )
    const longer = { epochs: 12, batchSize: 8, threads: 1 }
    const relational = { loss: 'relational', weight: 20 }
    await train(config('related', { ...alone, model, distill: relational, train: longer }))
    const [first, last] = [steps('related')[0]!, steps('related').at(-1)!]
    expect(first.teacherCosine).toBeNull()
    expect(last.distillLoss!).toBeLessThan(first.distillLoss! / 2)
  })

  it('has angles where it had people, and says so where it had none', async () => {
    const taught = await measureAngles(join(room, 'undamaged'), [], { history: false })
    expect(taught).toMatchObject({ loss: 'none', centres: null, sets: [{ people: 6, images: 36 }] })
    const refused = { code: 'TRAIN_DATA', message: expect.stringMatching(/no people to look at/) }
    await expect(measureAngles(join(room, 'unlabelled'), [])).rejects.toMatchObject(refused)
    await expect(
      cleanRun(join(room, 'unlabelled'), { limit: 1, out: join(room, 'clean') }),
    ).rejects.toMatchObject({ code: 'TRAIN_RUN', message: expect.stringMatching(/no sub-centers/) })
  })

  it('refuses what is no teacher before there is a run', async () => {
    for (const wrong of [join(room, 'none'), faces])
      await expect(train(config('refused', { distill: { teacher: wrong } }))).rejects.toThrow(
        expect.objectContaining({ code: 'TRAIN_TEACHER', message: expect.stringContaining(wrong) }),
      )
    expect(() => statSync(join(room, 'refused'))).toThrow()
  })

  it('learns of an ONNX file as of the run that it was exported of', async () => {
    const onnx = join(room, 'teacher.onnx')
    exportRun(teacher, onnx)
    const figures = []
    const taught = (of: string) =>
      loadSafetensors(runPaths(join(room, `of ${basename(of)}`)).teacher)
        .get('teacher')!
        .toFloat32Array()
    for (const one of [teacher, onnx]) {
      const output = `of ${basename(one)}`
      await train(config(output, { ...alone, distill: { teacher: one, sees: 'both' } }))
      figures.push(steps(output)[0]!)
    }
    const [run, file] = figures as [StepMetrics, StepMetrics]
    const [a, b] = [teacher, onnx].map(taught) as [Float32Array, Float32Array]
    const apart = a.map((value, i) => value - b[i]!)
    expect(Math.hypot(...apart) / Math.hypot(...a)).toBeLessThan(1e-5)
    // Eight steps enlarge what rounding leaves between the two.
    expect(file.distillLoss).toBeCloseTo(run.distillLoss!, 3)
    expect(file.teacherCosine).toBeCloseTo(run.teacherCosine!, 3)
  })

  it('refuses a graph that is no embedder, and faces that are aligned otherwise', async () => {
    const none = join(room, 'none.onnx')
    writeFileSync(none, 'no graph')
    await expect(train(config('no graph', { distill: { teacher: none } }))).rejects.toThrow(
      expect.objectContaining({ message: expect.stringContaining(none) }),
    )
    const onnx = join(room, 'turned.onnx')
    exportRun(teacher, onnx)
    const model = await readModel(onnx)
    const { points } = ARCFACE_ALIGNMENT
    const turned = { name: 'turned', points: points.map(([x, y]) => [x, y! - 8]) }
    setMetadata(model, { 'arcface.alignment': JSON.stringify(turned) })
    writeFileSync(onnx, encodeModel(model))
    await expect(train(config('turned', { distill: { teacher: onnx } }))).rejects.toThrow(
      expect.objectContaining({
        code: 'TRAIN_IMPORT',
        message: expect.stringMatching(/aligned to "turned"/),
      }),
    )
    expect(() => statSync(join(room, 'turned'))).toThrow()
  })

  it('knows a teacher that has become another', async () => {
    const other = join(room, 'changing')
    cpSync(teacher, other, { recursive: true, verbatimSymlinks: true })
    await interrupted('changed', 3, { ...alone, distill: { teacher: other } })
    await train(config('another', { distill: null, seed: 2 }))
    cpSync(join(room, 'another', 'checkpoints'), join(other, 'checkpoints'), {
      recursive: true,
      verbatimSymlinks: true,
      force: true,
    })
    const warnings: string[] = []
    await resume(join(room, 'changed'), { onWarning: (message) => warnings.push(message) })
    expect(warnings).toEqual([
      expect.stringMatching(/changing is another teacher than the run began with/),
      expect.stringMatching(/teacher\.safetensors is damaged, or of another teacher/),
    ])
  })
})
