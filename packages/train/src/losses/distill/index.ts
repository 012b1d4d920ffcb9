import { cosine } from './cosine.js'
import type { DistillLoss } from './definition.js'
import { mse } from './mse.js'
import { relational } from './relational.js'

// What a student is compared with its teacher by. A new one is a file beside this one and a word here and in the schema.
export { rowCosines } from './cosine.js'
export type { DistillLoss } from './definition.js'

export const distillLosses = { cosine, mse, relational } as const satisfies Record<
  string,
  DistillLoss
>

export type DistillLossName = keyof typeof distillLosses
