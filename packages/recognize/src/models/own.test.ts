import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tinyModel } from '@arcface/testing'
import { manifestSchema } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { copyPack } from './copy.js'
import { openModel } from './open.js'
import { ownPack } from './own.js'
import { pullPack } from './pull.js'

const room = mkdtempSync(join(tmpdir(), 'own-'))
const cache = join(room, 'cache')
const file = join(room, 'my face.onnx')
writeFileSync(file, tinyModel({}))
const licence = { name: 'MIT', url: 'https://example.org', commercial: true }

describe('ownPack', () => {
  it('makes a name of a file, with what stands beside it of its pixels', async () => {
    writeFileSync(`${file}.json`, JSON.stringify({ mean: 3, std: 5 }))
    const pack = await ownPack(file, { name: 'mine', licence })
    const { folder } = await pullPack(pack, { cache })
    expect(readFileSync(join(folder, 'embedder.onnx'))).toEqual(readFileSync(file))
    const { embedder } = await openModel('mine', { cache })
    expect(embedder.preprocessing).toMatchObject({ mean: [3, 3, 3], std: [5, 5, 5] })
    await embedder.close()
  })

  it('describes what is installed anew, where the file is the same', async () => {
    const preprocessing = { colorOrder: 'BGR' } as const
    const pack = await ownPack(file, { name: 'mine', licence, preprocessing })
    await pullPack(pack, { cache })
    const { embedder } = await openModel('mine', { cache })
    expect(embedder.preprocessing).toMatchObject({ colorOrder: 'BGR', mean: [3, 3, 3] })
    await embedder.close()
  })

  it('may not be used commercially where nobody states a licence', async () => {
    const pack = await ownPack(file, { name: 'other' })
    expect(pack.licence).toMatchObject({ name: 'not stated', commercial: false })
    await expect(pullPack(pack, { cache })).rejects.toMatchObject({ code: 'RECOGNIZE_LICENCE' })
  })

  it('is laid beside a page without a word of where it came from here', async () => {
    const pack = await ownPack(file, { name: 'shown' })
    const folder = join(room, 'public')
    await copyPack(await pullPack(pack, { cache, acceptLicence: true }), folder)
    const text = readFileSync(join(folder, 'pack.json'), 'utf8')
    expect(text).not.toContain(room)
    const { pack: shown, files } = manifestSchema.parse(JSON.parse(text))
    expect(shown.licence.url).toBe('file:///my%20face.onnx')
    expect(shown.downloads[0]!.sources).toEqual([{ kind: 'file', path: 'my face.onnx' }])
    expect(shown.embedder).toEqual(pack.embedder)
    expect(Object.keys(files)).toEqual(['embedder.onnx'])
  })

  it('says what to do about a damaged one, of which the list knows no source', async () => {
    const { folder } = await pullPack(await ownPack(file, { name: 'hurt', licence }), { cache })
    writeFileSync(join(folder, 'embedder.onnx'), 'x')
    await expect(openModel('hurt', { cache })).rejects.toMatchObject({
      code: 'RECOGNIZE_CHECKSUM',
      hint: expect.stringMatching(/from what it was installed from/),
    })
    await pullPack(await ownPack(file, { name: 'hurt', licence }), { cache })
    await (await openModel('hurt', { cache })).embedder.close()
  })

  it('refuses names of the list and of folders, and what is no embedder', async () => {
    const refused = (name: string) => expect(ownPack(file, { name })).rejects
    await refused('faceplugin').toMatchObject({ code: 'RECOGNIZE_PACK' })
    await refused('../mine').toMatchObject({ code: 'RECOGNIZE_PACK' })
    const text = join(room, 'text.onnx')
    writeFileSync(text, 'no model')
    await expect(ownPack(text, { name: 'text' })).rejects.toMatchObject({
      code: 'ONNX_NOT_A_MODEL',
    })
  })
})
