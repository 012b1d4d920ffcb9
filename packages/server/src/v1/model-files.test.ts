import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawnModels } from '@arcface/testing'
import { expect, it } from 'vitest'
import { testServer } from '../testing/server.js'

it('are those that the server was opened with, each with its digest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'models-'))
  const models = drawnModels(folder)
  const server = await testServer(models)
  try {
    const told = (await (await fetch(`${server.url}/v1/model/files`)).json()) as {
      files: { part: 'detector' | 'embedder' | 'landmarks'; sha256: string; bytes: number }[]
    }
    expect(told).toMatchObject({ quality: false, minScore: null })
    expect(told.files.map(({ part }) => part)).toEqual(['detector', 'embedder'])
    for (const { part, sha256, bytes } of told.files) {
      const answer = await fetch(`${server.url}/v1/model/files/${part}`)
      const file = Buffer.from(await answer.arrayBuffer())
      const own = { detector: models.detector, embedder: models.model, landmarks: '' }[part]
      expect(file.equals(readFileSync(own))).toBe(true)
      expect(createHash('sha256').update(file).digest('hex')).toBe(sha256)
      expect([file.length, answer.headers.get('etag')]).toEqual([bytes, `"${sha256}"`])
    }
    expect((await fetch(`${server.url}/v1/model/files/landmarks`)).status).toBe(404)
    expect((await fetch(`${server.url}/v1/model/files/..%2Fkeys.json`)).status).toBe(400)
  } finally {
    await server.close()
    rmSync(folder, { recursive: true })
  }
})

it('are not given where the file is another by now', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'models-'))
  const models = drawnModels(folder)
  const server = await testServer(models)
  try {
    writeFileSync(models.model, 'another')
    const answer = await fetch(`${server.url}/v1/model/files`)
    const problem = await answer.text()
    expect(JSON.parse(problem)).toMatchObject({ status: 409, code: 'SERVER_CONFLICT' })
    expect(problem).not.toContain(folder)
  } finally {
    await server.close()
    rmSync(folder, { recursive: true })
  }
})
