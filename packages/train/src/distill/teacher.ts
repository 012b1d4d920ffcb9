import { existsSync } from 'node:fs'
import { digestOf } from '@arcface/files'
import type { nn } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { distillLosses } from '../losses/distill/index.js'
import { findCheckpoint, weightsFile } from '../run/checkpoint.js'
import { runPaths } from '../run/folder.js'
import { loadRun } from '../run/load.js'

/** A network to learn of: frozen, in eval mode, on the device of the training. */
export interface Teacher {
  /** What messages call it. */
  name: string
  /** From what the trainer gives a network: [N, 3, 112, 112], (p - 127.5) / 127.5, RGB. */
  network: nn.Module
  /** Length of an embedding. */
  dim: number
  /** Of its weights: what it is known by. */
  sha256: string
}

/**
 * Opens the teacher that a configuration names, and sees that the student can learn of it.
 * @throws TrainError TRAIN_TEACHER where it is not there, no embedder, or of another length than the student; TRAIN_RUN,
 *   TRAIN_CHECKPOINT of a run
 */
export async function openTeacher(
  { teacher: path, loss }: NonNullable<Config['distill']>,
  { model, train }: Pick<Config, 'model' | 'train'>,
): Promise<Teacher> {
  if (!existsSync(path))
    throw new TrainError('TRAIN_TEACHER', `distill.teacher: ${path} is not there`)
  const { network, name, dim, sha256 } = await openNetwork(path)
  const { device, memoryFormat } = train
  for (const one of network.parameters()) one.requiresGrad = false
  const teacher = { network: network.to({ device, memoryFormat }).eval(), name, dim, sha256 }
  if (dim === model.embedding || !distillLosses[loss].sameLength) return teacher
  network.dispose()
  throw new TrainError(
    'TRAIN_TEACHER',
    `${path} gives embeddings of ${dim} values, the student ${model.embedding}, which distill.loss ${loss} cannot compare: set model.embedding to ${dim}, or distill.loss to relational`,
  )
}

async function openNetwork(path: string): Promise<Teacher> {
  if (!existsSync(runPaths(path).config))
    throw new TrainError('TRAIN_TEACHER', `distill.teacher: ${path} is no run`)
  const sha256 = await digestOf(weightsFile(findCheckpoint(path, 'best')), 'sha256')
  const { backbone, config } = loadRun(path)
  return { name: path, network: backbone, dim: config.model.embedding, sha256 }
}
