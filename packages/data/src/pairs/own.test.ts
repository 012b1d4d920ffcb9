import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openFolders } from '../folders/folders.js'
import { writeOwnPairs } from './own.js'
import { readPairs } from './pairs.js'

const room = mkdtempSync(join(tmpdir(), 'own-pairs-'))
let count = 0

/** People with so many images each, under names that lists do not like. */
function faces(images: readonly number[]) {
  const root = join(room, `faces${++count}`)
  images.forEach((n, p) => {
    const folder = join(root, `${['#', 'ä ', '"q', 'p'][p % 4]}${p}`)
    mkdirSync(folder, { recursive: true })
    for (let k = 0; k < n; k++) writeFileSync(join(folder, `a, b ${k}.jpg`), '')
  })
  return root
}

function pairsOf(
  root: string,
  options: Omit<Parameters<typeof writeOwnPairs>[3], 'seed'> & { seed?: number } = {},
) {
  const out = join(room, `${count}.txt`)
  const told = writeOwnPairs(out, root, openFolders([root]), { seed: 1, ...options })
  return { told, list: readPairs(out, root), text: readFileSync(out, 'utf8') }
}

/** Folds as `readPairs` means them: equal parts in file order. */
function check({ told, list }: ReturnType<typeof pairsOf>) {
  const { images, a, b, same, folds } = list
  const person = (row: number) => basename(dirname(images[row]!))
  const size = same.length / folds
  expect(folds).toBe(told.folds)
  expect(size).toBe(2 * told.pairsPerFold)
  const inFold: Set<string>[] = Array.from({ length: folds }, () => new Set())
  const keys = new Set<string>()
  same.forEach((label, p) => {
    expect(person(a[p]!) === person(b[p]!)).toBe(label === 1)
    expect(a[p]).not.toBe(b[p])
    keys.add([a[p]!, b[p]!].sort((x, y) => x - y).join())
    for (const row of [a[p]!, b[p]!]) inFold[Math.floor(p / size)]!.add(person(row))
  })
  expect(keys.size).toBe(same.length) // none twice
  for (let f = 0; f < folds; f++)
    expect(same.subarray(f * size, (f + 1) * size).reduce((sum, one) => sum + one, 0)).toBe(
      size / 2,
    )
  const all = inFold.flatMap((one) => [...one])
  expect(new Set(all).size).toBe(all.length) // nobody in two folds
}

describe('writeOwnPairs', () => {
  it('is balanced, in folds that share nobody, none twice; the seed decides', () => {
    const root = faces(Array.from({ length: 43 }, (_, p) => 1 + (p % 5)))
    const found = pairsOf(root, { pairsPerFold: 6 })
    check(found)
    expect(found.told).toMatchObject({ folds: 10, pairsPerFold: 6, people: 43, warnings: [] })
    expect(pairsOf(root, { pairsPerFold: 6 }).text).toBe(found.text)
    expect(pairsOf(root, { pairsPerFold: 6, seed: 2 }).text).not.toBe(found.text)
  })

  it('makes as many as there can be, says so, and keeps the folds readable', () => {
    const found = pairsOf(faces([2, 2, 2, 1, 1, 1, 1]))
    check(found)
    expect(found.told).toMatchObject({ folds: 3, pairsPerFold: 1 })
    expect(found.text).toMatch(/^# folds 3\n/)
    expect(found.told.warnings).toEqual([
      expect.stringMatching(/^3 folds instead of 10: .*7 people, 3 of them/),
      expect.stringMatching(/^1 pairs of each kind a fold instead of 300/),
    ])
    // Nine images of one person make 36 pairs, but the fold with two images only one.
    check(pairsOf(faces([9, 2, 1, 1])))
  })

  it('refuses too few people and images', () => {
    for (const images of [[5], [5, 5, 5], [2, 1, 1, 1, 1]])
      expect(() => pairsOf(faces(images))).toThrow(expect.objectContaining({ code: 'DATA_OPTION' }))
  })
})
