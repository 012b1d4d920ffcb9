import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeFolders } from '../convert/convert.js'
import { openFolders } from '../folders/folders.js'
import { openRecords } from '../folders/open-records.js'
import { checkImages } from './check.js'

const goldens = fileURLToPath(new URL('../../goldens/generated', import.meta.url))
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-check-'))
  writeFolders(join(dir, 'faces'), openRecords(join(goldens, 'faces.rec')))
})
afterEach(() => rmSync(dir, { recursive: true }))

describe('checkImages', () => {
  it('finds nothing wrong with good data, in folders and in records', async () => {
    for (const path of [join(dir, 'faces'), join(goldens, 'faces.rec')]) {
      const seen: number[] = []
      const onProgress = (done: number) => seen.push(done)
      expect(await checkImages(openFolders([path]), { onProgress })).toEqual({
        people: 3,
        images: 7,
        corrupt: [],
        duplicates: [],
        few: [],
      })
      expect(seen).toEqual([7])
    }
  })

  it('finds corrupt images, copies in any encoding, and people with few images', async () => {
    const face = (name: string) => join(dir, 'faces', name)
    copyFileSync(face('ann/ann_0001.png'), face('ann/copy.png'))
    mkdirSync(face('zoe'))
    await sharp(face('ann/ann_0001.png')).webp({ lossless: true }).toFile(face('zoe/0001.webp'))
    writeFileSync(face('bob/bob_0002.png'), '')
    const { corrupt, duplicates, few } = await checkImages(openFolders([join(dir, 'faces')]), {
      minImages: 3,
    })
    expect(corrupt).toEqual([
      { image: face('bob/bob_0002.png'), message: expect.stringMatching(/bob_0002/) },
    ])
    expect(
      duplicates.map(({ images, people }) => [images.map((x) => basename(x)), people]),
    ).toEqual([
      [
        ['ann_0001.png', 'copy.png', '0001.webp'],
        ['ann', 'zoe'],
      ],
    ])
    expect(few).toEqual([
      { name: 'bob', images: 2 },
      { name: 'eve', images: 2 },
      { name: 'zoe', images: 1 },
    ])
  })

  it('refuses an image bomb by its header', async () => {
    mkdirSync(join(dir, 'bombs/one'), { recursive: true })
    // A PNG that says 60,000 x 60,000 pixels in 45 bytes, and a JPEG of 65,500 x 65,500.
    const png = Buffer.from(
      '89504e470d0a1a0a0000000d494844520000ea600000ea600802000000' + '00'.repeat(16),
      'hex',
    )
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer()
    const frame = jpeg.indexOf(Buffer.from('ffc0', 'hex'))
    jpeg.writeUInt16BE(65500, frame + 5)
    jpeg.writeUInt16BE(65500, frame + 7)
    writeFileSync(join(dir, 'bombs/one/1.png'), png)
    writeFileSync(join(dir, 'bombs/one/2.jpg'), jpeg)
    const before = process.memoryUsage.rss()
    const { corrupt } = await checkImages(openFolders([join(dir, 'bombs')]))
    expect(corrupt).toHaveLength(2)
    expect(corrupt[1]!.message).toMatch(/65500 x 65500/)
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6)
  })
})
