import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { groupsResultSchema } from '@arcface/evaluate'
import { tinyModel } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'evaluate-groups-'))
afterAll(() => rmSync(room, { recursive: true }))
const at = (...parts: string[]) => join(room, ...parts)
const [faces, model, table] = [at('faces'), at('tiny.onnx'), at('groups.csv')]

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const groups = (...args: string[]) =>
  arcface('evaluate', 'groups', '--model', model, '--replicates', '50', ...args)

let people: string[] = []
beforeAll(() => {
  writeFileSync(model, tinyModel({ dim: 8, normalize: true }))
  expect(arcface('synthesize', faces, '--people', '12', '--images', '3').status).toBe(0)
  people = readdirSync(faces).sort()
  const rows = people.map((name, i) => `${name},${'FM'[i % 2]},${i < 6 ? 'north' : 'south'}\n`)
  writeFileSync(table, `person,sex,site\n${rows.join('')}`)
})

describe('arcface evaluate groups', () => {
  it('prints what the schema says, stores it, and writes a report that needs nothing beside it', () => {
    const [out, report] = [at('groups.json'), at('report')]
    const { status, stdout, stderr } = groups(
      ...['--images', faces, '--groups', table, '--column', 'sex', '--column', 'sex,site'],
      ...['--far', '0.1', '--out', out, '--report', report, '--json'],
    )
    expect(stderr).toMatch(/^the model names no threshold: that at FAR 0\.1 of these images/m)
    expect(status).toBe(0)
    const { skipped, ...printed } = JSON.parse(stdout)
    expect(skipped).toEqual([])
    const result = groupsResultSchema.parse(printed)
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(result)
    expect(result).toMatchObject({ images: 36, people: 12, pairs: 'all' })
    expect(result.threshold).toMatchObject({ far: 0.1, from: 'images' })
    expect(result.fmr!.trials).toBe((36 * 35) / 2 - 36)
    expect(result.fmr!.value).toBeLessThanOrEqual(0.1)
    expect(result.columns.map(({ columns }) => columns)).toEqual([['sex'], ['sex', 'site']])
    expect(result.columns[1]!.groups.map(({ name, people }) => [name, people])).toEqual(
      ['F, north', 'F, south', 'M, north', 'M, south'].map((name) => [name, 3]),
    )
    expect(readdirSync(report).sort()).toEqual(['rates.csv', 'report.html', 'report.json'])
    const page = readFileSync(join(report, 'report.html'), 'utf8')
    expect(page).not.toMatch(/<script|<link|@import|src="(?!data:)|NaN|undefined|Infinity/)
    expect(page).toMatch(/SHA-256 of the data<\/th><td>[0-9a-f]{64}</)
    const { columns } = JSON.parse(readFileSync(join(report, 'report.json'), 'utf8'))
    expect(columns).toEqual(result.columns)
    const lines = readFileSync(join(report, 'rates.csv'), 'utf8').trimEnd().split('\n')
    // Both rates of all, of two groups and of four; FMR of one couple and of six.
    expect(lines).toHaveLength(1 + 2 + 2 * 2 + 1 + 2 * 4 + 6)
  })

  it('prints tables, of pairs of a list too', () => {
    const list = at('pairs.txt')
    const image = (p: number, k: number) => `${people[p]}/${people[p]}_000${k}.jpg`
    const lines = people.flatMap((_, p) => [
      `${image(p, 1)} ${image(p, 2)} 1`,
      `${image(p, 1)} ${image((p + 2) % 12, 3)} 0`,
    ])
    writeFileSync(list, `${lines.join('\n')}\n`)
    const { status, stdout } = groups(
      ...['--images', faces, '--groups', table, '--pairs', list, '--threshold', '0.5'],
    )
    expect(status).toBe(0)
    expect(stdout).toMatch(/^threshold +cosine > 0\.5000, given$/m)
    expect(stdout).toMatch(/^compared +listed pairs of 36 images of 12 people$/m)
    expect(stdout).toMatch(/^F +6 +18 +\d/m)
    expect(stdout).toMatch(/^FMR, largest by smallest +/m)
  })

  it("measures RFW's layout", () => {
    for (const [group, from] of [
      ['African', 0],
      ['Asian', 6],
    ] as const) {
      const own = people.slice(from, from + 6)
      for (const name of own)
        cpSync(join(faces, name), at('rfw/test/data', group, name), { recursive: true })
      mkdirSync(at('rfw/test/txts', group), { recursive: true })
      const lines = own.flatMap((name, i) => [
        `${name}\t1\t2`,
        `${name}\t2\t${own[(i + 1) % 6]}\t3`,
        `${name}\t1\t3`,
        `${name}\t1\t${own[(i + 2) % 6]}\t2`,
      ])
      writeFileSync(at('rfw/test/txts', group, `${group}_pairs.txt`), `${lines.join('\n')}\n`)
    }
    const rfw = ['--images', at('rfw/test/data'), '--groups', at('rfw/test/txts')]
    const { status, stdout } = groups(...rfw, '--column', 'race', '--json')
    expect(status).toBe(0)
    const { skipped: _, ...printed } = JSON.parse(stdout)
    const { columns, pairs } = groupsResultSchema.parse(printed)
    expect(pairs).toBe('list')
    expect(columns[0]!.columns).toEqual(['race'])
    expect(columns[0]!.groups.map(({ name, accuracy }) => [name, accuracy!.folds])).toEqual([
      ['African', 10],
      ['Asian', 10],
    ])
    expect(columns[0]!.accuracy!.mean).toBeGreaterThan(0)
    expect(groups(...rfw, '--pairs', table).status).toBe(2)
  })

  it('refuses what cannot be compared before it opens a model', () => {
    const bad = at('bad.csv')
    const refused = (text: string, ...more: string[]) => {
      writeFileSync(bad, text)
      const none = ['evaluate', 'groups', '--model', at('none.onnx')]
      const { status, stderr } = arcface(...none, '--images', faces, '--groups', bad, ...more)
      expect(status).toBe(1)
      return stderr
    }
    const rows = people.map((name, i) => `${name},${i === 0 ? 'X' : i < 6 ? 'F' : 'M'}\n`).join('')
    const single = refused(`person,sex\n${rows}`)
    expect(single).toMatch(/^error EVALUATE_GROUPS: sex: X has one person/)
    expect(single).toMatch(/--min-people/)
    expect(refused(`person,sex\n${rows}`, '--column', 'sexx')).toMatch(/did you mean sex\?/)
    expect(refused('')).toMatch(/^error EVALUATE_GROUPS: .*has no rows/)
    expect(refused('person,sex\nzoe,F\n')).toMatch(/names nobody of these images/)
    expect(refused(`person,sex\n${rows}${people[1]},M\n`)).toMatch(/line 14: sex of .* line 3 says/)
    expect(
      groups('--images', faces, '--groups', table, '--far-of', 'images', '--threshold', '0.3')
        .status,
    ).toBe(2)
  })
})
