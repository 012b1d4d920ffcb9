import { basename } from 'node:path'
import type { CardFacts, CardResult } from '@arcface/evaluate'
import { augmentation, count, describeLoss, distillRows } from '../report/facts.js'
import { readRun, runPaths } from '../run/folder.js'
import { type VerifyMetrics, verifiedAt } from '../run/metrics.js'

/**
 * What a model card says of a run at a step: folders by their last name only, since cards are published.
 * @throws TrainError TRAIN_RUN
 */
export function cardOfRun(
  run: string,
  step: number,
): Pick<CardFacts, 'data' | 'training' | 'results'> {
  const { config, classes } = readRun(run)
  const { data, model, optimizer, train } = config
  return {
    data: [
      ['Folders', [...data.roots, ...data.unlabelled].map((root) => basename(root)).join(', ')],
      ['People', classes.length === 0 ? 'of nobody in particular' : count(classes.length)],
      ['Augmentation', augmentation(data)],
    ],
    training: [
      ...(model.weights === null ? [] : [['Began with', basename(model.weights)] as const]),
      ['Loss', describeLoss(config)],
      ...distillRows(config, basename),
      ['Steps', `${count(step)} of ${train.batchSize} images`],
      ['Learning rate', `${optimizer.lr}, ${optimizer.schedule}`],
      ['Precision', train.precision],
    ],
    results: verifiedAt(runPaths(run).metrics, step).map(resultOf),
  }
}

function resultOf({ set, accuracy, auc, tarAtFar, pairs, intervals }: VerifyMetrics): CardResult {
  return {
    ...{ set, note: 'with flip', pairs, people: intervals?.people },
    figures: [
      { figure: 'accuracy', value: accuracy, ...intervals?.accuracy },
      { figure: 'area under the ROC curve', value: auc },
      ...Object.entries(tarAtFar).map(([far, value]) => ({
        figure: `TAR at FAR ${far}`,
        value,
        ...intervals?.tarAtFar[far],
      })),
    ],
  }
}
