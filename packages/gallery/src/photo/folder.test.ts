import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { face } from '@arcface/testing'
import { describe, expect, it } from 'vitest'
import { type Gallery, openGallery } from '../gallery/gallery.js'
import { storeOf } from '../gallery/reader.js'
import { holdsBytes } from '../testing/files.js'
import { beforeEachGallery } from '../testing/fresh.js'
import { testModel } from '../testing/model.js'
import { enrollFolder, type FacesOf } from './folder.js'

const DIM = 32

/** A photograph here is a number, which stands for the face in it. */
const facesOf: FacesOf = async (paths) =>
  paths.map((path) => ({ embedding: face(DIM, Number(readFileSync(path, 'utf8'))) }))
function put(path: string, number: number): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${number}`)
}

let here: string
let gallery: Gallery
beforeEachGallery(DIM, (opened, folder) => {
  gallery = opened
  here = folder
})
const enroll = (name: string, options = {}) =>
  enrollFolder(gallery, join(here, name), facesOf, options)
const people = async () => (await gallery.people()).map(({ name, faces }) => `${name} ${faces}`)
const whose = async (number: number) =>
  (await gallery.identify(face(DIM, number), { threshold: 0.99 })).matches[0]?.name

describe('what is there already is told by content', () => {
  it('a second folder with the same file names adds its faces', async () => {
    put(join(here, 'one/Ada/1.jpg'), 1)
    put(join(here, 'two/Ada/1.jpg'), 2)
    expect(await enroll('one')).toMatchObject({ enrolled: 1, before: 0, replaced: 0 })
    expect(await enroll('two')).toMatchObject({ enrolled: 1, before: 0, replaced: 0 })
    expect(await people()).toEqual(['Ada 2'])
    for (const name of ['one', 'two'])
      expect(await enroll(name)).toMatchObject({ photos: 1, enrolled: 0, before: 1 })
  })

  it('a photograph that was replaced replaces its face, and no byte of the old one stays', async () => {
    put(join(here, 'p/Ada/1.jpg'), 1)
    put(join(here, 'p/Ada/2.jpg'), 2)
    await enroll('p')
    put(join(here, 'p/Ada/1.jpg'), 3)
    expect(await enroll('p')).toMatchObject({ enrolled: 1, replaced: 1, before: 1 })
    expect([await whose(1), await whose(2), await whose(3)]).toEqual([undefined, 'Ada', 'Ada'])
    const isKept = (number: number) => holdsBytes(join(here, 'gallery'), face(DIM, number))
    expect([1, 2, 3].map(isKept)).toEqual([false, true, true])
  })

  it('a folder that was moved, a file that was renamed, a copy: nothing new', async () => {
    put(join(here, 'p/Ada/1.jpg'), 1)
    put(join(here, 'p/Bob/1.jpg'), 2)
    await enroll('p')
    renameSync(join(here, 'p'), join(here, 'q'))
    renameSync(join(here, 'q/Ada/1.jpg'), join(here, 'q/Ada/7.jpg'))
    cpSync(join(here, 'q/Bob/1.jpg'), join(here, 'q/Bob/copy.jpg'))
    expect(await enroll('q')).toMatchObject({ photos: 3, enrolled: 0, before: 3, replaced: 0 })
    expect(await people()).toEqual(['Ada 1', 'Bob 1'])
  })

  it('who was renamed or merged in the gallery does not come back under the name of the folder', async () => {
    put(join(here, 'p/Ada/1.jpg'), 1)
    put(join(here, 'p/ada/2.jpg'), 2)
    await enroll('p')
    await gallery.merge('ada', 'Ada')
    await gallery.rename('Ada', 'Ada Lovelace')
    expect(await enroll('p')).toMatchObject({ enrolled: 0, before: 2 })
    expect(await people()).toEqual(['Ada Lovelace 2'])
  })

  it('several enrolments at once give one face a photograph', async () => {
    for (let i = 0; i < 40; i++) put(join(here, `p/P${i % 4}/${i}.jpg`), i)
    await gallery.enroll([{ person: 'P0', embedding: face(DIM, 99) }])
    const program = `
      import { readFileSync } from 'node:fs'
      import { enrollFolder, openGallery } from '${new URL('../../dist/index.js', import.meta.url)}'
      import { face } from '${import.meta.resolve('@arcface/testing')}'
      const gallery = await openGallery(process.argv[1])
      const { enrolled, before } = await enrollFolder(gallery, process.argv[2], async (paths) =>
        paths.map((path) => ({ embedding: face(${DIM}, Number(readFileSync(path, 'utf8'))) })))
      await gallery.close()
      console.log(enrolled, before)`
    const args = ['--input-type=module', '-e', program, join(here, 'gallery'), join(here, 'p')]
    const outputs = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise<string>((done) => {
            const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
            let text = ''
            child.stdout.on('data', (chunk) => {
              text += chunk
            })
            child.on('close', () => done(text))
          }),
      ),
    )
    const counts = outputs.map((text) => text.trim().split(' ').map(Number))
    for (const [enrolled, before] of counts) expect(enrolled! + before!).toBe(40)
    expect(counts.reduce((sum, [enrolled]) => sum + enrolled!, 0)).toBe(40)
    expect(await people()).toEqual(['P0 11', 'P1 10', 'P2 10', 'P3 10'])
  })

  it('faces of embeddings alone are there already too', async () => {
    const [id] = await gallery.enroll([{ person: 'Ada', embedding: face(DIM, 1) }])
    const again = { person: 'Ada', embedding: face(DIM, 1), source: 'elsewhere' }
    expect(await gallery.add([again, again])).toEqual([
      { id, added: false, replaced: [] },
      { id, added: false, replaced: [] },
    ])
    await expect(
      gallery.enroll([{ id: id!, person: 'Ada', embedding: face(DIM, 2) }]),
    ).rejects.toMatchObject({ code: 'GALLERY_USE' })
    expect(await people()).toEqual(['Ada 1'])
  })

  it('a gallery of before content was kept opens, finds, and doubles nothing', async () => {
    put(join(here, 'p/Ada/1.jpg'), 1)
    await enroll('p')
    // As they were: without the columns that tell content.
    await storeOf(gallery).read(({ faces }) => faces.dropColumns(['photo', 'print', 'origin']))
    await gallery.close()
    gallery = await openGallery(join(here, 'gallery'), { model: testModel(DIM) })
    expect(await whose(1)).toBe('Ada')
    expect(await gallery.duplicates(0.9)).toEqual([])
    const [ada] = await gallery.faces('Ada')
    expect(ada).toMatchObject({ person: 'Ada', source: 'Ada/1.jpg', photo: null })
    expect(await gallery.face(ada!.id)).toEqual(ada)
    put(join(here, 'p/Ada/2.jpg'), 2)
    expect(await enroll('p')).toMatchObject({ enrolled: 1, before: 1 })
    expect(await people()).toEqual(['Ada 2'])
    await gallery.close()
  })
})

describe('faces under another name', () => {
  it('are said: the same photograph, and whoever is alike above the threshold', async () => {
    put(join(here, 'p/Ada/1.jpg'), 1)
    put(join(here, 'p/Bob/1.jpg'), 2)
    put(join(here, 'p/Eve/1.jpg'), 1)
    const { alike, enrolled } = await enroll('p')
    expect(enrolled).toBe(3)
    expect(
      alike
        .map(({ person, other, source, otherSource }) =>
          [person, other, source, otherSource].join(),
        )
        .sort(),
    ).toEqual(['Ada,Eve,Ada/1.jpg,Eve/1.jpg', 'Eve,Ada,Eve/1.jpg,Ada/1.jpg'])
    expect(alike[0]!.similarity).toBeCloseTo(1, 5)
    put(join(here, 'q/Fay/1.jpg'), 3)
    const low = await enroll('q', { alike: -1 })
    expect(low.alike).toMatchObject([{ person: 'Fay', source: 'Fay/1.jpg' }])
    put(join(here, 'q/Gus/1.jpg'), 4)
    expect((await enroll('q')).alike).toEqual([])
  })
})

describe('nothing is left out without a word', () => {
  it('links, endings and loose files are enrolled or named; a bad name stops nobody else', async () => {
    put(join(here, 'elsewhere/Ada/1.jpg'), 1)
    put(join(here, 'p/Bob/1.JPE'), 2)
    put(join(here, 'p/Eve/1.jfif'), 3)
    put(join(here, 'p/Gus/deep/1.bmp'), 4)
    put(join(here, 'p/loose.jpg'), 5)
    put(join(here, 'p/Zoe\nSmith/1.jpg'), 6)
    put(join(here, 'p/Bob/notes.txt'), 7)
    put(join(here, 'p/.trash/1.jpg'), 8)
    put(join(here, 'p/Bob/._1.jpg'), 9)
    symlinkSync(join(here, 'elsewhere/Ada'), join(here, 'p/Ada'))
    symlinkSync(join(here, 'elsewhere/Ada/1.jpg'), join(here, 'p/Gus/2.jpg'))
    symlinkSync('..', join(here, 'p/Gus/deep/up'))
    symlinkSync('nowhere', join(here, 'p/Gus/3.jpg'))
    execFileSync('mkfifo', [join(here, 'p/Gus/4.jpg')])
    mkdirSync(Buffer.concat([Buffer.from(`${join(here, 'p')}/Ren`), Buffer.of(0xe9)]))
    const { skipped, passedOver, ...counts } = await enroll('p')
    expect(counts).toMatchObject({ photos: 6, enrolled: 5, before: 0, finished: true })
    expect(skipped).toEqual([
      { photo: 'Zoe\nSmith/1.jpg', reason: expect.stringContaining('u{a}') },
    ])
    expect(new Map(passedOver.map(({ photo, reason }) => [photo, reason]))).toEqual(
      new Map([
        ['loose.jpg', 'lies in no folder that names a person'],
        ['Bob/notes.txt', 'no photograph by its name'],
        ['Gus/3.jpg', 'a link to nothing'],
        ['Gus/4.jpg', 'neither a file nor a folder'],
        ['Gus/deep/up', 'a link back to a folder that it lies in'],
        ['Ren\ufffd', 'its name is no UTF-8; rename it'],
      ]),
    )
    expect(await people()).toEqual(['Ada 1', 'Bob 1', 'Eve 1', 'Gus 2'])
  })

  it('a folder of loose photographs only says so', async () => {
    put(join(here, 'p/1.jpg'), 1)
    await expect(enroll('p')).rejects.toMatchObject({
      code: 'GALLERY_USE',
      message: expect.stringContaining('"1.jpg": lies in no folder that names a person'),
    })
  })
})
