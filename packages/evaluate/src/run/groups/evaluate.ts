import { dot, joinRows } from '../../embeddings/rows.js'
import { EvaluateError } from '../../errors.js'
import { accuracySpread, groupAccuracy } from '../../groups/accuracy.js'
import { groupingOf } from '../../groups/choose.js'
import { decideAll, decideListed, thresholdOfAll } from '../../groups/decide.js'
import { type GroupOptions, measureColumn, measureOverall } from '../../groups/groups.js'
import type { GroupColumn, GroupsResult } from '../../groups/schema.js'
import { strictThreshold } from '../../roc/roc.js'
import { checkRate } from '../../roc/scores.js'
import type { PairsAbove } from '../../threshold/across.js'
import { numberNames } from '../../verification/identities.js'
import { collectFaces, type EmbeddedPhoto, type SkippedPhoto } from '../faces.js'
import type { WorkOptions } from '../work.js'
import type { GroupPlan } from './plan.js'

/** A threshold and where it is from, or the FAR that it is to have over all of these pairs. */
export type GroupThreshold = GroupsResult['threshold'] | { readonly far: number }

export interface GroupsOptions extends WorkOptions, GroupOptions {
  readonly threshold: GroupThreshold
  readonly pairsAbove: PairsAbove
}

export interface MeasuredGroups {
  readonly result: GroupsResult
  /** Photographs without a face, with one of which no verdict is given, or that cannot be read. */
  readonly skipped: readonly SkippedPhoto[]
}

/**
 * Error rates of groups over a plan's images. A group that has too few of them left, because in others no face was found,
 * is left out.
 * @param photos what became of each of the plan's files
 * @throws EvaluateError EVALUATE_GROUPS where fewer than two groups are left, EVALUATE_IDENTITY, EVALUATE_OPTION,
 *   EVALUATE_FOLDS; what `photos` and `pairsAbove` throw
 */
export async function evaluateGroups(
  plan: GroupPlan,
  photos: AsyncIterable<readonly EmbeddedPhoto[]>,
  dim: number,
  { threshold: wanted, pairsAbove, level = 0.95, replicates = 1000, seed, ...work }: GroupsOptions,
): Promise<MeasuredGroups> {
  const { faces, skipped } = await collectFaces(photos, plan.files.length, work)
  const embedded = embeddedOf(plan, faces, dim)
  const { rows, person, files } = embedded
  const list = plan.list && scoredList(plan, embedded, dim)
  const threshold =
    'cosine' in wanted ? wanted : await thresholdOf(wanted.far, embedded, dim, list, pairsAbove)
  const pairs = list
    ? decideListed(list, person, threshold.cosine)
    : await decideAll(rows, dim, person, threshold.cosine, pairsAbove)
  const options = { level, replicates, seed }
  const has = new Set(files)
  const columns = plan.columns.map((column): GroupColumn => {
    const values = files.map((file) => column.values[file]!)
    const { leftOut, ...grouping } = groupingOf({ ...column, values }, pairs, plan.fewest ?? 2)
    const found = measureColumn(pairs, grouping, options)
    const lost = column.values.filter((_, file) => !has.has(file))
    return {
      ...found,
      groups: found.groups.map((group) => ({
        ...group,
        skipped: lost.filter((value) => value === group.name).length,
      })),
      leftOut: [...leftOut],
    }
  })
  if (list && plan.parts) addAccuracy(columns, plan.parts, list)
  return {
    result: {
      threshold,
      pairs: list ? 'list' : 'all',
      people: new Set(person).size,
      images: person.length,
      ...measureOverall(pairs, options),
      columns,
      level,
      replicates,
    },
    skipped,
  }
}

/** The faces that there are. */
interface Embedded {
  readonly rows: Float32Array
  readonly person: Int32Array
  /** Place in the plan's files of each row. */
  readonly files: readonly number[]
  /** Row of each of the plan's files; negative where there is none. */
  readonly rowOf: Int32Array
}

function embeddedOf(
  plan: GroupPlan,
  faces: readonly { readonly photo: string; readonly embedding: Float32Array }[],
  dim: number,
): Embedded {
  const places = new Map(plan.files.map((file, place) => [file, place]))
  const files = faces.map(({ photo }) => places.get(photo)!)
  const rowOf = new Int32Array(plan.files.length).fill(-1)
  for (const [row, file] of files.entries()) rowOf[file] = row
  const rows = joinRows(faces.map(({ embedding }) => embedding))
  if (rows.length !== files.length * dim)
    throw new EvaluateError(
      'EVALUATE_SHAPE',
      `${rows.length} numbers are no ${files.length} embeddings of length ${dim}`,
    )
  return { rows, person: numberNames(files.map((file) => `${plan.person[file]}`)), files, rowOf }
}

type Scored = NonNullable<GroupPlan['list']> & {
  readonly similarities: Float64Array
  /** Place of each pair in the plan's list. */
  readonly places: readonly number[]
}

/** The pairs of a list both of whose faces there are, by rows. */
function scoredList({ list }: GroupPlan, { rows, rowOf }: Embedded, dim: number): Scored {
  const { a, b, same } = list!
  const places = [...same.keys()].filter((p) => rowOf[a[p]!]! >= 0 && rowOf[b[p]!]! >= 0)
  const first = Int32Array.from(places, (p) => rowOf[a[p]!]!)
  const second = Int32Array.from(places, (p) => rowOf[b[p]!]!)
  return {
    a: first,
    b: second,
    same: Uint8Array.from(places, (p) => same[p]!),
    similarities: Float64Array.from(first, (i, p) =>
      dot(rows, i * dim, rows, second[p]! * dim, dim),
    ),
    places,
  }
}

async function thresholdOf(
  far: number,
  { rows, person }: Embedded,
  dim: number,
  list: Scored | undefined,
  pairsAbove: PairsAbove,
): Promise<GroupsResult['threshold']> {
  checkRate(far, 'FAR')
  const impostors = list?.similarities.filter((_, p) => list.same[p] !== 1)
  const { threshold, pairs } = impostors
    ? {
        threshold: strictThreshold(impostors.sort().reverse(), impostors.length, far),
        pairs: impostors.length,
      }
    : await thresholdOfAll(rows, dim, person, far, pairsAbove)
  const people = new Set(person).size
  const source = `${pairs.toLocaleString('en')} pairs of ${people} people, these images`
  return { cosine: threshold, far, from: 'images', source }
}

/** Accuracies of the groups that have lists with folds of their own. */
function addAccuracy(
  columns: GroupColumn[],
  parts: NonNullable<GroupPlan['parts']>,
  { places, similarities, same }: Scored,
): void {
  for (const column of columns) {
    for (const group of column.groups) {
      const { start, end, folds } = parts.find(({ name }) => name === group.name)!
      const own = places.flatMap((place, p) => (place >= start && place < end ? [p] : []))
      const of = Float64Array.from(own, (p) => similarities[p]!)
      group.accuracy = groupAccuracy(
        of,
        Uint8Array.from(own, (p) => same[p]!),
        folds,
      )
    }
    column.accuracy = accuracySpread(column.groups.map(({ accuracy }) => accuracy!.value))
  }
}
