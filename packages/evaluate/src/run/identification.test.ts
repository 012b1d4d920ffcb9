import { openFolders } from '@arcface/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { referenceMatMul } from '../testing/matmul.js'
import { embedColours, pictures } from '../testing/pictures.js'
import { evaluateIdentification, evaluateMegaface, firstEnrolled } from './identification.js'

let [people, others] = ['', '']
beforeAll(async () => {
  people = await pictures({
    'ada/1.png': { of: 'ada' },
    'ada/2.png': { of: 'ada', shade: 20 },
    'ada/3.png': { of: 'ada', shade: 40 },
    'bob/1.png': { of: 'bob' },
    'bob/2.png': { of: 'cyd' },
    'eve/1.png': { of: 'dee' },
  })
  others = await pictures({ 'x/1.png': { of: 'cyd', shade: 5 }, 'y/1.png': { of: 'dee' } })
})

const options = { embed: embedColours, matmul: referenceMatMul, ranks: [1, 3], fpir: [0.5] }

describe('evaluateIdentification', () => {
  it('looks for people by their names among enrolled ones and distractors', async () => {
    const told = new Set<string>()
    const { result, search, probes, rows } = await evaluateIdentification(
      { ...firstEnrolled(openFolders([people])), distractors: openFolders([others]) },
      { ...options, onProgress: (what, done, total) => told.add(`${what} ${done}/${total}`) },
    )
    // Ada's two others are hers; what is called Bob's second picture is a distractor's colour.
    expect(result).toMatchObject({ probes: 3, gallery: 5, distractors: 2, mated: 3, ranks: [1, 3] })
    expect(result.cmc[0]).toBeCloseTo(2 / 3, 12)
    expect(result.openSet).toBeUndefined()
    expect(search?.probes).toBe(3)
    expect(probes.samples).toHaveLength(3)
    expect(rows.map(({ samples }) => samples.length)).toEqual([3, 2])
    expect([...told]).toEqual(['images 3/3', 'images of the gallery 5/5'])
  })

  it('measures an open set where some are not enrolled', async () => {
    const probes = openFolders([people])
    const samples = probes.samples.filter(({ path }) => /(ada|bob)\/1\.png/.test(path))
    const { result } = await evaluateIdentification(
      { gallery: { ...probes, samples }, probes },
      options,
    )
    expect(result).toMatchObject({ probes: 6, gallery: 2, mated: 5, distractors: 0 })
    // Eve is not enrolled, and must not be named; of the others all are but Bob's second picture.
    expect(result.openSet?.points[0]).toMatchObject({ fpir: 0.5, reachedFpir: 0, tpir: 4 / 5 })
  })

  it('ends at the signal', async () => {
    const set = firstEnrolled(openFolders([people]))
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(evaluateIdentification(set, { ...options, signal })).rejects.toThrow('enough')
  })
})

describe('evaluateMegaface', () => {
  it('takes each couple by itself among the distractors', async () => {
    const { result } = await evaluateMegaface(openFolders([people]), openFolders([others]), {
      ...options,
      far: [0.5],
    })
    // Ada's three pictures make six couples, Bob's two make two, in either direction.
    expect(result).toMatchObject({ protocol: 'megaface', mated: 8, gallery: 3, distractors: 2 })
    expect(result.cmc[0]).toBeCloseTo(6 / 8, 12)
  })
})
