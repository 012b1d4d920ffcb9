import type { MatMul } from '@arcface/vision'
import { gatherRows, type Rows } from '../embeddings/rows.js'
import { type PairFigures, pairFigures } from '../roc/figures.js'
import { pairScores } from '../templates/pairs.js'
import { type Templates, templateRows } from '../templates/pool.js'
import { type VerificationResult, verification } from '../verification/verification.js'
import { type MeasuredSearch, measureSearch, type SearchMeasures } from './search.js'

type OfFolds = Pick<VerificationResult, 'accuracy' | 'std' | 'foldAccuracies' | 'threshold'>

/** Where there are folds, the accuracy too. */
export type TemplateFigures = PairFigures & Partial<OfFolds>

/** 1:1; the rows of templates that each pair compares. */
export interface MeasuredTemplatePairs {
  readonly figures: TemplateFigures
  readonly a: Int32Array
  readonly b: Int32Array
}

/** 1:N; which templates the probes and the rows of the gallery are. */
export interface MeasuredTemplateSearch extends MeasuredSearch {
  readonly probeRows: Int32Array
  readonly galleryRows: Int32Array
}

interface Product {
  readonly matmul: MatMul
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/**
 * 1:1 of templates, as IJB has it; with folds also the accuracy, as YTF has it.
 * @param pairs ids of templates, and 1 where the two are of one person
 * @throws EvaluateError EVALUATE_TEMPLATE, EVALUATE_FOLDS, and as `pairScores` and `pairFigures`
 */
export async function measureTemplatePairs(
  templates: Templates,
  pairs: { readonly a: Int32Array; readonly b: Int32Array; readonly same: Uint8Array },
  {
    far,
    folds,
    matmul,
    onProgress,
  }: Product & { readonly far: readonly number[]; readonly folds?: number | undefined },
): Promise<MeasuredTemplatePairs> {
  const { same } = pairs
  const [a, b] = [templateRows(templates, pairs.a), templateRows(templates, pairs.b)]
  const scores = await pairScores(templates, a, b, { matmul, ...(onProgress && { onProgress }) })
  const figures = pairFigures(scores, same, far)
  if (folds === undefined) return { figures, a, b }
  const folded = verification({ ...templates, a, b, same, folds })
  const { accuracy, std, foldAccuracies, threshold } = folded
  return { figures: { ...figures, accuracy, std, foldAccuracies, threshold }, a, b }
}

/** Ids of templates and whom each shows. */
export interface Subjects {
  readonly templates: Int32Array
  readonly subjects: Int32Array
}

/** 1:N of templates, as IJB has it. @throws EvaluateError EVALUATE_TEMPLATE, and as `measureSearch` */
export async function measureTemplateSearch(
  templates: Templates,
  { gallery, probes }: { readonly gallery: Subjects; readonly probes: Subjects },
  { matmul, onProgress, ...measures }: Product & Omit<SearchMeasures, 'closedTpir'>,
): Promise<MeasuredTemplateSearch> {
  const [enrolled, wanted] = [rowsOf(templates, gallery), rowsOf(templates, probes)]
  const searched = await measureSearch(
    {
      probes: wanted,
      probeOf: wanted.people,
      gallery: [enrolled.embeddings],
      galleryOf: enrolled.people,
      matmul,
      ...(onProgress && { onProgress }),
    },
    { ...measures, closedTpir: true },
  )
  return { ...searched, probeRows: wanted.rows, galleryRows: enrolled.rows }
}

/** The templates of a list, each once, with their people. */
function rowsOf(
  templates: Templates,
  list: Subjects,
): Rows & { readonly rows: Int32Array; readonly people: Int32Array } {
  const personOf = new Map<number, number>()
  list.templates.forEach((template, i) => {
    personOf.set(template, list.subjects[i]!)
  })
  const rows = templateRows(templates, Int32Array.from(personOf.keys()))
  const people = Int32Array.from(personOf.values())
  return { embeddings: gatherRows(templates, rows), dim: templates.dim, rows, people }
}
