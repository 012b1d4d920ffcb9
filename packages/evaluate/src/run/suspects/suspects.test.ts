import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { imageName, openFolders, synthesizeFaces } from '@arcface/data'
import { IMAGE_BYTES, Random } from '@arcface/vision'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { EmbedFn } from '../../embeddings/embed.js'
import type { Finding, PlacedImage } from '../../suspects/format.js'
import { referenceMatMul } from '../../testing/matmul.js'
import { everyPairAbove } from '../../testing/people.js'
import { assignGroups } from '../groups/assign.js'
import { type Suspects, suspects } from './suspects.js'
import { writeSuspects } from './write.js'

const room = mkdtempSync(join(tmpdir(), 'suspects-'))
const [faces, tested] = [join(room, 'faces'), join(room, 'tested')]
const DIM = 16
const rightToLeft = '\u0639\u0644\u064a'.repeat(40)

/** Noise of its own a picture, in whose first pixel stands whom it shows, and in the second which of the pictures it is. */
async function draw(folder: string, person: string, shows: number, count: number, first = 0) {
  mkdirSync(join(folder, person), { recursive: true })
  for (let i = 0; i < count; i++) {
    const random = new Random(1000 * shows + first + i)
    const pixels = Uint8Array.from({ length: IMAGE_BYTES }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % 112, Math.floor(at / 336)]
      return (
        128 +
        60 * Math.sin(x / 3 + shows) +
        50 * Math.sin(y / (3 + ((i + first) % 17) / 4)) +
        4 * random.normal()
      )
    })
    pixels.set([shows, shows, shows, first + i, 0, 0])
    await sharp(pixels, { raw: { width: 112, height: 112, channels: 3 } })
      .png()
      .toFile(join(folder, person, `${shows}-${first + i}.png`))
  }
}

/** A direction for whom a picture shows, and a little of another for which picture it is. */
const embed: EmbedFn = async (images, n) => {
  const rows = new Float32Array(n * DIM)
  for (let i = 0; i < n; i++) {
    const [shows, which] = [images[i * IMAGE_BYTES]!, images[i * IMAGE_BYTES + 3]!]
    const [whom, one] = [new Random(shows), new Random(777 + 91 * shows + which)]
    for (let d = 0; d < DIM; d++) rows[i * DIM + d] = whom.normal() + 0.3 * one.normal()
  }
  return rows
}

let found: Suspects
const set = () => openFolders([faces])

beforeAll(async () => {
  for (const [i, person] of ['ada', 'bob', 'cyd', 'dee', rightToLeft].entries())
    await draw(faces, person, i + 1, 5)
  await draw(faces, 'ada', 2, 1, 22) // bob under ada's name
  await draw(faces, 'cyd again', 3, 3, 30)
  copyFileSync(join(faces, 'dee/4-1.png'), join(faces, 'dee/copy.png'))
  copyFileSync(join(faces, 'bob/2-1.png'), join(faces, 'ada/of bob.png'))
  writeFileSync(join(faces, 'dee/broken.png'), 'no picture')
  await sharp({ create: { width: 112, height: 112, channels: 3, background: '#040404' } })
    .png()
    .toFile(join(faces, 'dee/black.png'))
  await draw(tested, 'somebody', 5, 3, 60)
  await draw(tested, 'else', 9, 3)
  copyFileSync(join(faces, 'cyd/3-2.png'), join(tested, 'else/of cyd.png'))
  found = await suspects(set(), {
    embed,
    matmul: referenceMatMul,
    pairsAbove: everyPairAbove,
    against: openFolders([tested]),
  })
}, 60_000)

const of = <K extends Finding['kind']>(kind: K) =>
  found.findings.filter((one): one is Extract<Finding, { kind: K }> => one.kind === kind)
const name = ({ path }: PlacedImage) => `${basename(dirname(path))}/${basename(path)}`

describe('suspects', () => {
  it('finds images under a wrong name, and whose they are', () => {
    const wrong = of('label').filter(({ images }) => name(images[0]!) !== 'dee/black.png')
    expect(wrong.map(({ images, move }) => [name(images[0]!), move]).sort()).toEqual([
      ['ada/2-22.png', 'bob'],
      ['ada/of bob.png', 'bob'],
    ])
    for (const { degrees, likely, score } of wrong) {
      expect(likely!.person).toBe('bob')
      expect(score).toBeCloseTo(degrees - likely!.degrees, 2)
      expect(score).toBeGreaterThan(20)
    }
    const examples = new Map(found.examples.map(({ person, images }) => [person, images]))
    for (const image of examples.get('bob')!) expect(name(image)).toMatch(/^bob\/2-/)
    expect(
      examples
        .get('ada')!
        .slice(0, 5)
        .every((one) => name(one).startsWith('ada/1-')),
    ).toBe(true)
  })

  it('finds pictures that are there twice, with the one to keep first', () => {
    expect(of('copy-of-two').map(({ images }) => images.map(name))).toEqual([
      ['bob/2-1.png', 'ada/of bob.png'],
    ])
    expect(of('copy').map(({ images }) => images.map(name).sort())).toEqual([
      ['dee/4-1.png', 'dee/copy.png'],
    ])
    expect(of('shared-picture').map(({ images }) => images.map(name))).toEqual([
      ['cyd/3-2.png', 'else/of cyd.png'],
    ])
  })

  it('finds two folders of one person, the smaller to go into the larger, and who is in the other set', () => {
    expect(of('one-person').map(({ people }) => people)).toEqual([['cyd', 'cyd again']])
    const [overlap, ...more] = of('overlap')
    expect(more).toEqual([])
    expect(overlap!.people).toEqual([rightToLeft, 'somebody'])
    expect(
      overlap!.images.slice(-overlap!.others).every(({ person }) => person === 'somebody'),
    ).toBe(true)
  })

  it('finds what is poor or broken, worst things first', () => {
    expect(
      of('quality').map(({ images, rejected }) => [name(images[0]!), rejected]),
    ).toContainEqual(['dee/black.png', ['blurred', 'crushed']])
    expect(of('unreadable').map(({ images }) => name(images[0]!))).toEqual(['dee/broken.png'])
    expect(found.findings[0]!.kind).toBe('label')
    const scores = of('label').map(({ score }) => score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
  })

  it('takes wrong labels of a run in their place', async () => {
    const image = join(faces, 'dee/4-0.png')
    const far = [{ image, angle: 1.5, likely: { person: 'bob', angle: 0.5 } }]
    const options = { embed, matmul: referenceMatMul, pairsAbove: everyPairAbove, far }
    const { findings } = await suspects(set(), options)
    const labels = findings.filter(({ kind }) => kind === 'label')
    expect(labels).toMatchObject([
      { images: [{ path: image, person: 'dee' }], move: 'bob', score: expect.closeTo(57.296, 2) },
    ])
  })

  it('is written into files of their owner alone, in columns and as NumPy reads them', async () => {
    const out = join(room, 'out')
    const about = { roots: [faces], list: null, model: 'x', run: null, against: tested }
    const table = {
      file: 'g.csv',
      columns: ['site'],
      rows: [{ line: 2, key: 'ada', values: { site: 'A' } }],
    }
    const { values } = assignGroups(table, set().samples.map(imageName))
    await writeSuspects(out, about, set(), found, values)
    const { findings, people } = JSON.parse(readFileSync(join(out, 'suspects.json'), 'utf8'))
    expect(findings).toEqual(JSON.parse(JSON.stringify(found.findings)))
    expect(people).toBe(6)
    const points = JSON.parse(readFileSync(join(out, 'points.json'), 'utf8'))
    const n = found.looked.places.length
    for (const column of ['person', 'path', 'own', 'nearest', 'other', 'sharpness', 'rejected'])
      expect(points[column]).toHaveLength(n)
    const row = points.path.indexOf(join(faces, 'ada/2-22.png'))
    expect(points.people[points.person[row]]).toBe('ada')
    expect(points.people[points.other[row]]).toBe('bob')
    expect(points.groups.site[row]).toBe('A')
    expect(new Set(points.groups.site)).toEqual(new Set(['A', '']))
    expect(points.own[row]).toBeGreaterThan(points.nearest[row])
    for (const [file, width] of [
      ['embeddings.npy', DIM],
      ['components.npy', DIM],
    ] as const) {
      const bytes = readFileSync(join(out, file))
      expect(bytes.toString('latin1', 0, 128)).toContain(`'shape': (${n}, ${width})`)
      expect(bytes).toHaveLength(128 + 4 * n * width)
      expect(statSync(join(out, file)).mode & 0o077).toBe(0)
    }
  })

  it('is of one person, and of images none of which can be decoded', async () => {
    const options = { embed, matmul: referenceMatMul, pairsAbove: everyPairAbove }
    const one = join(room, 'one')
    await draw(one, 'ada', 1, 1)
    expect((await suspects(openFolders([one]), options)).findings).toEqual([])
    const broken = join(room, 'broken')
    mkdirSync(join(broken, 'ada'), { recursive: true })
    writeFileSync(join(broken, 'ada/1.png'), '')
    const none = await suspects(openFolders([broken]), options)
    expect(none.findings.map(({ kind }) => kind)).toEqual(['unreadable'])
    const about = { roots: [broken], list: null, model: 'x', run: null, against: null }
    await writeSuspects(join(room, 'none'), about, openFolders([broken]), none)
  })

  it('ends where it is told to', async () => {
    await synthesizeFaces(join(room, 'drawn'), { people: 2, imagesPerPerson: 2, seed: 1 })
    const signal = AbortSignal.abort(new Error('stop'))
    const options = { embed, matmul: referenceMatMul, pairsAbove: everyPairAbove, signal }
    await expect(suspects(openFolders([join(room, 'drawn')]), options)).rejects.toThrow('stop')
  })
})
