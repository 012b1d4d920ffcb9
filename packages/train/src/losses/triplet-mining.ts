/** Which triplets of a batch are compared: see `Triplet`. */
export type Mining = 'semi-hard' | 'hard' | 'all'

/**
 * Calls `each` with the chosen triplets of a batch. An anchor with nobody of its own or of another class beside it
 * gives none.
 * @param distances N x N, row-major
 * @param each gets the places in `distances` of anchor to positive and of anchor to negative
 */
export function mineTriplets(
  distances: ArrayLike<number>,
  labels: ArrayLike<number>,
  mining: Mining,
  each: (positive: number, negative: number) => void,
): void {
  const n = labels.length
  for (let anchor = 0; anchor < n; anchor++) {
    const positives: number[] = []
    const negatives: number[] = []
    for (let other = 0; other < n; other++) {
      if (other === anchor) continue
      const side = labels[other] === labels[anchor] ? positives : negatives
      side.push(anchor * n + other)
    }
    if (positives.length > 0 && negatives.length > 0)
      miners[mining](positives, negatives, distances, each)
  }
}

type Miner = (
  positives: readonly number[],
  negatives: readonly number[],
  distances: ArrayLike<number>,
  each: (positive: number, negative: number) => void,
) => void

/** What an anchor is compared with. */
const miners: Record<Mining, Miner> = {
  all: (positives, negatives, _, each) => {
    for (const positive of positives) for (const negative of negatives) each(positive, negative)
  },
  hard: (positives, negatives, distances, each) =>
    each(farthest(positives, distances), nearest(negatives, distances)),
  'semi-hard': (positives, negatives, distances, each) => {
    for (const positive of positives) {
      const beyond = negatives.filter((negative) => distances[negative]! > distances[positive]!)
      const negative =
        beyond.length > 0 ? nearest(beyond, distances) : farthest(negatives, distances)
      each(positive, negative)
    }
  },
}

const nearest = (places: readonly number[], distances: ArrayLike<number>): number =>
  places.reduce((best, one) => (distances[one]! < distances[best]! ? one : best))

const farthest = (places: readonly number[], distances: ArrayLike<number>): number =>
  places.reduce((best, one) => (distances[one]! > distances[best]! ? one : best))
