import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kindsOfPatterns, randomEmbedder } from '@arcface/testing'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'export-'))
afterAll(() => rmSync(room, { recursive: true }))
const at = (name: string) => join(room, name)
const model = at('random.onnx')
const asPixels = ['--mean', '0', '--std', '1']

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

beforeAll(async () => {
  writeFileSync(model, randomEmbedder())
  // Two folders of five people, four images each.
  const draw = Object.values(kindsOfPatterns)
  for (let seed = 0; seed < 40; seed++) {
    const person = `p${Math.floor(seed / 4)}`
    const folder = join(at(seed < 20 ? 'one' : 'two'), person)
    mkdirSync(folder, { recursive: true })
    const { pixels } = draw[seed % draw.length]!(seed, 112, 112)
    await sharp(pixels, { raw: { width: 112, height: 112, channels: 3 } })
      .png()
      .toFile(join(folder, `${person}_${String((seed % 4) + 1).padStart(4, '0')}.png`))
  }
  const pairs = ['p0', 'p1', 'p2', 'p3'].flatMap((one, i) =>
    i % 2 === 0 ? [`${one}\t1\t2`, `${one}\t1\tp4\t3`] : [`${one}\t1\t2`, `${one}\t2\tp4\t4`],
  )
  writeFileSync(at('pairs.txt'), `4\t1\n${pairs.join('\n')}\n`)
})

describe('arcface export', () => {
  const int8 = [model, '--onnx', at('small.onnx'), '--precision', 'int8', ...asPixels]

  it('writes a file in bytes, says how near it is, and the commands take it', () => {
    const { status, stdout, stderr } = arcface(
      'export',
      ...int8,
      ...['--calibrate', at('one'), '--calibrate', at('two'), '--json'],
      ...['--pairs', at('pairs.txt'), '--images', at('one')],
    )
    expect({ status, stderr: stderr.match(/error.*/)?.[0] }).toEqual({ status: 0 })
    const { bytes, floatBytes, precision } = JSON.parse(stdout)
    expect(bytes).toBeLessThan(floatBytes / 3)
    expect(precision).toMatchObject({ type: 'int8', calibrated: 20, checked: 20, carried: false })
    expect(precision.cosine.mean).toBeGreaterThan(0.98)
    expect(precision.accuracy).toMatchObject({ pairs: 'pairs.txt' })
    const embedded = arcface('embed', at('one/p0'), '--model', at('small.onnx'), '--json')
    expect(JSON.parse(embedded.stdout)).toMatchObject({ images: 4, dim: 128 })
    expect(embedded.stderr).toBe('') // its preprocessing is within
  })

  it('writes a file of others as one of ours', () => {
    const { status, stdout } = arcface('export', model, '--onnx', at('own.onnx'), ...asPixels)
    expect(status).toBe(0)
    expect(stdout).toBe(`${at('own.onnx')}: 128 values an embedding, 1.8 MB\n`)
  })

  it('refuses what is too far from float32, and leaves what was there', () => {
    writeFileSync(at('kept.onnx'), 'as it was')
    const { status, stderr } = arcface(
      ...['export', model, '--onnx', at('kept.onnx'), '--precision', 'int8', ...asPixels],
      ...['--calibrate', room, '--min-cosine', '1'],
    )
    expect(status).toBe(1)
    expect(stderr).toMatch(/error RECOGNIZE_EXPORT: .*nothing was written.*--min-cosine/)
    expect(readFileSync(at('kept.onnx'), 'utf8')).toBe('as it was')
  })

  it('tells wrong usage before it begins', () => {
    for (const [args, message] of [
      [int8, /needs faces: --calibrate/],
      [[model, '--onnx', at('x.onnx'), '--calibrate', room], /--calibrate goes with --precision/],
      [
        [model, '--onnx', at('x.onnx'), '--precision', 'int4'],
        /Allowed choices are fp32, fp16, int8/,
      ],
    ] as const) {
      const { status, stderr } = arcface('export', ...args)
      expect([status, stderr]).toEqual([2, expect.stringMatching(message)])
    }
  })
})
