import { z } from 'zod'
import { model, place } from '../../workspace/place.js'
import { defineKind, flag, option } from '../kind.js'

export const scores = defineKind(
  'scores',
  'The cosine of every pair, with names and people, in `scores.json` of its folder: `arcface evaluate scores`',
  {
    model,
    images: place
      .optional()
      .describe('Where name/name_0001.jpg lies; without `pairs` all pairs across its people'),
    pairs: place
      .optional()
      .describe("A list in the format of LFW's pairs.txt, or a .bin, which needs no images"),
    flip: z.boolean().default(false),
  },
  ({ model, images, pairs, flip: isFlipped }, at) => [
    ...['evaluate', 'scores', '--model', at.model(model)],
    ...option('--images', images === undefined ? undefined : at.in(images, 'images')),
    ...option('--pairs', pairs === undefined ? undefined : at.in(pairs, 'pairs')),
    ...flag('--flip', isFlipped),
    ...['--out', at.own('scores.json'), '--json'],
  ],
)
