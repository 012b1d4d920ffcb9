// Error rates of groups of people on pairs that are scored already, in any runtime: node groups.mjs
import { decideListed, measureColumn } from '@arcface/evaluate'

const person = Int32Array.of(0, 0, 1, 1, 2, 2, 3, 3) // two photographs of each
const groupOf = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1)
const list = {
  a: Int32Array.of(0, 2, 4, 6, 0, 4),
  b: Int32Array.of(1, 3, 5, 7, 2, 6),
  same: Uint8Array.of(1, 1, 1, 1, 0, 0),
  similarities: Float64Array.of(0.8, 0.7, 0.6, 0.3, 0.1, 0.5),
}

const pairs = decideListed(list, person, 0.4) // or all pairs of embeddings: decideAll
const { groups } = measureColumn(pairs, { columns: ['sex'], names: ['F', 'M'], groupOf })

for (const { name, fmr, fnmr } of groups)
  console.log(`${name}: FMR ${fmr.errors} of ${fmr.trials}, FNMR ${fnmr.errors} of ${fnmr.trials}`)
