import type { Engine, Runnable } from './engine.js'
import type { PairsWork } from './pairs.js'
import type { RowsWork } from './rows.js'

/** What a thread can be asked to make ready beside a model: products of matrices, in graphs that it builds itself. */
export type Work =
  | ({ readonly work: 'rows' } & RowsWork)
  | { readonly work: 'product'; readonly panels: readonly Float32Array[]; readonly dim: number }
  | {
      readonly work: 'selection'
      readonly panels: readonly Float32Array[]
      readonly dim: number
      readonly int8: boolean
    }
  | ({ readonly work: 'pairs' } & PairsWork)
  | { readonly work: 'panels' }

export async function openWork(engine: Engine, work: Work): Promise<Runnable> {
  // Imported when they are needed, for a thread starts sooner without what builds graphs.
  if (work.work === 'rows') return (await import('./rows.js')).openRows(engine, work)
  if (work.work === 'panels') return (await import('./panels.js')).openPanels(engine)
  if (work.work === 'pairs') return (await import('./pairs.js')).openPairs(engine, work)
  const { panels, dim } = work
  return work.work === 'product'
    ? (await import('./product.js')).openProduct(engine, panels, dim)
    : (await import('./selection.js')).openSelection(engine, panels, dim, work.int8)
}
