import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'geometry-'))

function geometry(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'geometry', ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('arcface geometry', () => {
  it.each(['curves', 'boundaries', 'toy', 'angles'])('has an example in the help of %s', (name) => {
    expect(geometry(name, '--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`$ arcface geometry ${name}`),
    })
  })

  it('writes a page and pictures, and the figures as JSON', () => {
    const out = join(room, 'curves')
    const loss = ['--loss', 'cosface', '--loss', '{name: arcface, margin: 0.3}']
    const { status, stdout } = geometry('curves', ...loss, '--out', out, '--json')
    expect(status).toBe(0)
    const { curves, files } = JSON.parse(stdout)
    expect(files).toEqual(['html', 'svg', 'png'].map((end) => join(out, `curves.${end}`)))
    for (const file of files) expect(existsSync(file)).toBe(true)
    expect(curves.map(({ label }: { label: string }) => label)).toEqual([
      'CosFace',
      'ArcFace, margin 0.3',
    ])
    const at60 = curves[1].degrees.findIndex((degree: number) => Math.abs(degree - 60) < 1e-9)
    expect(curves[1].logits[at60]).toBeCloseTo(Math.cos(Math.PI / 3 + 0.3), 9)
    expect(readFileSync(files[0], 'utf8')).toMatch(/^<!doctype html>/)
  })

  it('says in degrees where boundaries are', () => {
    const { stdout } = geometry('boundaries', '--loss', 'arcface', '--out', room, '--json')
    const [{ gapDegrees, betweenDegrees }] = JSON.parse(stdout).boundaries
    expect(betweenDegrees.at(-1)).toBeCloseTo(180, 9)
    expect(gapDegrees.at(-1)).toBeCloseTo((0.5 * 180) / Math.PI, 6)
  })

  it('gives the frames of the toy, as points and centres of length 1, where they are asked for', () => {
    const loss = ['--loss', '{name: unified, m1: 1, m2: 0.5, m3: 0}']
    const { stdout, status } = geometry('toy', ...loss, '--points', '3', '--out', room, '--json')
    expect(status).toBe(0)
    const { runs } = JSON.parse(stdout)
    expect(runs.map(({ dim }: { dim: number }) => dim)).toEqual([2, 3])
    for (const { dim, identities, labels, frames } of runs) {
      expect(labels).toHaveLength(3 * identities)
      expect(frames[0].step).toBe(0)
      for (const { points, centres } of frames) {
        expect([points.length, centres.length]).toEqual([3 * identities * dim, identities * dim])
        for (const rows of [points, centres])
          for (let i = 0; i < rows.length; i += dim)
            expect(Math.hypot(...rows.slice(i, i + dim))).toBeCloseTo(1, 3)
      }
    }
    expect(geometry('toy', '--points', '0').status).toBe(2)
  })

  it('exits with 1 and a code for a loss that does not exist and for a folder without a run', () => {
    const unknown = geometry('curves', '--loss', 'arcfac', '--out', room)
    expect(unknown).toMatchObject({ status: 1, stdout: '' })
    expect(unknown.stderr).toMatch(/^error TRAIN_LOSS: .*did you mean arcface/)
    const none = geometry('angles', room, '--out', room)
    expect(none.status).toBe(1)
    // What is wrong, then what to do about it.
    expect(none.stderr).toMatch(
      /^error TRAIN_RUN: .* is no run folder \(.*\)\. Name the folder .*\n$/,
    )
    expect(geometry('angles').status).toBe(2)
    expect(geometry('toy', '--seed', 'x').status).toBe(2)
  })
})
