import { describe, expect, it } from 'vitest'
import { pairWarnings } from './contradictions.js'

/** Lines of "a b 1" over rows 0, 1, ...; people by letter, one a row. */
const warnings = (lines: string[], people?: string) => {
  const rows = lines.map((line) => line.split(' ').map(Number))
  const names = Array.from({ length: 8 }, (_, row) => `${row}.jpg`)
  return pairWarnings({
    a: Int32Array.from(rows, ([a]) => a!),
    b: Int32Array.from(rows, ([, b]) => b!),
    same: Uint8Array.from(rows, ([, , same]) => same!),
    names,
    ...(people && { people: [...people] }),
  })
}

describe('pairWarnings', () => {
  it('has none where labels and people agree', () => {
    expect(warnings(['0 1 1', '2 3 1', '0 2 0', '1 3 0'], 'aabbcccc')).toEqual([])
    expect(warnings(['0 1 1', '2 3 1', '0 2 0', '1 3 0'])).toEqual([])
  })

  it('tells of a pair with both labels, and of one that other pairs contradict', () => {
    expect(warnings(['0 1 1', '2 3 0', '1 0 0'])).toEqual([
      expect.stringMatching(
        /^1 pair labelled two people, though other .*: pair 3, 1\.jpg and 0\.jpg/,
      ),
    ])
    expect(warnings(['0 1 1', '1 2 1', '0 2 0', '4 4 0'])).toEqual([
      expect.stringMatching(/^2 pairs labelled two people, though other .*: pair 3,/),
    ])
  })

  it('tells of names that contradict the labels', () => {
    const right = ['0 1 1', '2 3 1', '0 2 0', '1 3 0']
    expect(warnings([...right, '4 5 0'], 'aabbcccc')).toEqual([
      expect.stringMatching(/^1 pair .* of one person by their names: pair 5,/),
    ])
    expect(warnings([...right, '4 5 1'], 'aabbcdef')).toEqual([
      expect.stringMatching(/^1 pair .* of two by their names: pair 5,/),
    ])
    // All in one folder: its name is nobody's.
    expect(warnings(right, 'aaaaaaaa')).toEqual([])
  })

  it('tells of an image compared with itself', () => {
    expect(warnings(['0 0 1', '0 1 0'])).toEqual([expect.stringMatching(/^1 pair of one image/)])
  })
})
