import { countPeople } from '../verification/identities.js'

/** Comparisons of faces, decided at one threshold. Rows are faces. */
export interface DecidedPairs {
  /** Person of each row: 0, 1, ... */
  readonly person: Int32Array
  /** Every pair of one person, and 1 for each that was refused. */
  readonly genuine: RowPairs & { readonly refused: Uint8Array }
  /** The pairs of two people that were accepted. */
  readonly accepted: RowPairs
  /** All pairs of two people that were compared; left out, these are all that there are. */
  readonly impostors?: RowPairs
}

/** Rows of the first and of the second face of each pair. */
export interface RowPairs {
  readonly first: ArrayLike<number>
  readonly second: ArrayLike<number>
}

/** Errors among trials, of each cell: a cell is a group, or a group and another, see `cellOf`. */
export interface CellCounts {
  readonly trials: Float64Array
  readonly errors: Float64Array
}

/** Where a pair of faces of these two groups is counted, among `groups` squared cells; groups in any order. */
export const cellOf = (a: number, b: number, groups: number): number =>
  Math.min(a, b) * groups + Math.max(a, b)

/** Trials and errors of one person, or of a couple of people, in a cell. */
interface Entry {
  readonly a: number
  /** The other person; of a genuine pair the same. */
  readonly b: number
  readonly cell: number
  trials: number
  errors: number
}

/**
 * Pairs counted by groups, with every person counting once, or as often as a draw says: a genuine pair counts as often
 * as its person, an impostor pair as often as the product for its two people. Pairs with a face that has no group are
 * left out.
 */
export class GroupedPairs {
  readonly genuine: readonly Entry[]
  /** By couples of people: those with an error, or all that were listed. */
  readonly impostor: readonly Entry[]
  /** Faces of a person in a group, where all pairs were compared; by person. */
  private readonly faces: readonly (readonly { readonly group: number; readonly n: number }[])[]

  /** @param groupOf group of each row, or a negative number */
  constructor(
    { person, genuine, accepted, impostors }: DecidedPairs,
    groupOf: Int32Array,
    readonly groups: number,
  ) {
    const entriesOf = () => {
      const entries = new Map<string, Entry>()
      const add = (i: number, j: number, trials: number, errors: number) => {
        const [g, h] = [groupOf[i]!, groupOf[j]!]
        if (g < 0 || h < 0) return
        const [p, q] = [person[i]!, person[j]!]
        const [a, b] = [Math.min(p, q), Math.max(p, q)]
        const cell = cellOf(g, h, groups)
        const key = `${a} ${b} ${cell}`
        const entry = entries.get(key) ?? { a, b, cell, trials: 0, errors: 0 }
        entry.trials += trials
        entry.errors += errors
        entries.set(key, entry)
      }
      return { entries, add }
    }
    const ofOne = entriesOf()
    for (let k = 0; k < genuine.first.length; k++)
      ofOne.add(genuine.first[k]!, genuine.second[k]!, 1, genuine.refused[k]!)
    this.genuine = [...ofOne.entries.values()]
    const ofTwo = entriesOf()
    if (impostors)
      for (let k = 0; k < impostors.first.length; k++)
        ofTwo.add(impostors.first[k]!, impostors.second[k]!, 1, 0)
    for (let k = 0; k < accepted.first.length; k++)
      ofTwo.add(accepted.first[k]!, accepted.second[k]!, 0, 1)
    this.impostor = [...ofTwo.entries.values()]
    this.faces = impostors ? [] : facesOf(person, groupOf)
  }

  /** Of genuine pairs. */
  ofGenuine(weights: Float64Array): CellCounts {
    const counts = this.empty()
    for (const { a, cell, trials, errors } of this.genuine) {
      counts.trials[cell]! += weights[a]! * trials
      counts.errors[cell]! += weights[a]! * errors
    }
    return counts
  }

  /** Of impostor pairs. */
  ofImpostors(weights: Float64Array): CellCounts {
    const counts = this.empty()
    for (const { a, b, cell, trials, errors } of this.impostor) {
      const weight = weights[a]! * weights[b]!
      counts.trials[cell]! += weight * trials
      counts.errors[cell]! += weight * errors
    }
    this.addAllPairs(counts.trials, weights)
    return counts
  }

  /** Pairs of all faces of two groups, without those of one person with himself. */
  private addAllPairs(trials: Float64Array, weights: Float64Array): void {
    const { faces, groups } = this
    if (faces.length === 0) return
    const sums = new Float64Array(groups)
    const own = new Float64Array(groups * groups)
    faces.forEach((of, person) => {
      const weight = weights[person]!
      for (const { group, n } of of) {
        sums[group]! += weight * n
        for (const other of of) own[group * groups + other.group]! += weight ** 2 * n * other.n
      }
    })
    for (let g = 0; g < groups; g++)
      for (let h = g; h < groups; h++) {
        const all = sums[g]! * sums[h]! - own[g * groups + h]!
        trials[cellOf(g, h, groups)]! += g === h ? all / 2 : all
      }
  }

  /** Who is compared in a cell. */
  members(): (cell: number) => Members {
    const { groups } = this
    if (this.faces.length === 0) return (cell) => listed(this.impostor, cell, groups)
    const of = Array.from({ length: groups }, () => new Set<number>())
    this.faces.forEach((groups, person) => {
      for (const { group } of groups) of[group]!.add(person)
    })
    return (cell) => {
      const [a, b] = [of[Math.floor(cell / groups)]!, of[cell % groups]!]
      const n = a.size
      if (a === b) return { people: a, ...unitsOf((n * (n - 1)) / 2, n) }
      const people = new Set([...a, ...b])
      const couples = n * b.size - (n + b.size - people.size)
      return { people, ...unitsOf(couples, Math.min(n, b.size)) }
    }
  }

  private empty(): CellCounts {
    const cells = this.groups * this.groups
    return { trials: new Float64Array(cells), errors: new Float64Array(cells) }
  }
}

function facesOf(person: Int32Array, groupOf: Int32Array): { group: number; n: number }[][] {
  const faces = Array.from({ length: countPeople(person) }, () => new Map<number, number>())
  for (const [row, group] of groupOf.entries()) {
    const own = faces[person[row]!]!
    if (group >= 0) own.set(group, (own.get(group) ?? 0) + 1)
  }
  return faces.map((own) => Array.from(own, ([group, n]) => ({ group, n })))
}

/** The people of a cell's impostor pairs. */
export interface Members {
  readonly people: ReadonlySet<number>
  /** How many couples of people are compared. */
  readonly couples: number
  /** Of how many nothing that is known of one tells of another: people, and no more than there are couples. */
  readonly independent: number
}

const unitsOf = (couples: number, people: number): Pick<Members, 'couples' | 'independent'> => ({
  couples,
  independent: Math.min(couples, people),
})

/** Across groups a list may compare few people of one with many of another: then couples that share nobody count. */
function listed(entries: readonly Entry[], cell: number, groups: number): Members {
  const [people, taken] = [new Set<number>(), new Set<number>()]
  let couples = 0
  for (const { a, b, cell: own } of entries) {
    if (own !== cell) continue
    people.add(a).add(b)
    couples++
    if (!taken.has(a) && !taken.has(b)) taken.add(a).add(b)
  }
  const isWithin = Math.floor(cell / groups) === cell % groups
  return { people, ...unitsOf(couples, isWithin ? people.size : taken.size / 2) }
}
