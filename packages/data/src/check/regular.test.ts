import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRegular, readText, streamRegular } from '@arcface/files'
import { encodeModel } from '@arcface/onnx'
import { externalModel } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeImage } from '../images/decode.js'
import { readImageList } from '../lists/images.js'
import { readModel } from '../onnx/read.js'
import { openPairs } from '../pairs/open.js'
import { readBin } from '../pairs/read-bin.js'
import { readTorch } from '../weights/torch.js'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-regular-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

describe.skipIf(process.platform === 'win32')('what is no file', () => {
  let pipe: string
  beforeAll(() => {
    pipe = join(dir, 'pipe')
    execFileSync('mkfifo', [pipe])
    symlinkSync(pipe, join(dir, 'link'))
  })

  it('is refused by name: a pipe that nobody writes into, a device, a folder, a socket', async () => {
    const socket = join(dir, 'socket')
    const server = createServer().listen(socket)
    await new Promise((done) => server.once('listening', done))
    for (const [path, kind] of [
      [pipe, 'a named pipe'],
      [join(dir, 'link'), 'a named pipe'],
      ['/dev/zero', 'a device'],
      [dir, 'a folder'],
      [socket, 'a socket'],
    ] as const) {
      const refusal = { code: 'FILES_READ', message: expect.stringContaining(`${path} is ${kind}`) }
      expect(() => readText(path)).toThrow(expect.objectContaining(refusal))
      expect(() => streamRegular(path)).toThrow(expect.objectContaining(refusal))
      await expect(readRegular(path)).rejects.toMatchObject(refusal)
    }
    await new Promise((done) => server.close(done))
  })

  it('holds no reader up', async () => {
    await expect(decodeImage(pipe)).rejects.toMatchObject({ code: 'DATA_IMAGE_UNREADABLE' })
    await expect(readModel(pipe)).rejects.toMatchObject({ code: 'ONNX_UNREADABLE' })
    const model = join(dir, 'model.onnx')
    writeFileSync(model, encodeModel(externalModel('pipe')))
    await expect(readModel(model)).rejects.toMatchObject({
      code: 'ONNX_UNREADABLE',
      message: expect.stringMatching(/its weights.*pipe is a named pipe/),
    })
    for (const read of [readBin, readImageList, readTorch, openPairs])
      expect(() => read(pipe), read.name).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(DATA|FILES)_/) }),
      )
  })
})

describe('a file', () => {
  it('is read whole, in part, up to a limit, and what the file system says stays', async () => {
    const path = join(dir, 'text')
    writeFileSync(path, 'Grüße')
    expect(readText(path)).toBe('Grüße')
    expect((await readRegular(path)).toString()).toBe('Grüße')
    const chunks = await streamRegular(path, { start: 1, end: 3 }).toArray()
    expect(Buffer.concat(chunks).toString()).toBe('rü')
    await expect(readRegular(path, 6)).rejects.toMatchObject({ code: 'FILES_READ' })
    const none = join(dir, 'none')
    const missing = {
      code: 'FILES_READ',
      message: `${none} cannot be read: ENOENT: no such file or directory.`,
      cause: expect.objectContaining({ code: 'ENOENT' }),
    }
    await expect(readRegular(none)).rejects.toMatchObject(missing)
    for (const read of [readText, streamRegular])
      expect(() => read(none), read.name).toThrow(expect.objectContaining(missing))
  })
})
