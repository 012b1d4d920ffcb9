import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { Interval } from '@arcface/evaluate'
import type { Thresholds } from '@arcface/onnx'
import { z } from 'zod'
import { writeError, writeWhole } from './folder.js'

/** What a step's time goes to, in the order of the step. */
export const phases = [
  'data', // waiting for the loader
  'forward', // the backbone's
  'head', // the loss's forward
  'backward', // of both
  'optimizer', // clipping, update, moving average
  'communication', // with the other ranks: what is not hidden behind backward
] as const
export type Phase = (typeof phases)[number]
export type Seconds = Readonly<Record<Phase, number>>

/** What a step of distillation is measured by besides. */
export interface DistillFigures {
  /** The part of `loss` that is the head's, mean over the images with a person; null with `loss: none`. */
  marginLoss: number | null
  /** The distillation's, before its weight. */
  distillLoss: number
  /** Mean cosine between the embeddings of student and teacher; null where they have different lengths. */
  teacherCosine: number | null
}

/** What a step of training is measured by. */
export interface StepFigures extends Partial<DistillFigures> {
  /** What is minimised. */
  loss: number
  lr: number
  /** Share of the margin in force. */
  marginShare: number
  /** What the loss was multiplied with for backward in float16. */
  lossScale?: number
  /** L2 norm of the backbone's gradients before clipping. */
  gradNorm: number
  /** That of the centres' gradients; null where these never exist as a whole. */
  headGradNorm: number | null
  /** Mean angle in radians between an embedding and its person's centre, without margin; null without centres. */
  targetAngle: number | null
  /**
   * That to the nearest centre of another person, of those that the step compares with; null without centres. Runs of
   * older versions have none.
   */
  otherAngle: number | null
}

/** A line of `metrics.jsonl` about steps of training. */
export interface StepMetrics extends StepFigures {
  step: number
  epoch: number
  /** Over all ranks. */
  imagesPerSecond: number
  /** Seconds of a step by what they went to, rank 0's, mean of the steps since the line before. */
  seconds: Seconds
  /** Bytes of rank 0 that are resident. */
  memory: number
}

/** A line of `metrics.jsonl` about a verification; all fractions, flip included. */
export interface VerifyMetrics {
  step: number
  set: string
  accuracy: number
  std: number
  auc: number
  tarAtFar: Readonly<Record<string, number>>
  /** Cosine by FAR, without flip. */
  thresholdAtFar: Readonly<Record<string, number>>
  /** For use, without flip; null where the pairs bear out none. Runs of older versions have none. */
  thresholds?: Thresholds | null
  /** How many there are. Runs of older versions do not say, and have no intervals. */
  pairs?: number
  /** 95 %, by draws of people; null where these are too few. */
  intervals?: {
    people: number
    accuracy: Interval
    tarAtFar: Readonly<Record<string, Interval>>
  } | null
}

/** A line of `metrics.jsonl` about a verification that failed: the training goes on. */
export interface VerifyFailure {
  step: number
  set: string
  /** Why. */
  failure: string
}

export type Metrics = StepMetrics | VerifyMetrics | VerifyFailure
export const isVerify = (line: Metrics): line is VerifyMetrics => 'accuracy' in line
export const isFailure = (line: Metrics): line is VerifyFailure => 'failure' in line
export const isStep = (line: Metrics): line is StepMetrics => 'loss' in line

export function appendMetrics(path: string, line: Metrics): void {
  try {
    appendFileSync(path, `${JSON.stringify(line)}\n`)
  } catch (cause) {
    throw writeError(path, cause)
  }
}

const step = z.int().min(0)
const rates = z.record(z.string(), z.number().nullable())
/** What every line of its kind has had from the first version on. */
const lineSchema = z.union([
  z.looseObject({ step, set: z.string(), failure: z.string() }),
  z.looseObject({
    step,
    set: z.string(),
    accuracy: z.number(),
    std: z.number(),
    auc: z.number(),
    tarAtFar: rates,
    thresholdAtFar: rates,
  }),
  z.looseObject({
    step,
    loss: z.number(),
    seconds: z.record(z.string(), z.number()).optional(),
  }),
])

/** All whole lines; one that a crash cut off, or that a disk damaged, is left out. */
export function readMetrics(path: string): Metrics[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        const value: unknown = JSON.parse(line)
        return lineSchema.safeParse(value).success ? [value as Metrics] : []
      } catch {
        return []
      }
    })
}

/** What was verified at a step, of each set: what was measured again replaces what was measured before. */
export function verifiedAt(path: string, step: number): VerifyMetrics[] {
  const verified = readMetrics(path).filter(isVerify)
  const there = verified.filter((line) => line.step === step)
  return [...new Map(there.map((line) => [line.set, line])).values()]
}

/** Drops what was measured after `step`: a resumed run measures it again. */
export function truncateMetrics(path: string, step: number): void {
  const kept = readMetrics(path).filter((line) => line.step <= step)
  writeWhole(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''))
}
