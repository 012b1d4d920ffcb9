import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { randomEmbedder } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'audit-inversion-'))
afterAll(() => rmSync(room, { recursive: true }))
const at = (name: string) => join(room, name)
const [model, judge, faces, out] = [at('a.onnx'), at('b.onnx'), at('faces'), at('out')]

const arcface = (...args: string[]) =>
  spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' })
const inversion = (...args: string[]) =>
  arcface('audit', 'inversion', '--model', model, '--images', faces, '--out', out, ...args)

beforeAll(() => {
  writeFileSync(model, randomEmbedder(2))
  writeFileSync(judge, randomEmbedder(3))
  const made = arcface('synthesize', faces, '--people', '26', '--images', '3')
  expect(made.status).toBe(0)
})

describe('arcface audit inversion', () => {
  it('says how a file fares, and writes the page and the figures', () => {
    const given = ['--judge', judge, '--people', '24', '--steps', '2', '--start', 'mean']
    const { status, stdout, stderr } = inversion(...given, '--protect', 'bits=1', '--json')
    expect(status, stderr).toBe(0)
    const { files, rows, real, settings, finished } = JSON.parse(stdout)
    expect(finished).toBe(true)
    expect(
      rows.map(({ set, protection, people }: Record<string, unknown>) => [set, protection, people]),
    ).toEqual([
      ['open', 'none', 24],
      ['open', 'bits=1', 24],
    ])
    expect(real[0].success.map(({ far }: { far: number }) => far)).toEqual([0.01, 0.001])
    expect(settings).toMatchObject({ steps: 2, start: 'mean', hasBatchNorm: false })
    expect(files).toEqual([join(out, 'inversion.json'), join(out, 'report.html')])
    expect(JSON.parse(readFileSync(files[0], 'utf8')).rows).toEqual(rows)
    const page = readFileSync(files[1], 'utf8').replace(/base64,[^"]*/g, '')
    expect(page).toContain('open, bits=1')
    // The sum is of the photographs, not of nothing.
    expect(page).toContain('SHA-256 of the data')
    expect(page).not.toContain(createHash('sha256').digest('hex'))
  })

  it('does not let a model judge itself', () => {
    const { status, stderr } = inversion('--judge', model)
    expect([status, stderr.trim()]).toEqual([
      2,
      'error: a model does not judge itself; name another one as --judge',
    ])
  })

  it('refuses what it does not know, in a sentence', () => {
    const { status, stderr } = inversion('--judge', judge, '--protect', 'hash')
    expect(status).toBe(1)
    expect(stderr).toContain('no such protection')
    expect(stderr).toContain('folded, rotated')
    expect(stderr).not.toMatch(/\n {4}at /)
    const closed = inversion('--judge', judge, '--set', 'closed')
    expect([closed.status, closed.stderr.includes('centres')]).toEqual([1, true])
  })
})
