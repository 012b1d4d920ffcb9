import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseScoredSet } from '@arcface/evaluate'
import { tinyModel } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'scores-'))
afterAll(() => rmSync(room, { recursive: true }))
const at = (name: string) => join(room, name)
const [model, faces, pairs] = [at('tiny.onnx'), at('faces'), at('pairs.txt')]

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const evaluate = (name: string, ...args: string[]) => {
  const { status, stdout, stderr } = arcface('evaluate', name, '--model', model, ...args, '--json')
  expect(stderr.replace(/^(warning:|\/).*\n/gm, '')).toBe('')
  expect(status).toBe(0)
  return JSON.parse(stdout)
}
const scores = (...args: string[]) => {
  const told = evaluate('scores', ...args, '--out', at('scores.json'))
  return { told, set: parseScoredSet(readFileSync(at('scores.json'), 'utf8'), 'scores.json') }
}

beforeAll(() => {
  writeFileSync(model, tinyModel({ dim: 8, normalize: true }))
  const drawn = ['synthesize', faces, '--people', '20', '--images', '3', '--pairs', pairs]
  expect(arcface(...drawn).status).toBe(0)
})

describe('arcface evaluate scores', () => {
  it('writes the pairs of a list as the report of its verification has them, for its owner only', () => {
    const list = ['--images', faces, '--pairs', pairs]
    const { told, set } = scores(...list)
    expect(told).toMatchObject({ source: 'pairs.txt', genuine: 60, impostors: 60, people: 20 })
    expect(statSync(at('scores.json')).mode & 0o077).toBe(0)
    evaluate('verification', ...list, '--report', at('report'))
    const [, ...rows] = readFileSync(join(at('report'), 'scores.csv'), 'utf8')
      .trimEnd()
      .split('\n')
    const { first, second, same, cosine } = set.pairs
    expect(
      set.pairs.cosine.map((one, p) =>
        [set.images[first[p]!], set.images[second[p]!], same[p], one].join(),
      ),
    ).toEqual(rows.map((row) => row.split(',').slice(2, 6).join()))
    expect(cosine).toHaveLength(120)
    expect(set).toMatchObject({ of: 'list', folds: 10, flip: false, tail: null, pictures: {} })
    expect(set.model.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it('writes all pairs across the people of a folder', () => {
    const { told, set } = scores('--images', faces)
    expect(told).toMatchObject({ genuine: 60, impostors: 1710, images: 60, people: 20 })
    expect(set.pairs.cosine).toHaveLength(1770)
    expect(set.person.filter((one) => one === set.person[0])).toHaveLength(3)
  })

  it('has pictures of the worst pairs of a .bin', () => {
    const file = at('pairs.bin')
    const made = arcface('data', 'convert', pairs, file, '--images', faces)
    expect(made.stderr).toBe('')
    const { set } = scores('--pairs', file)
    expect(set.images[0]).toMatch(/pairs\.bin/)
    expect(Object.keys(set.pictures)).toHaveLength(set.images.length)
    for (const one of Object.values(set.pictures))
      expect(one).toMatch(/^data:image\/(jpeg|png);base64,/)
  })

  it('refuses what it cannot score', () => {
    const none = arcface('evaluate', 'scores', '--out', at('none.json'))
    expect(none.status).toBe(2)
    expect(none.stderr).toMatch(/give --pairs, or --images/)
    expect(arcface('evaluate', 'scores', '--pairs', pairs).status).toBe(2)
    const one = join(faces, readdirSync(faces)[0]!)
    const alone = arcface(
      'evaluate',
      'scores',
      '--model',
      model,
      '--images',
      one,
      '--out',
      at('none.json'),
    )
    expect(alone.status).toBe(1)
    expect(alone.stderr).toMatch(/^error EVALUATE_IDENTITY: /m)
    expect(readdirSync(room)).not.toContain('none.json')
  })
})

describe('arcface evaluate threshold --threshold', () => {
  const replicates = ['--replicates', '100']

  it('tells of a list what --far tells at its threshold', () => {
    const list = ['--images', faces, '--pairs', pairs, ...replicates]
    const known = evaluate('threshold', ...list, '--far', '0.2')
    const rates = evaluate('threshold', ...list, '--threshold', `${known.threshold}`)
    expect(rates).toMatchObject({
      far: { value: known.reachedFar, interval: known.reachedFarInterval },
      falseAccepts: Math.round(60 * known.reachedFar),
      ...{ impostors: 60, genuine: 60 },
    })
    expect(rates.frr.value).toBeCloseTo(1 - known.tar, 12)
    expect(rates.frr.interval.low).toBeLessThanOrEqual(rates.frr.value)
  })

  it('tells across people the share of the FAR that a threshold was named for', () => {
    const { cosine } = evaluate('threshold', '--images', faces)
    const threshold = ['--threshold', `${cosine['1e-1']}`]
    const rates = evaluate('threshold', '--images', faces, ...replicates, ...threshold)
    // At most one pair in 1710 less than that.
    expect(rates.far.value).toBeLessThanOrEqual(0.1)
    expect(rates.far.value).toBeGreaterThan(0.0994)
    expect(rates.far.interval.high).toBeGreaterThan(0.1)
  })

  it('goes with nothing else that asks for a threshold', () => {
    const given = ['evaluate', 'threshold', '--images', faces, '--threshold']
    expect(arcface(...given, '0.3', '--far', '0.1').status).toBe(2)
    expect(arcface(...given, '0.3', '--out', at('none.json')).status).toBe(2)
    expect(arcface(...given, '1.5').status).toBe(2)
  })
})
