import { z } from 'zod'
import { type DistillLossName, distillLosses } from '../losses/distill/index.js'
import { preprocessing } from './preprocessing.js'

/** What a student learns of a teacher. */
export const distill = z.strictObject({
  /** A run, or an ONNX file of any embedder; on the command line the name of a pack, too. */
  teacher: z.string(),
  /** Factor of its loss, which is added to `loss`. */
  weight: z.number().positive().finite().default(1),
  /** What the embeddings of both are compared by. `relational` alone allows another length than the teacher's. */
  loss: z.enum(Object.keys(distillLosses) as [DistillLossName]).default('cosine'),
  /**
   * `clean`: the image as it lies on the disk, mirrored where the student's is; `both`: that and its mirror image, the
   * embeddings added, in either case. Both are computed once and kept. `augmented`: what the student sees, in each step.
   */
  sees: z.enum(['clean', 'both', 'augmented']).default('clean'),
  /** As `model.preprocessing`, of a teacher that is an ONNX file. */
  preprocessing,
})

interface Checked {
  data: { roots: string[]; unlabelled: string[]; list: string | null; sampler: object | null }
  loss: { name: string; marginWarmup: number; scaleWarmup: object | null; regularizers: unknown[] }
  head: { blocked: boolean | null; sample: number; init: string }
  distill: z.output<typeof distill> | null
  train: { microBatch: number }
}

/** Complains of what does not go with a teacher, or not without one. */
export function checkDistillation(
  { data, loss, head, distill, train }: Checked,
  complain: (path: string[], message: string) => void,
): void {
  if (loss.name === 'none') {
    if (distill === null)
      complain(
        ['loss', 'name'],
        'with none there is nothing to learn but of a teacher: add distill: { teacher: ... }, or choose a loss',
      )
    if (loss.marginWarmup > 0 || loss.scaleWarmup !== null || loss.regularizers.length > 0)
      complain(['loss'], 'none has neither margin, scale nor regularizers; leave them out')
    if (head.blocked !== null || head.sample < 1 || head.init !== 'random')
      complain(['head'], 'loss none has no centres; leave it out')
  } else if (data.roots.length === 0)
    complain(
      ['data', 'roots'],
      `loss ${loss.name} needs people: name their folders, or set loss.name to none`,
    )
  if (data.roots.length === 0 && data.list !== null)
    complain(['data', 'list'], 'it names images of data.roots, which are none; leave it out')
  if (data.unlabelled.length > 0 && distill === null)
    complain(
      ['data', 'unlabelled'],
      'of an image without a person only a teacher can tell something: add distill: { teacher: ... }',
    )
  if (data.unlabelled.length > 0 && data.sampler !== null)
    complain(
      ['data', 'unlabelled'],
      'data.sampler makes batches of people alone; leave one of the two out',
    )
  if (distill?.loss === 'relational' && train.microBatch > 0)
    complain(
      ['train', 'microBatch'],
      'distill.loss relational compares a batch as a whole; leave microBatch out',
    )
}
