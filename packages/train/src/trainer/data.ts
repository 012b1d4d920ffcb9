import { type FolderDataset, openFolders } from '@arcface/data'
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
  if (dataset.classes.join() !== classes.join())
    throw new TrainError(
      'TRAIN_DATA',
      `${run} was trained on ${classes.length} people; ${config.data.roots.join(', ')} now hold ${dataset.classes.length}, or others. Put the data back.`,
    )
  return dataset
}
