import { messageOf, readText } from '@arcface/files'
import { preprocessingSchema } from '@arcface/onnx'
import { z } from 'zod'
import { ONNX } from '../config/model.js'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import type { EmbedderFile } from '../network/embedder-file.js'
import { runPaths } from './folder.js'

const originSchema = z.object({ name: z.string(), sha256: z.string() })

/** What an embedder is known by: its name, and the SHA-256 of its weights. */
export type Origin = z.output<typeof originSchema>

/** Whom a run learned of; null if of nobody, or if that is not known. */
export function teacherOfRun(run: string): Origin | null {
  try {
    return originSchema.parse(JSON.parse(readText(runPaths(run).taught)))
  } catch {
    return null
  }
}

/**
 * The ONNX file that a run keeps of its backbone; null for another backbone.
 * @throws TrainError TRAIN_WEIGHTS; whether the file itself is there and unchanged, shows when a network is made of it
 */
export function fileOfRun(run: string, { model }: Pick<Config, 'model'>): EmbedderFile | null {
  if (model.backbone !== ONNX) return null
  const { backbone: path, origin } = runPaths(run)
  let known: z.output<typeof originSchema>
  try {
    known = originSchema.parse(JSON.parse(readText(origin)))
  } catch (cause) {
    const why =
      cause instanceof z.ZodError || cause instanceof SyntaxError
        ? 'it is broken'
        : messageOf(cause)
    throw new TrainError('TRAIN_WEIGHTS', `${origin}: ${why}`, {
      cause,
      hint: 'It says which ONNX file the run began with; put it back.',
    })
  }
  const preprocessing = preprocessingSchema.parse(model.preprocessing ?? {})
  return { path, ...known, preprocessing, dim: model.embedding }
}
