import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { decodeModel } from './model.js'

const room = mkdtempSync(join(tmpdir(), 'onnx-bound-'))
const dist = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

// Protocol buffers by hand: field << 3 | type, length, bytes.
function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128)
  return Buffer.from([...bytes, value])
}
const field = (tag: number[], bytes: Buffer) =>
  Buffer.concat([Buffer.from(tag), varint(bytes.length), bytes])
const repeated = (count: number, ...bytes: number[]) =>
  Buffer.alloc(count * bytes.length, Buffer.from(bytes))
/** A model of IR version 8 and one operator set, whose graph has an output and these fields. */
const model = (graph: Buffer, more = Buffer.alloc(0)) =>
  Buffer.concat([
    Buffer.from([0x08, 8]),
    field([0x3a], Buffer.concat([graph, Buffer.from([0x62, 0])])),
    Buffer.from([0x42, 2, 0x10, 17]),
    more,
  ])
const tensor = (bytes: Buffer) => model(field([0x2a], bytes))

const N = 12_000_000
const bombs: Record<string, () => Buffer> = {
  nodes: () => model(repeated(N, 0x0a, 0)),
  initializers: () => model(repeated(N, 0x2a, 0)),
  'attributes of a node': () => model(field([0x0a], repeated(N, 0x2a, 0))),
  'inputs of a node': () => model(field([0x0a], repeated(N, 0x0a, 0))),
  'fields that no model has': () => model(repeated(N, 0xf8, 1, 0)),
  'strings of a tensor': () => tensor(repeated(N, 0x32, 0)),
  'whole numbers of a tensor': () => tensor(field([0x3a], repeated(N, 1))),
  'sides of a tensor': () => tensor(repeated(N, 0x08, 1)),
  metadata: () => model(Buffer.alloc(0), repeated(N, 0x72, 0)),
}

describe('an ONNX file of more parts than any model', () => {
  it.each(Object.entries(bombs))('is refused with little memory: %s', (what, bytes) => {
    const path = join(room, `${what}.onnx`)
    writeFileSync(path, bytes())
    const script = `
      const { readFileSync } = await import('node:fs')
      const { decodeModel } = await import(${JSON.stringify(dist)})
      let code = 'read'
      try { decodeModel(readFileSync(process.argv[1]), 'bomb') } catch (error) { code = error.code }
      console.log(code, process.resourceUsage().maxRSS >> 10)`
    const options = ['--max-old-space-size=64', '--input-type=module', '-e', script, path]
    const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' })
    const [code, megabytes] = stdout.split(' ')
    expect({ code, stderr }).toEqual({ code: 'ONNX_NOT_A_MODEL', stderr: '' })
    expect(Number(megabytes)).toBeLessThan(300)
  })

  it('is refused where it nests without end', () => {
    let graph = Buffer.alloc(0)
    for (let i = 0; i < 5000; i++) graph = field([0x0a], field([0x2a], field([0x32], graph)))
    expect(() => decodeModel(model(graph), 'deep')).toThrow(
      expect.objectContaining({ code: 'ONNX_NOT_A_MODEL' }),
    )
  })
})

describe('a large model', () => {
  it('is read, however its weights are kept', () => {
    const weights = Buffer.alloc(60_000_000, 1)
    const raw = decodeModel(tensor(field([0x4a], weights)), 'raw')
    expect(raw.graph?.initializer[0]?.rawData.length).toBe(weights.length)
    const floats = decodeModel(tensor(field([0x22], weights)), 'floats')
    expect(floats.graph?.initializer[0]?.floatData.length).toBe(weights.length / 4)
  })

  it('may have ten thousand nodes', () => {
    const node = field([0x0a], Buffer.concat([0, 1, 2].map(() => field([0x0a], Buffer.from('x')))))
    const graph = Buffer.concat(Array.from({ length: 10_000 }, () => node))
    expect(decodeModel(model(graph), 'many').graph?.node).toHaveLength(10_000)
  })
})
