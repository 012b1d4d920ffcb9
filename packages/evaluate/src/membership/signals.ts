/** Embeddings of photographs and of whom they are. */
export interface PeopleRows {
  /** N x dim, row-major, L2-normalised. */
  readonly embeddings: Float32Array
  readonly dim: number
  /** Person of each row: any number. */
  readonly people: Int32Array
}

/**
 * Of each photograph the mean cosine with the others of its person: how surely a model recognises who is on it. NaN for the
 * only photograph of somebody. It does not depend on how many photographs of a person there are but for its noise.
 */
export function genuineCosines({ embeddings, dim, people }: PeopleRows): Float64Array {
  const sums = new Map<number, { sum: Float64Array; count: number }>()
  people.forEach((person, row) => {
    const of = sums.get(person) ?? { sum: new Float64Array(dim), count: 0 }
    sums.set(person, of)
    of.count++
    for (let k = 0; k < dim; k++) of.sum[k]! += embeddings[row * dim + k]!
  })
  return Float64Array.from(people, (person, row) => {
    const { sum, count } = sums.get(person)!
    let [withAll, withItself] = [0, 0]
    for (let k = 0; k < dim; k++) {
      const value = embeddings[row * dim + k]!
      withAll += value * sum[k]!
      withItself += value * value
    }
    return count > 1 ? (withAll - withItself) / (count - 1) : Number.NaN
  })
}

/** What the head of a network says of photographs. */
export interface HeadScores {
  readonly classes: number
  /** Cosines with the centres of the classes, N x classes, row-major. */
  readonly cosines: Float32Array
  /** What its softmax is taken of, without margin, N x classes. */
  readonly logits: Float32Array
}

/** Of each photograph, by the class that is its own or by the one that is most its. */
export interface ClassSignals {
  readonly centre: Float64Array
  /** Logarithm of the odds p / (1 - p) of the softmax: it falls as the loss without margin rises, and is spread more evenly. */
  readonly certainty: Float64Array
}

/**
 * Cosine with a centre and log odds of the softmax of each photograph.
 * @param labels own class of each photograph, -1 of who has none, of whom both are NaN; left out, nobody says whose it is,
 *   and the best class is taken
 */
export function classSignals(
  { classes, cosines, logits }: HeadScores,
  labels?: ArrayLike<number>,
): ClassSignals {
  const count = cosines.length / classes
  const [centre, certainty] = [new Float64Array(count), new Float64Array(count)]
  for (let row = 0; row < count; row++) {
    const own = cosines.subarray(row * classes, (row + 1) * classes)
    const of = logits.subarray(row * classes, (row + 1) * classes)
    const best = labels === undefined
    centre[row] = own[best ? largest(own) : labels[row]!] ?? Number.NaN
    certainty[row] = logOdds(of, best ? largest(of) : labels[row]!)
  }
  return { centre, certainty }
}

function largest(values: Float32Array): number {
  let at = 0
  for (let k = 1; k < values.length; k++) if (values[k]! > values[at]!) at = k
  return at
}

/** The logit of a class beside the logarithm of what the exponentials of the others sum up to. */
function logOdds(logits: Float32Array, label: number): number {
  const others = logits.filter((_, k) => k !== label)
  const most = others[largest(others)] ?? Number.NaN
  const sum = others.reduce((all, logit) => all + Math.exp(logit - most), 0)
  return (logits[label] ?? Number.NaN) - most - Math.log(sum)
}
