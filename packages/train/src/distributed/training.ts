import { createHash } from 'node:crypto'
import type { FolderDataset } from '@arcface/data'
import { torchVersion } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { checkDevice, explainDevice } from '../network/device.js'
import { Team } from './team.js'

/** Runs a training as a rank of the team that the environment names; an error ends the other ranks, too. */
export async function asTeam<T>(
  config: Pick<Config, 'train' | 'head'>,
  body: (team: Team) => Promise<T>,
): Promise<T> {
  const { train } = config
  const team = Team.join(train.device)
  try {
    checkDevice(train)
    return await body(team)
  } catch (error) {
    throw team.explain(explainDevice(error, config))
  } finally {
    team.leave()
  }
}

/** What must be the same for all ranks. */
export const settingsOf = (config: Config, { classes, samples }: FolderDataset, step: number) => ({
  config,
  data: {
    images: samples.length,
    people: classes.length,
    names: createHash('sha256').update(JSON.stringify(classes)).digest('hex'),
  },
  step,
  torch: torchVersion,
})

/**
 * Images of a rank's batch. A run keeps the images of a step, so that it takes the same steps on any number of ranks.
 * @throws TrainError TRAIN_RANKS where they cannot be dealt out evenly
 */
export function batchOf(
  globalBatch: number,
  world: number,
  sampler: Config['data']['sampler'],
): number {
  const own = globalBatch / world
  const fits = sampler ? own === sampler.people * sampler.images : Number.isInteger(own) && own > 1
  if (fits) return own
  throw new TrainError(
    'TRAIN_RANKS',
    `a step of this run has ${globalBatch} images, which ${world} ranks cannot share evenly${sampler ? ` in batches of ${sampler.people} x ${sampler.images}` : ''}; start a number of ranks that divides it`,
  )
}
