import { z } from 'zod'
import { model, place } from '../../workspace/place.js'
import { defineKind, flag, option } from '../kind.js'

export const groups = defineKind(
  'groups',
  'False matches and false non-matches of groups of people at a threshold: `arcface evaluate groups`',
  {
    model,
    images: place.describe('Where person/image.jpg lies'),
    groups: place.describe('A table (.csv, .jsonl, .parquet) of people or images and their groups'),
    columns: z.array(z.string().min(1)).default([]).describe('Of the table; by default each'),
    pairs: place.optional().describe('Only these pairs'),
    threshold: z.number().min(-1).max(1).describe('Cosine above which a pair is accepted'),
    flip: z.boolean().default(false),
  },
  ({ model, images, groups, columns, pairs, threshold, flip: isFlipped }, at) => [
    ...['evaluate', 'groups', '--model', at.model(model)],
    ...['--images', at.in(images, 'images'), '--groups', at.in(groups, 'groups')],
    // With the value in one word: a name may begin with a dash, and so does a negative number.
    ...columns.map((column) => `--column=${column}`),
    ...option('--pairs', pairs === undefined ? undefined : at.in(pairs, 'pairs')),
    `--threshold=${threshold}`,
    ...flag('--flip', isFlipped),
    ...['--report', at.own('report'), '--json'],
  ],
)
