import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { safetensorsHead } from '@arcface/files'
import { decodeModel, encodeModel, setMetadata } from '@arcface/onnx'
import { tinyModel } from '@arcface/testing'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { LEAKS } from './findings.js'
import { findLeaks } from './leaks.js'

/** A folder of these files. */
function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'leaks-'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

/** A file of safetensors of zeros. */
function tensors(shapes: Record<string, number[]>, metadata: Record<string, string> = {}): Buffer {
  const entries = Object.entries(shapes).map(
    ([name, shape]) => [name, { dtype: 'float32' as const, shape }] as const,
  )
  const size = Object.values(shapes).reduce(
    (sum, shape) => sum + shape.reduce((a, b) => a * b, 4),
    0,
  )
  return Buffer.concat([safetensorsHead(entries, metadata).head, Buffer.alloc(size)])
}

const found = async (path: string) =>
  (await findLeaks(path)).leaks.map(({ kind, file }) => `${kind} ${file}`)

describe('what a run would give away', () => {
  it('is named file by file, each with what to do', async () => {
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer()
    const run = folderOf({
      'config.yaml': 'data:\n  roots: [/home/ada/faces]\n',
      'classes.json': '["Ann Lee","Bo","person_0001"]',
      'metrics.jsonl': '{"step":1,"loss":3.5}\n',
      'report.html': `<p>Ann Lee</p><p>12</p><img src="data:image/gif;base64,${'/R0lGODlh/Bo/A'.repeat(9)}">`,
      'events.out.tfevents.1795830594.adas-laptop.1258': new Uint8Array([1, 2, 3]),
      'pictures/step-0': jpeg,
      'teacher.safetensors': tensors({ teacher: [2, 1, 4] }, { teacher: 'abc' }),
      'checkpoints/step-1/backbone.safetensors': tensors({ 'conv1.weight': [4, 3, 3, 3] }),
      'checkpoints/step-1/head-0-of-1.safetensors': tensors({ weight: [3, 4] }),
      'checkpoints/step-1/optimizer.safetensors': tensors({ 'head.weight': [3, 4] }),
      'checkpoints/step-1/broken.safetensors': 'no tensors',
    })
    symlinkSync('step-1', join(run, 'checkpoints/latest'))
    expect(await found(run)).toEqual([
      'unread checkpoints/step-1/broken.safetensors',
      'centres checkpoints/step-1/head-0-of-1.safetensors',
      'optimizer checkpoints/step-1/optimizer.safetensors',
      'names classes.json',
      'path config.yaml',
      'machine events.out.tfevents.1795830594.adas-laptop.1258',
      'picture pictures/step-0',
      'picture report.html',
      'names report.html',
      'templates teacher.safetensors',
    ])
    const { files, leaks } = await findLeaks(run)
    expect(files).toBe(11)
    expect(leaks.find(({ file }) => file === 'classes.json')?.found).toBe('2 of 2 names')
    for (const { kind } of leaks) expect(LEAKS[kind].todo).not.toBe('')
    // Whom it shows is not repeated.
    expect(JSON.stringify(leaks)).not.toMatch(/Ann|Bo\b/)
  })

  it('is nothing where there is nothing', async () => {
    const folder = folderOf({
      'model.onnx': tinyModel({ dim: 8 }),
      'README.md': 'From https://example.org/models/face, see docs/use.md.\n',
      'classes.json': '["person_0001","person_0002"]',
      'empty.txt': '',
    })
    expect(await findLeaks(folder)).toEqual({ files: 4, leaks: [] })
  })

  it('is not how PyTorch calls the nodes of what it exports', async () => {
    const model = decodeModel(tinyModel({ dim: 8 }), 'tiny')
    const [node] = model.graph!.node
    const names = async (name: string) => {
      node!.name = name
      return found(folderOf({ 'a.onnx': encodeModel(model) }))
    }
    expect(await names(`/conv1/conv1.0/${node!.opType}_1`)).toEqual([])
    expect(await names('/conv1/conv1.0/Constant_output_0')).toEqual([])
    expect(await names('/home/ada/faces')).toEqual(['path a.onnx'])
  })

  it('stands in an ONNX file as metadata, as remarks, and as a head', async () => {
    const model = decodeModel(tinyModel({ dim: 8 }), 'tiny')
    setMetadata(model, { trained: 'on D:\\faces\\staff' })
    model.graph!.node[0]!.docString = '/home/ada/arcface/export.py(12)'
    const [weights] = model.graph!.initializer.filter(({ dims }) => dims.length === 2)
    const folder = folderOf({ 'a.onnx': encodeModel(model) })
    expect((await findLeaks(join(folder, 'a.onnx'))).leaks).toEqual([
      { kind: 'path', file: 'a.onnx', found: '2 absolute paths, as /home/ada/arcface/export.py' },
    ])
    weights!.name = 'head.weight'
    writeFileSync(join(folder, 'a.onnx'), encodeModel(model))
    expect(await found(folder)).toContain('centres a.onnx')
    writeFileSync(join(folder, 'a.onnx'), 'no model')
    expect(await found(folder)).toEqual(['unread a.onnx'])
  })

  it('is asked of something that is there', async () => {
    await expect(findLeaks('/nowhere/at/all')).rejects.toMatchObject({ code: 'FILES_READ' })
  })
})
