import { type FolderDataset, imageKey, openFolders, openUnlabelled } from '@arcface/data'
import { firstNames } from '@arcface/files'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { readRun } from '../run/folder.js'

/** The people that a configuration trains on. @throws DataError */
export const openPeople = ({ roots, list, onSingleImage }: Config['data']): FolderDataset =>
  roots.length === 0
    ? { classes: [], samples: [], ignored: [], warnings: [] }
    : openFolders(roots, { onSingleImage, ...(list !== null && { list }) })

/**
 * All that a configuration trains on: the people, then the images of nobody in particular; an image
 * that is both is a person's.
 * @throws TrainError TRAIN_DATA where there are too few people for a loss; DataError
 */
export function openTrainingData({ data, loss }: Pick<Config, 'data' | 'loss'>): FolderDataset {
  const people = openPeople(data)
  if (people.classes.length < 2 && loss.name !== 'none')
    throw new TrainError(
      'TRAIN_DATA',
      `${data.roots.join(', ')}: one person only; a margin needs at least two to stand between`,
    )
  if (data.unlabelled.length === 0) return people
  const all = openUnlabelled(data.unlabelled)
  const known = new Set(people.samples.map(imageKey))
  const others = all.samples.filter((one) => !known.has(imageKey(one)))
  const twice = all.samples.length - others.length
  const warnings = [...people.warnings, ...all.warnings]
  if (twice > 0)
    warnings.push(
      `${twice} of the images in data.unlabelled are those of people in data.roots, and are taken once, with their names.`,
    )
  return {
    classes: people.classes,
    samples: [...people.samples, ...others],
    ignored: [...people.ignored, ...all.ignored],
    warnings,
  }
}

/**
 * The people that a run was trained on.
 * @throws TrainError TRAIN_RUN, TRAIN_DATA if other people lie there now, or it knew none; DataError
 */
export function openRunData(run: string): FolderDataset {
  const { config, classes } = readRun(run)
  if (classes.length === 0)
    throw new TrainError(
      'TRAIN_DATA',
      `${run} was trained on images of nobody in particular: it has no people to look at`,
    )
  const dataset = openPeople(config.data)
  checkSameData(run, config.data.roots, classes, dataset)
  return dataset
}

/**
 * That the data hold what a run was trained on: the same people in the same order, and as many images.
 * @param samples images that it was trained on; null: not known
 * @throws TrainError TRAIN_DATA saying what differs
 */
export function checkSameData(
  run: string,
  roots: readonly string[],
  classes: readonly string[],
  dataset: FolderDataset,
  samples: number | null = null,
): void {
  const [before, now] = [new Set(classes), new Set(dataset.classes)]
  const differences = [
    ...few(
      classes.filter((name) => !now.has(name)),
      'no longer there',
    ),
    ...few(
      dataset.classes.filter((name) => !before.has(name)),
      'new',
    ),
    ...(samples !== null && samples !== dataset.samples.length
      ? [`it had ${samples} images, now there are ${dataset.samples.length}`]
      : []),
  ]
  if (differences.length === 0 && dataset.classes.join() !== classes.join())
    differences.push('the people come in another order')
  if (differences.length > 0)
    throw new TrainError(
      'TRAIN_DATA',
      `${run} was trained on other data than ${roots.join(', ')} now hold: ${differences.join('; ')}. Put the data back, or start a new run.`,
    )
}

const few = (names: readonly string[], what: string): string[] =>
  names.length === 0 ? [] : [`${what}: ${firstNames(names)}`]
