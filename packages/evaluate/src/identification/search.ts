import { BLOCK, GROUP, type MatMul, PANEL, type Selected } from '@arcface/vision'
import { countRows, normalizeRows, type Rows } from '../embeddings/rows.js'
import { EvaluateError } from '../errors.js'
import { Tail } from '../roc/tail.js'
import { type MateList, matesBySubject, type Subjects } from './mates.js'
import { TopScores } from './top.js'

export interface SearchInput {
  /** What is looked for: P rows. Need not be normalised. */
  readonly probes: Rows
  /** Person of each probe, P; any numbers. */
  readonly probeOf: Int32Array
  /**
   * What is searched: G rows of the probes' length in blocks of whole rows, of any size, so that
   * they need not all be in memory. Only read, and a block not after the next is asked for. An array
   * that is in memory: `[array]`.
   */
  readonly gallery: Iterable<Float32Array> | AsyncIterable<Float32Array>
  /** Person of each row of the gallery, G. A negative number is a distractor: nobody's mate. */
  readonly galleryOf: Int32Array
  readonly matmul: MatMul
  /** Of how many others (rows of other people) the best are kept for each probe. Default 10. */
  readonly keep?: number
  /** Of how many others the best over all probes together are kept. Default 0. */
  readonly tail?: number
  /** Called after each block of the gallery's rows with the number of rows done and of all. */
  readonly onProgress?: (done: number, total: number) => void
}

/** The best of a gallery for each probe. Scores are cosines in float32. */
export interface SearchResult {
  readonly probes: number
  readonly gallery: number
  /** Every row of the gallery that shows the probe's person, with its score. */
  readonly mates: MateList
  /** The best rows of other people: P x keep, descending; -Infinity where there are fewer. */
  readonly otherScores: Float32Array
  /** Their rows in the gallery, P x keep; -1 where there are fewer. */
  readonly otherRows: Int32Array
  readonly keep: number
  /** The `tail` best scores of others over all probes, descending. */
  readonly tail: Float32Array
  /** How many scores of others there were: probes x gallery without mates. */
  readonly others: number
}

/**
 * Compares every probe with every row of a gallery, in blocks; of each block only the probes are looked
 * at that may have something new in it. Memory: the probes three times, the scores of 256 rows with
 * all probes, and what is kept; neither the gallery nor the product as a whole is held.
 * @throws EvaluateError EVALUATE_SHAPE, EVALUATE_IDENTITY, EVALUATE_EMBEDDING, EVALUATE_OPTION;
 *   whatever `matmul` or the gallery throw
 */
export async function search(input: SearchInput): Promise<SearchResult> {
  const { probeOf, galleryOf, keep = 10, tail = 0, onProgress } = input
  const { dim } = input.probes
  const count = checkInput(input, keep, tail)
  const subjects = matesBySubject(probeOf, galleryOf)
  const top = new TopScores(count, keep, tail > 0 ? new Tail(tail) : undefined)
  const panels = panelsOf(input.probes)
  const thresholds = new Float32Array(count)
  const ofPanel = panels.map((_, p) => thresholds.subarray(p * PANEL, (p + 1) * PANEL))
  const block = new Float32Array(BLOCK * dim)
  const selection = await input.matmul.selection(panels, dim)
  let done = 0
  try {
    for await (const rows of input.gallery) {
      const length = countRows({ embeddings: rows, dim })
      if (done + length > galleryOf.length)
        refuseGallery(`more than ${galleryOf.length}`, galleryOf)
      for (let from = 0; from < length; from += BLOCK) {
        const first = done + from
        const m = Math.min(BLOCK, length - from)
        const part = rows.subarray(from * dim, (from + m) * dim)
        normalizeRows({ embeddings: part, dim, names: galleryNames(first, m) }, block)
        top.thresholds(thresholds)
        wantMates(subjects, first, m, thresholds)
        const selected = await selection.above(block, Math.ceil(m / GROUP) * GROUP, ofPanel)
        for (const [p, part] of selected.entries()) {
          takeMates(subjects, first, m, part, p * PANEL)
          top.take(part, m, first, p * PANEL)
        }
        onProgress?.(first + m, galleryOf.length)
      }
      done += length
    }
  } finally {
    await selection.release()
  }
  if (done !== galleryOf.length) refuseGallery(`${done}`, galleryOf)
  const { offsets, rows, scores } = subjects.mates
  const mates = { offsets, rows, scores }
  const others = count * done - rows.length
  return { probes: count, gallery: done, mates, keep, others, ...top.result() }
}

function panelsOf(probes: Rows): Float32Array[] {
  const rows = normalizeRows(probes)
  const size = PANEL * probes.dim
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, p) =>
    rows.subarray(p * size, (p + 1) * size),
  )
}

/** Has the scores of mates told, however small. */
function wantMates(
  { probesOfRow }: Subjects,
  firstRow: number,
  m: number,
  thresholds: Float32Array,
): void {
  for (let i = 0; i < m; i++)
    for (const probe of probesOfRow(firstRow + i)) thresholds[probe] = Number.NEGATIVE_INFINITY
}

/** Notes the scores of mates, and takes them out of the way of the others. */
function takeMates(
  { probesOfRow, mates }: Subjects,
  firstRow: number,
  m: number,
  { columns, scores }: Selected,
  start: number,
): void {
  for (let i = 0; i < m; i++) {
    for (const probe of probesOfRow(firstRow + i)) {
      const column = placeOf(probe - start, columns)
      if (column < 0) continue
      const at = i * columns.length + column
      mates.note(probe, firstRow + i, scores[at]!)
      scores[at] = Number.NEGATIVE_INFINITY
    }
  }
}

/** Where a number stands among ascending ones, or -1. */
function placeOf(wanted: number, numbers: Int32Array): number {
  let [from, end] = [0, numbers.length]
  while (from < end) {
    const middle = (from + end) >> 1
    if (numbers[middle]! < wanted) from = middle + 1
    else end = middle
  }
  return numbers[from] === wanted ? from : -1
}

function checkInput(input: SearchInput, keep: number, tail: number): number {
  const count = countRows(input.probes)
  if (count === 0 || input.galleryOf.length === 0) {
    const message = `${count} probes and a gallery of ${input.galleryOf.length} rows: both must hold some`
    throw new EvaluateError('EVALUATE_SHAPE', message)
  }
  if (input.probeOf.length !== count) {
    throw new EvaluateError(
      'EVALUATE_IDENTITY',
      `${input.probeOf.length} people are named for ${count} probes; one each is needed`,
    )
  }
  if (!Number.isInteger(keep) || keep < 1 || !Number.isInteger(tail) || tail < 0) {
    throw new EvaluateError(
      'EVALUATE_OPTION',
      `keep is an integer of 1 or more and tail of 0 or more, not ${keep} and ${tail}`,
    )
  }
  if (tail > MOST_TAIL) {
    throw new EvaluateError(
      'EVALUATE_OPTION',
      `the ${tail} largest scores of others are to be kept; ${MOST_TAIL} are the most. Ask for a smaller FAR`,
    )
  }
  return count
}

/** 2 GiB of scores while they are gathered. */
const MOST_TAIL = 2 ** 28

function refuseGallery(found: string, galleryOf: Int32Array): never {
  throw new EvaluateError(
    'EVALUATE_IDENTITY',
    `the gallery gave ${found} rows, but galleryOf names the people of ${galleryOf.length}`,
  )
}

const galleryNames = (first: number, m: number) =>
  Array.from({ length: m }, (_, i) => `gallery row ${first + i}`)
