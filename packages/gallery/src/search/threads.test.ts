import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RecognizeError } from '@arcface/recognize'
import { expect, it } from 'vitest'
import { guard } from '../store/trouble.js'

it('searches, finds duplicates and clusters without ONNX Runtime on the main thread, and ends', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gallery-threads-'))
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
  const program = `
    import { createRequire } from 'node:module'
    import { clusterFaces, openGallery } from ${url('../../dist/index.js')}
    // An ES module's import of a package in CommonJS is noted here too, by each thread for itself.
    const { cache } = createRequire(import.meta.url)
    const isLoaded = () => Object.keys(cache).some((path) => path.includes('onnxruntime'))
    const model = { sha256: 'a'.repeat(64), name: 'test.onnx', dim: 4, preprocessing: null }
    const gallery = await openGallery(${JSON.stringify(join(folder, 'gallery'))}, { model })
    const axis = (k) => Float32Array.from({ length: 4 }, (_, i) => Number(i === k))
    const faces = [0, 1, 2, 2].map((k, i) => ({ person: 'p' + i, embedding: axis(k) }))
    await gallery.enroll(faces)
    const found = await gallery.identifyMany([axis(0), axis(1)])
    const names = found.map(({ matches }) => matches[0].name)
    const pairs = (await gallery.duplicates(0.5)).map(({ a, b }) => [a.person, b.person].sort())
    const rows = Float32Array.from(faces.flatMap(({ embedding }) => [...embedding]))
    const labels = [...(await clusterFaces(rows, 4, 0.5))]
    const before = isLoaded()
    await import(${JSON.stringify(import.meta.resolve('onnxruntime-node'))})
    // Not closed: that keeps no process alive.
    console.log(JSON.stringify({ names, pairs, labels, loaded: [before, isLoaded()] }))`
  try {
    const given = ['--input-type=module', '-e', program]
    const out = execFileSync(process.execPath, given, { encoding: 'utf8', timeout: 60_000 })
    expect(JSON.parse(out)).toEqual({
      names: ['p0', 'p1'],
      pairs: [['p2', 'p3']],
      labels: [1, 2, 0, 0],
      loaded: [false, true],
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('tells of a product that failed as recognize does, not as damage to the tables', async () => {
  const failed = new RecognizeError('RECOGNIZE_RUN', 'a product: failed: Invalid argument')
  await expect(guard('people', () => Promise.reject(failed))).rejects.toBe(failed)
})
