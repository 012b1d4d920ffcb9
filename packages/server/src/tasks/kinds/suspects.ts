import { z } from 'zod'
import { model, place } from '../../workspace/place.js'
import { defineKind, option } from '../kind.js'

export const suspects = defineKind(
  'suspects',
  'What of a data set a person should look at, and all its embeddings: `arcface data suspects`',
  {
    roots: z.array(place).min(1).describe('Folders of people, or .rec files'),
    model: model.optional().describe('Default: the run, else the default pack'),
    run: place
      .optional()
      .describe('A run with sub-centers: wrong labels are what is far from them'),
    list: place.optional().describe('Only the images of this list'),
    against: place.optional().describe('Another data set: who of it is here too?'),
    groups: place.optional().describe('A table of people or images and their groups, for the map'),
  },
  ({ roots, model, ...more }, at) => [
    ...['data', 'suspects', ...roots.map((root) => at.in(root, 'roots'))],
    ...option('--model', model === undefined ? undefined : at.model(model)),
    ...(['run', 'list', 'against', 'groups'] as const).flatMap((name) => {
      const value = more[name]
      return option(`--${name}`, value === undefined ? undefined : at.in(value, name))
    }),
    ...['--out', at.own('suspects'), '--json'],
  ],
)
