import { Product, pairsAbove } from '@arcface/recognize'
import { face, noisy, similarity } from '@arcface/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clusterFaces } from './cluster.js'

const DIM = 32

// Something that is open keeps the threads: they need not start for each product.
let open: Product
beforeAll(async () => {
  open = await Product.open()
})
afterAll(() => open.release())

const rowsOf = (vectors: readonly Float32Array[]) => {
  const rows = new Float32Array(vectors.length * DIM)
  for (const [i, v] of vectors.entries()) rows.set(v, i * DIM)
  return rows
}

/** Average linkage as its definition says: all clusters against all, again and again. */
function byDefinition(vectors: readonly Float32Array[], threshold: number): number[][] {
  const clusters = vectors.map((_, i) => [i])
  for (;;) {
    let best = { value: threshold, a: -1, b: -1 }
    for (let a = 0; a < clusters.length; a++)
      for (let b = a + 1; b < clusters.length; b++) {
        let sum = 0
        for (const i of clusters[a]!)
          for (const j of clusters[b]!) sum += similarity(vectors[i]!, vectors[j]!)
        const value = sum / (clusters[a]!.length * clusters[b]!.length)
        if (value > best.value) best = { value, a, b }
      }
    if (best.a < 0) return clusters
    clusters[best.a]!.push(...clusters.splice(best.b, 1)[0]!)
  }
}

const partition = (clusters: readonly (readonly number[])[]) =>
  clusters.map((one) => [...one].sort((a, b) => a - b).join(' ')).sort()

describe('clusterFaces', () => {
  it('is average linkage by its definition', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0.1, max: 0.8, noNaN: true }),
        async (seed, n, threshold) => {
          const vectors = Array.from({ length: n }, (_, i) =>
            noisy(face(DIM, seed + (i % 6)), 0.75, seed + 1000 + i),
          )
          const labels = await clusterFaces(rowsOf(vectors), DIM, threshold)
          const found = new Map<number, number[]>()
          for (const [i, label] of labels.entries())
            found.set(label, [...(found.get(label) ?? []), i])
          expect(partition([...found.values()])).toEqual(
            partition(byDefinition(vectors, threshold)),
          )
          const sizes = [...found].sort(([a], [b]) => a - b).map(([, members]) => members.length)
          expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
        },
      ),
      { numRuns: 30 },
    )
  })

  it('of nothing is nothing', async () => {
    expect(await clusterFaces(new Float32Array(0), DIM, 0.5)).toHaveLength(0)
  })
})

describe('pairsAbove', () => {
  it('finds every pair once, over blocks', async () => {
    const n = 300
    const vectors = Array.from({ length: n }, (_, i) => noisy(face(DIM, i % 90), 0.9, 500 + i))
    const expected: string[] = []
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++)
        if (similarity(vectors[i]!, vectors[j]!) > 0.7) expected.push(`${i} ${j}`)
    const found: string[] = []
    await pairsAbove(rowsOf(vectors), DIM, 0.7, (i, j) => found.push(`${i} ${j}`))
    expect(found.sort()).toEqual(expected.sort())
    expect(expected.length).toBeGreaterThan(100)
  })
})

it.each<[string, unknown[]]>([
  ['no rows', [undefined, 2, 0.5]],
  ['a list', [[1, 0], 2, 0.5]],
  ['rows cut short', [new Float32Array(5), 2, 0.5]],
  ['no length', [new Float32Array(4), Number.NaN, 0.5]],
  ['length 0', [new Float32Array(4), 0, 0.5]],
  ['no threshold', [new Float32Array(4), 2]],
  ['a threshold that is none', [new Float32Array(4), 2, Number.NaN]],
  ['a threshold that is text', [new Float32Array(4), 2, '0.5']],
])('%s is refused, of which nobody or everybody would be alike', async (_, given) => {
  const use = { code: 'RECOGNIZE_USE' }
  const [rows, dim, threshold] = given as [Float32Array, number, number]
  await expect(clusterFaces(rows, dim, threshold)).rejects.toMatchObject(use)
  await expect(pairsAbove(rows, dim, threshold, () => {})).rejects.toMatchObject(use)
})
