import { z } from 'zod'
import { checkConfined } from '../../workspace/confined.js'
import { place } from '../../workspace/place.js'
import { defineKind, option, type TaskPlace } from '../kind.js'

const config = z
  .string()
  .min(1)
  .max(1 << 20)
  .describe('YAML; paths in it are places of the workspace')

/** The configuration as a file of the task. @throws ServerError SERVER_REQUEST: it names something outside */
function written(yaml: string, at: TaskPlace): string {
  checkConfined(yaml, at.workspace, 'config')
  return at.write('config.yaml', yaml)
}

export const train = defineKind(
  'train',
  'A training as a configuration says: `arcface train`',
  { config },
  ({ config }, at) => ['train', written(config, at), '--json'],
)

export const ablate = defineKind(
  'ablate',
  'The same training under a list of losses; what is finished is not trained again: `arcface ablate`',
  { config },
  ({ config }, at) => ['ablate', written(config, at), '--json'],
)

export const resume = defineKind(
  'resume',
  'Goes on with a run from its latest checkpoint: `arcface train --resume`',
  {
    run: place.describe('Its folder'),
    epochs: z.int().min(1).optional().describe('In place of its own train.epochs'),
  },
  ({ run, epochs }, at) => [
    ...['train', '--resume', at.in(run, 'run')],
    ...option('--set', epochs === undefined ? undefined : `train.epochs=${epochs}`),
    '--json',
  ],
)
