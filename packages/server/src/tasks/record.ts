import { join } from 'node:path'
import { readRegular, writeWhole } from '@arcface/files'
import { z } from 'zod'
import { progressSchema, taskProblem } from './log.js'

export const STATES = ['waiting', 'running', 'done', 'failed', 'cancelled', 'lost'] as const
export type TaskState = (typeof STATES)[number]

/** Date and time, so that they sort, and six digits by chance. */
export const TASK_ID = /^\d{8}-\d{6}-[0-9a-f]{6}$/

/** What of a task lies in its `task.json`. */
const recordSchema = z.object({
  id: z.string().regex(TASK_ID),
  kind: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  /** Behind `arcface`. */
  arguments: z.array(z.string()),
  state: z.enum(STATES),
  created: z.iso.datetime(),
  started: z.iso.datetime().nullable(),
  ended: z.iso.datetime().nullable(),
  /** Somebody has asked for its end. */
  cancelled: z.boolean(),
  process: z
    .object({
      machine: z.string(),
      space: z.string(),
      pid: z.int().positive(),
      start: z.string(),
    })
    .nullable(),
  progress: progressSchema.nullable(),
  problem: taskProblem.nullable(),
})
export type TaskRecord = z.output<typeof recordSchema>

const NAME = 'task.json'
/** Larger ones are none of ours. */
const LONGEST = 64 << 20

/** @returns undefined for a file that is damaged, or none */
export async function readRecord(folder: string): Promise<TaskRecord | undefined> {
  try {
    const text = (await readRegular(join(folder, NAME), LONGEST)).toString()
    return recordSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** @throws FilesError FILES_WRITE, FILES_DISK_FULL */
export const writeRecord = (folder: string, record: TaskRecord): void =>
  writeWhole(join(folder, NAME), JSON.stringify(record), { isPrivate: true })
