import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding, SuspectPoints } from '@arcface/evaluate'
import { describe, expect, it } from 'vitest'
import { rowsOfNpy } from './npy.js'
import {
  type Act,
  decide,
  decided,
  decisionsOf,
  ofKind,
  revive,
  START,
  scriptOf,
  step,
  suggestionOf,
  undo,
} from './queue.js'

const image = (person: string, name: string) => ({ path: `faces/${person}/${name}.jpg`, person })
const seen = { score: 1, reason: '' }
const findings: Finding[] = [
  {
    ...{ ...seen, kind: 'label', images: [image('ada', '1')], degrees: 80 },
    ...{ likely: { person: 'bob', degrees: 20 }, move: 'bob' },
  },
  { ...seen, kind: 'label', images: [image('ann', '2')], degrees: 80, likely: null, move: null },
  { ...seen, kind: 'one-person', people: ['ada', 'ann'], across: 1, within: 1, images: [] },
  { ...seen, kind: 'overlap', people: ['cyd', 'x'], across: 1, within: 1, others: 0, images: [] },
  { ...seen, kind: 'copy', likeness: 1, images: [image('bob', '1'), image('bob', '2')] },
  { ...seen, kind: 'unreadable', images: [image('bob', 'broken')] },
]
const rows = ['ada 1', 'ada 2', 'ann 1', 'ann 2', 'bob 1', 'bob 2', 'cyd 1'].map((row) =>
  row.split(' '),
)
const people = ['ada', 'ann', 'bob', 'cyd']
const points: SuspectPoints = {
  people,
  person: rows.map(([person]) => people.indexOf(person!)),
  path: rows.map(([person, name]) => image(person!, name!).path),
  offset: null,
  ...{
    own: [],
    nearest: [],
    other: [],
    sharpness: [],
    noise: [],
    flat: [],
    rejected: [],
    shares: [],
    groups: {},
  },
}
const all = ofKind(findings, 'all')
const suggested = (finding: number): Act => ({ finding, ...suggestionOf(findings[finding]!) })

describe('the queue', () => {
  it('goes on to the next open finding, then to those passed over, and stays at the end', () => {
    let work = decide(START, { finding: 0, act: 'keep' }, all)
    expect(work.at).toBe(1)
    work = step(work, 1, all)
    for (const finding of [2, 3, 4, 5]) work = decide(work, { finding, act: 'keep' }, all)
    expect(work.at).toBe(1)
    work = decide(work, { finding: 1, act: 'drop' }, all)
    expect([work.at, decided(work).size]).toEqual([1, 6])
    expect(step({ acts: [], at: 0 }, -1, all).at).toBe(0)
    expect(ofKind(findings, 'label')).toEqual([0, 1])
    expect(decide(START, { finding: 0, act: 'drop' }, [0, 5]).at).toBe(5)
  })

  it('takes back one decision after the other, and shows what it was about', () => {
    let work = decide(decide(START, suggested(0), all), suggested(1), all)
    work = decide({ ...work, at: 0 }, { finding: 0, act: 'keep' }, all)
    expect(work.acts.map(({ finding }) => finding)).toEqual([1, 0])
    work = undo(work)
    expect([work.at, work.acts]).toEqual([0, [suggested(1)]])
    expect(undo(undo(work))).toEqual({ acts: [], at: 1 })
  })

  it('is there again after a reload, without what it never had', () => {
    const work = decide(START, suggested(0), all)
    expect(revive(JSON.parse(JSON.stringify(work)), findings.length)).toEqual(work)
    expect(revive({ acts: [{ finding: 99, act: 'drop' }, null], at: -1 }, 6)).toEqual(START)
    for (const nothing of [null, 'x', 7, {}]) expect(revive(nothing, 6)).toEqual(START)
  })
})

describe('decisions', () => {
  const of = (...acts: Act[]) =>
    decisionsOf(findings, points, acts).map((one) =>
      [one.image.slice(6), one.decision === 'move' ? one.person : '-'].join(' '),
    )

  it('are of the images that a finding is about', () => {
    expect(of(suggested(0), suggested(1), suggested(4), suggested(5))).toEqual([
      ...['ada/1.jpg bob', 'ann/2.jpg -', 'bob/2.jpg -', 'bob/broken.jpg -'],
    ])
    expect(of({ finding: 0, act: 'move', person: 'new' })).toEqual(['ada/1.jpg new'])
    expect(of({ finding: 0, act: 'keep' })).toEqual([])
  })

  it('of a folder are of all its images, but for those decided about by themselves', () => {
    expect(of(suggested(2))).toEqual(['ann/1.jpg ada', 'ann/2.jpg ada'])
    expect(of(suggested(1), suggested(2))).toEqual(['ann/1.jpg ada', 'ann/2.jpg -'])
    expect(of({ finding: 1, act: 'keep' }, suggested(2))).toEqual(['ann/1.jpg ada'])
    expect(of(suggested(3))).toEqual(['cyd/1.jpg -'])
  })
})

it('the script writes the same decisions, whatever their names', () => {
  const dir = mkdtempSync(join(tmpdir(), 'script-'))
  const decisions = JSON.stringify({ roots: ["it's %d \\n"], person: 'عَلِيّ "x" $(id) `id`' })
  // Only what writes the file: the command is there in the workspace of a server.
  const script = scriptOf(decisions, "o'ut.txt").replace(/^arcface/m, 'echo')
  writeFileSync(join(dir, 's.sh'), script)
  const { status, stdout } = spawnSync('sh', ['s.sh'], { cwd: dir, encoding: 'utf8' })
  expect([status, stdout]).toEqual([0, "data curate decisions.json o'ut.txt\n"])
  expect(JSON.parse(readFileSync(join(dir, 'decisions.json'), 'utf8'))).toEqual(
    JSON.parse(decisions),
  )
})

it('rows of NumPy are read as numpy.save writes them', () => {
  const head = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117) + '\n'
  const bytes = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from(Uint16Array.of(118).buffer),
    Buffer.from(head),
    Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6.5).buffer),
  ])
  const { data, dim } = rowsOfNpy(new Uint8Array(bytes).buffer)
  expect([...data, dim]).toEqual([1, 2, 3, 4, 5, 6.5, 3])
  expect(() => rowsOfNpy(new Uint8Array(200).buffer)).toThrow('float32')
})
