import { z } from 'zod'
import { model, place } from '../../workspace/place.js'
import { defineKind, flag, option } from '../kind.js'

export const verification = defineKind(
  'verification',
  'Accuracy, AUC and TAR at FAR of a model on pairs: `arcface evaluate verification`',
  {
    model,
    images: place.optional().describe('Where name/name_0001.jpg lies; a .bin needs none'),
    pairs: place.describe("A list in the format of LFW's pairs.txt, or a .bin"),
    flip: z.boolean().default(false),
  },
  ({ model, images, pairs, flip: isFlipped }, at) => [
    ...['evaluate', 'verification', '--model', at.model(model)],
    ...option('--images', images === undefined ? undefined : at.in(images, 'images')),
    ...['--pairs', at.in(pairs, 'pairs')],
    ...flag('--flip', isFlipped),
    ...['--report', at.own('report'), '--json'],
  ],
)
