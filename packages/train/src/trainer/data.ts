import { type FolderDataset, openFolders } from '@arcface/data'
import { firstNames } from '@arcface/files'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { readRun } from '../run/folder.js'

/** What a configuration trains on. @throws DataError */
export const openTrainingData = ({ roots, list, onSingleImage }: Config['data']): FolderDataset =>
  openFolders(roots, { onSingleImage, ...(list !== null && { list }) })

/** What a run was trained on. @throws TrainError TRAIN_RUN, TRAIN_DATA if other people lie there now; DataError */
export function openRunData(run: string): FolderDataset {
  const { config, classes } = readRun(run)
  const dataset = openTrainingData(config.data)
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
