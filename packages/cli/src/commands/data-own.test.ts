import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tinyModel } from '@arcface/testing'
import { beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'own-'))
const at = (...names: string[]) => join(room, ...names)
function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

beforeAll(() => {
  const drawn = ['synthesize', at('faces'), '--people', '40', '--images', '3']
  expect(arcface(...drawn).status).toBe(0)
})

describe("one's own folder", () => {
  it('is split by person, paired in folds that share nobody, and measured', () => {
    const split = ['data', 'split', at('faces'), at('train'), at('test'), '--share', '0.5']
    const done = arcface(...split, '--json')
    expect(done).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(done.stdout)).toMatchObject({
      train: { people: 20, images: 60 },
      test: { people: 20, images: 60 },
    })
    const [train, test] = [readdirSync(at('train')), readdirSync(at('test'))]
    expect([...train, ...test].sort()).toEqual(readdirSync(at('faces')).sort())
    expect(arcface(...split)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error FILES_WRITE: .*train is not empty/),
    })

    const paired = arcface('data', 'pairs', at('test'), at('pairs.txt'), '--json')
    expect(paired.status).toBe(0)
    // Two people of three images a fold: six pairs of one person.
    expect(paired.stderr).toMatch(/^warning: 6 pairs of each kind a fold instead of 300/)
    expect(JSON.parse(paired.stdout)).toMatchObject({ folds: 10, pairsPerFold: 6, people: 20 })
    writeFileSync(at('tiny.onnx'), tinyModel({ dim: 8, normalize: true }))
    const measured = arcface(
      ...['evaluate', 'verification', '--model', at('tiny.onnx'), '--images', at('test')],
      ...['--pairs', at('pairs.txt'), '--json'],
    )
    expect(measured.status).toBe(0)
    expect(JSON.parse(measured.stdout).pairs).toBe(120)
  })

  it('becomes a list by decisions, with images moved to other people', () => {
    const [ada, bob] = readdirSync(at('faces')).sort()
    const [first, second] = readdirSync(at('faces', ada!)).map((name) => at('faces', ada!, name))
    const decisions = [
      { image: first, decision: 'drop' },
      { image: second, decision: 'move', person: bob },
    ]
    writeFileSync(at('decisions.json'), JSON.stringify({ roots: [at('faces')], decisions }))
    const done = arcface('data', 'curate', at('decisions.json'), at('curated.txt'))
    expect(done).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/: 119 images of 40 people; 1 dropped, 1 moved\n$/),
    })
    const lines = readFileSync(at('curated.txt'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(119)
    expect(lines.filter((line) => line.includes('\t'))).toEqual([`${second}\t\t${bob}`])
    writeFileSync(at('decisions.json'), '[]')
    expect(arcface('data', 'curate', at('decisions.json'), at('curated.txt'))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error DATA_LIST: /),
    })
  })

  it('is refused with options that are none', () => {
    const to = [at('faces'), at('a'), at('b')]
    for (const share of ['0', '1', 'x', '-0.1'])
      expect(arcface('data', 'split', ...to, '--share', share).status).toBe(2)
    for (const folds of ['0', '1', 'x'])
      expect(arcface('data', 'pairs', at('faces'), at('p.txt'), '--folds', folds).status).toBe(2)
    expect(arcface('data', 'pairs', at('faces'), at('p.rec')).status).toBe(2)
    expect(arcface('data', 'pairs', at('faces'), at('p.txt'), '--seed', '').status).toBe(2)
    for (const name of ['split', 'pairs'])
      expect(arcface('data', name, '--help').stdout).toContain(`$ arcface data ${name}`)
  })
})
