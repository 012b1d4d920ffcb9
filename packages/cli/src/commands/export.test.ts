import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tinyModel } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'export-'))
afterAll(() => rmSync(room, { recursive: true }))
const at = (name: string) => join(room, name)
const [model, faces, pairs, report, groups] = [
  at('tiny.onnx'),
  at('faces'),
  at('pairs.txt'),
  at('report'),
  at('groups.json'),
]

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const done = (...args: string[]) => {
  const result = arcface(...args)
  expect(result).toMatchObject({ status: 0 })
  return result
}
const card = (name: string) => readFileSync(at(`${name}.md`), 'utf8')

beforeAll(() => {
  writeFileSync(model, tinyModel({ dim: 8, normalize: true }))
  done('synthesize', faces, '--people', '20', '--images', '3', '--pairs', pairs)
  const measured = ['--model', model, '--images', faces]
  done('evaluate', 'verification', ...measured, '--pairs', pairs, '--report', report)
  mkdirSync(at('bad'))
  writeFileSync(join(at('bad'), 'report.json'), '{"title": "x", "facts": {}}')
  writeFileSync(join(at('bad'), 'figures.csv'), 'result,figure,value,low,high\na,accuracy,much,,\n')
  const people = Array.from({ length: 20 }, (_, i) => `person_${`${i + 1}`.padStart(4, '0')}`)
  const table = people.map((person, i) => `${person},${i % 2 ? 'odd' : 'even'}`)
  writeFileSync(at('groups.csv'), ['person,side', ...table].join('\n'))
  const threshold = ['--threshold', '0.5', '--out', groups]
  done('evaluate', 'groups', ...measured, '--groups', at('groups.csv'), ...threshold)
}, 120_000)

describe('the model card of arcface export', () => {
  it('stands beside the file, with what was measured and whose figures these are', () => {
    const given = ['--licence', 'MIT', '--figures', report, '--figures', groups]
    const { stdout } = done('export', model, '--onnx', at('one.onnx'), ...given, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ card: at('one.md') })
    const text = card('one')
    const { results } = JSON.parse(readFileSync(join(report, 'report.json'), 'utf8'))
    expect(text).toContain(`| accuracy | ${(100 * results[0].accuracy).toFixed(2)} % (`)
    const named = text.match(/model \S*tiny\.onnx \(SHA-256 of its weights [0-9a-f]{64}\)/g)
    expect(named).toHaveLength(2) // of the pairs, and of the groups
    expect(text).not.toContain('another file')
    expect(text).toMatch(
      /\| side \| people \| FMR \| FNMR \|\n\| --- \| --- \| --- \| --- \|\n\| even \| 10 \|/,
    )
    expect(text).toMatch(/^license: "mit"$/m)
  })

  it('is made anew, unless somebody wrote in it', () => {
    done('export', model, '--onnx', at('one.onnx'))
    expect(card('one')).toContain('| Licence | not stated |')
    const edited = card('one').replace('not stated', 'ours')
    writeFileSync(at('one.md'), edited)
    const { stdout, stderr } = done('export', model, '--onnx', at('one.onnx'), '--json')
    expect(JSON.parse(stdout)).toMatchObject({ card: null })
    expect(stderr).toContain('somebody wrote in it')
    expect(card('one')).toBe(edited)
  })

  it('can be left out', () => {
    done('export', model, '--onnx', at('two.onnx'), '--no-card')
    expect(existsSync(at('two.onnx'))).toBe(true)
    expect(existsSync(at('two.md'))).toBe(false)
  })

  it.each([
    ['a file of something else', () => pairs, 'EVALUATE_OPTION'],
    ['a folder without a report', () => faces, 'FILES_READ'],
    ['nothing', () => at('none'), 'FILES_READ'],
    ['figures that are no numbers', () => at('bad'), 'EVALUATE_OPTION'],
  ])('does not take %s for figures, and then nothing is written', (_, path, code) => {
    const { status, stderr } = arcface(
      'export',
      model,
      '--onnx',
      at('no.onnx'),
      '--figures',
      path(),
    )
    expect(status).toBe(1)
    expect(stderr).toContain(`error ${code}`)
    expect(existsSync(at('no.onnx'))).toBe(false)
  })
})
