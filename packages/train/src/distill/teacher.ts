import { existsSync, statSync } from 'node:fs'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { distillLosses } from '../losses/distill/index.js'
import { runPaths } from '../run/folder.js'
import { type OpenedNetwork, openNetwork } from '../run/network.js'

/** A network to learn of: frozen, in eval mode, on the device of the training. */
export interface Teacher extends OpenedNetwork {
  /** What messages call it. */
  name: string
}

/**
 * Opens the teacher that a configuration names, and sees that the student can learn of it.
 * @throws TrainError TRAIN_TEACHER where it is not there, no run, or of another length than the student; else as
 *   `openNetwork`
 */
export async function openTeacher(
  { teacher: path, loss, preprocessing }: NonNullable<Config['distill']>,
  { model, train }: Pick<Config, 'model' | 'train'>,
): Promise<Teacher> {
  if (!existsSync(path))
    throw new TrainError('TRAIN_TEACHER', `distill.teacher: ${path} is not there`)
  if (statSync(path).isDirectory() && !existsSync(runPaths(path).config))
    throw new TrainError('TRAIN_TEACHER', `distill.teacher: ${path} is a folder, and no run`)
  const { network, dim, sha256 } = await openNetwork(path, preprocessing)
  const { device, memoryFormat } = train
  for (const one of network.parameters()) one.requiresGrad = false
  const teacher = { name: path, network: network.to({ device, memoryFormat }), dim, sha256 }
  if (dim === model.embedding || !distillLosses[loss].sameLength) return teacher
  network.dispose()
  throw new TrainError(
    'TRAIN_TEACHER',
    `${path} gives embeddings of ${dim} values, the student ${model.embedding}, which distill.loss ${loss} cannot compare: set model.embedding to ${dim}, or distill.loss to relational`,
  )
}
