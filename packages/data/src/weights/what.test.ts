import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { decodeModel, whatIsIt } from '@arcface/onnx'
import { describe, expect, it } from 'vitest'
import { readBin } from '../pairs/read-bin.js'
import { RecordFile } from '../recordio/reader.js'
import { readParams } from './mxnet.js'
import { readTorch } from './torch.js'

// As Git LFS writes them (docs/spec.md of its repository).
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`
const PAGE = '\ufeff\n<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>'

describe('whatIsIt', () => {
  it('calls what downloads bring by its name', () => {
    expect(whatIsIt(Buffer.from(POINTER))).toMatch(/git lfs pull/)
    expect(whatIsIt(Buffer.from(PAGE))).toMatch(/web page/)
    expect(whatIsIt(Buffer.from('<?xml version="1.0"?><Error/>'))).toMatch(/web page/)
    expect(whatIsIt(Buffer.from('{"error":"not found"}'))).toMatch(/not found/)
    expect(whatIsIt(gzipSync('x'))).toMatch(/gzip/)
  })

  it('says nothing of what may be right', () => {
    for (const bytes of ['', 'PK\x03\x04', '\x80\x02', '\x08\x08', '\x12\x01\0\0', '<', '{"x":'])
      expect(whatIsIt(Buffer.from(bytes, 'latin1'))).toBeUndefined()
  })
})

describe('every reader of a downloaded file', () => {
  const room = mkdtempSync(join(tmpdir(), 'what-'))
  const readers: Record<string, (path: string, text: string) => unknown> = {
    'x.pth': readTorch,
    'x.params': readParams,
    'x.bin': (path) => readBin(path),
    'x.rec': (path) => new RecordFile(path),
    'x.onnx': (path, text) => decodeModel(Buffer.from(text), path),
  }
  it.each(Object.entries(readers))('names a page and a pointer: %s', (name, read) => {
    const path = join(room, name)
    for (const [text, what] of [
      [PAGE, /is a web page/],
      [POINTER, /is a pointer of Git LFS/],
    ] as const) {
      writeFileSync(path, text)
      const coded = {
        code: expect.stringMatching(/^(DATA|ONNX)_/),
        message: expect.stringMatching(what),
      }
      expect(() => read(path, text)).toThrow(expect.objectContaining(coded))
    }
  })
})
