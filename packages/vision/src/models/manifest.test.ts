import { describe, expect, it } from 'vitest'
import { VisionError } from '../errors.js'
import { wrongBeginning } from './begins.js'
import { manifestSchema, newestPack } from './manifest.js'
import { packParser } from './pack.js'
import { DEFAULT_PACK, registry } from './registry.js'

const own = () => structuredClone(registry.find(({ name }) => name === DEFAULT_PACK)!)
const parse = packParser((message, cause) => new VisionError('VISION_USE', message, { cause }))

describe('the description of a pack', () => {
  it('survives being written and read', () => {
    for (const pack of registry) expect(parse(JSON.parse(JSON.stringify(pack)), 'x')).toEqual(pack)
  })

  it('is refused with what is wrong where, in the words of who parses', () => {
    const pack = { ...own(), detector: 'other.onnx' }
    expect(() => parse(pack, 'here/pack.json')).toThrow(VisionError)
    expect(() => parse(pack, 'here/pack.json')).toThrow(
      'here/pack.json describes no model pack: no download gives other.onnx',
    )
    expect(() => parse({ ...own(), more: 1 }, 'p')).toThrow(/more/)
  })
})

describe('an installed pack', () => {
  it('is known by its downloads: what the list says of it is newer', () => {
    const old = own()
    delete old.embedder!.thresholds
    expect(newestPack(old)).toEqual(own())
    const other = { ...old, name: 'mine' }
    expect(newestPack(other)).toBe(other)
    const bytes = structuredClone(old)
    bytes.downloads[0]!.checksum = `sha256:${'0'.repeat(64)}`
    expect(newestPack(bytes)).toBe(bytes)
  })

  it('may lack files that are taken by now: it is known all the same', () => {
    const old = own()
    old.liveness = null
    const [download] = old.downloads
    download!.files = download!.files.filter(({ name }) => name !== 'fr_liveness.onnx')
    expect(newestPack(old)).toEqual(own())
    download!.files.push({ name: 'other.onnx', size: null, checksum: null })
    expect(newestPack(old)).toBe(old)
  })

  it('need not say when its files last changed', () => {
    const files = { 'a.onnx': { size: 3, sha512: 'ab' } }
    expect(manifestSchema.parse({ pack: own(), files }).files).toEqual(files)
  })
})

describe('a download', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  it.each([
    ['onnx', '<!doctype html><html>'],
    ['onnx', '\n {"error":"no such file"}'],
    ['onnx', 'version https://git-lfs.github.com/spec/v1\noid sha256:00'],
    ['tgz', 'PK\u0003\u0004'],
    ['zip', '<html>'],
  ] as const)('is no %s where it begins with %j', (format, head) => {
    expect(wrongBeginning(format, bytes(head))).toContain(JSON.stringify(head.slice(0, 40)))
  })

  it.each([
    ['onnx', '\b\u0007\u0012\u0007pytorch'],
    ['onnx', ''],
    ['zip', 'PK\u0003\u0004'],
    ['zip', 'P'],
  ] as const)('may be %s where it begins with %j', (format, head) => {
    expect(wrongBeginning(format, bytes(head))).toBeUndefined()
  })
})
