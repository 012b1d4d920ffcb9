import { checkRows, pairsAbove, sortInTurns, Turns } from '@arcface/recognize'

/** Clusters that are compared before the clock is looked at. */
const COMPARED = 64

/**
 * Which faces show the same unknown person: average linkage (UPGMA) on the cosine, cut at
 * `threshold`. Two clusters are joined, the most similar first, while the mean similarity between
 * their faces is above it. Such clusters never reach over connected components of the pairs above
 * the threshold, so only within those is anything computed. Others have their turn meanwhile.
 *
 * @param rows n x dim, L2-normalised
 * @returns a cluster's number for each face, 0 for the largest; a face alone has its own
 * @throws RecognizeError RECOGNIZE_USE (no such rows, or no cosine)
 */
export async function clusterFaces(
  rows: Float32Array,
  dim: number,
  threshold: number,
): Promise<Int32Array> {
  checkRows(rows, dim, threshold)
  const n = rows.length / dim
  const component = Int32Array.from({ length: n }, (_, i) => i)
  const root = (i: number): number => {
    while (component[i] !== i) {
      component[i] = component[component[i]!]!
      i = component[i]!
    }
    return i
  }
  await pairsAbove(rows, dim, threshold, (i, j) => {
    component[root(i)] = root(j)
  })
  const turns = new Turns()
  const parts = new Map<number, number[]>()
  for (let i = 0; i < n; i++) {
    if (turns.over) await turns.next()
    const part = parts.get(root(i))
    if (part) part.push(i)
    else parts.set(root(i), [i])
  }
  const clusters: number[][] = []
  for (const part of parts.values()) {
    if (turns.over) await turns.next()
    for (const cluster of await averageLinkage(rows, dim, threshold, part, turns))
      clusters.push(cluster)
  }
  await sortInTurns(clusters, (a, b) => b.length - a.length || a[0]! - b[0]!, turns)
  const labels = new Int32Array(n)
  for (const [label, members] of clusters.entries()) for (const i of members) labels[i] = label
  return labels
}

interface Cluster {
  members: number[]
  /** Of the members' embeddings: a product of two sums is the sum of all similarities. */
  sum: Float64Array
}

async function averageLinkage(
  rows: Float32Array,
  dim: number,
  threshold: number,
  part: readonly number[],
  turns: Turns,
): Promise<number[][]> {
  let open: Cluster[] = part.map((i) => ({
    members: [i],
    sum: Float64Array.from(rows.subarray(i * dim, (i + 1) * dim)),
  }))
  const done: number[][] = []
  // Nearest-neighbour chains: two that are each other's nearest are joined; for average linkage
  // that gives the same tree as always joining the most similar.
  const chain: Cluster[] = []
  let compared = 0
  while (open.length > 0) {
    if (chain.length === 0) chain.push(open[0]!)
    const last = chain.at(-1)!
    const before = chain.at(-2)
    let best = before
    let similarity = before ? linkage(last, before) : Number.NEGATIVE_INFINITY
    for (const other of open) {
      if (++compared % COMPARED === 0 && turns.over) await turns.next()
      if (other === last || other === before) continue
      const value = linkage(last, other)
      if (value > similarity) [best, similarity] = [other, value]
    }
    if (best === undefined || similarity <= threshold) {
      // Nothing is near enough to it, and never will be: averages only fall.
      done.push(last.members)
      open = open.filter((one) => one !== last)
      chain.pop()
    } else if (best === before) {
      const joined = join(last, before)
      open = [...open.filter((one) => one !== last && one !== before), joined]
      chain.length -= 2
    } else chain.push(best)
  }
  return done.map((members) => members.sort((a, b) => a - b))
}

function linkage(a: Cluster, b: Cluster): number {
  let product = 0
  for (let k = 0; k < a.sum.length; k++) product += a.sum[k]! * b.sum[k]!
  return product / (a.members.length * b.members.length)
}

const join = (a: Cluster, b: Cluster): Cluster => ({
  members: [...a.members, ...b.members],
  sum: a.sum.map((value, k) => value + b.sum[k]!),
})
