import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFolders, synthesizeFaces } from '@arcface/data'
import { radians } from '@arcface/evaluate'
import { liveTensors } from '@arcface/libtorch'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import { train } from '../trainer/trainer.js'
import { type CleanResult, cleanRun } from './clean.js'

const room = mkdtempSync(join(tmpdir(), 'clean-'))
const faces = join(room, 'faces')
const out = join(room, 'out')
const config = (name: string, loss: object, list: string | null = null) =>
  checkConfig({
    output: join(room, name),
    data: { roots: [faces], list, augment: { flip: false } },
    model: { backbone: 'r10-small', embedding: 16 },
    loss: { scale: 16, ...loss },
    optimizer: { lr: 0.05 },
    train: { epochs: 12, batchSize: 16, threads: 1 },
  })

const wrong: string[] = []
let result: CleanResult

// Into three of eight folders come images of somebody who is in none of them.
beforeAll(async () => {
  await synthesizeFaces(faces, { people: 8, imagesPerPerson: 16, seed: 1 })
  await synthesizeFaces(join(room, 'others'), { people: 3, imagesPerPerson: 3, seed: 2 })
  const people = readdirSync(faces).sort()
  readdirSync(join(room, 'others'))
    .sort()
    .forEach((other, i) => {
      for (const image of readdirSync(join(room, 'others', other))) {
        const copy = join(faces, people[i]!, `wrong-${image}`)
        copyFileSync(join(room, 'others', other, image), copy)
        wrong.push(copy)
      }
    })
  await train(config('first', { name: 'subcenter-arcface', subcenters: 3, margin: 0.3 }))
  mkdirSync(out)
  result = await cleanRun(join(room, 'first'), { limit: radians(75), out })
}, 120_000)

describe('cleanRun', () => {
  it('counts every image once, and lists each kept or dropped', () => {
    expect(result).toMatchObject({ people: 8, images: 8 * 16 + 9, unreadable: [] })
    expect(result.centres).toHaveLength(8 * 3)
    expect(result.centres.filter(({ dominant }) => dominant)).toHaveLength(8)
    expect(result.centres.reduce((sum, { images }) => sum + images, 0)).toBe(result.images)
    const kept = readFileSync(result.list, 'utf8').trimEnd().split('\n')
    expect(kept.length + result.dropped.length).toBe(result.images)
    const angles = result.dropped.map(({ angle }) => angle)
    expect(angles).toEqual([...angles].sort((a, b) => b - a))
    expect(angles.every((angle) => angle > radians(75))).toBe(true)
    const csv = readFileSync(join(out, 'dropped.csv'), 'utf8').trimEnd().split('\n')
    expect(csv).toHaveLength(1 + result.dropped.length)
    expect(readFileSync(join(out, 'centres.csv'), 'utf8')).toContain('person,centre,images,kept')
  })

  it('finds planted images of other people rather than right ones', () => {
    const found = new Set(result.dropped.map(({ image }) => image))
    const share = (images: readonly string[]) =>
      images.filter((image) => found.has(image)).length / images.length
    const right = openFolders([faces])
      .samples.map(({ path }) => path)
      .filter((path) => !wrong.includes(path))
    expect(share(wrong)).toBeGreaterThan(3 * share(right))
  })

  it('says who an image under a wrong name likely is, in the table and with pictures', () => {
    for (const { person, angle, likely } of result.dropped) {
      if (likely === null) continue
      expect(likely.person).not.toBe(person)
      expect(likely.angle).toBeLessThanOrEqual(radians(75))
      expect(angle).toBeGreaterThan(radians(75))
    }
    const [head, ...lines] = readFileSync(join(out, 'dropped.csv'), 'utf8').trimEnd().split('\n')
    expect(head).toBe('image,person,degrees,nearest centre,likely person,likely degrees')
    result.dropped.forEach(({ likely }, i) => {
      expect(lines[i]!.split(',')[4]).toBe(likely?.person ?? '')
    })
    const page = readFileSync(result.report, 'utf8')
    expect(page.replaceAll(/base64,[^"]*/g, '')).not.toMatch(
      /<script|<link|src="(?!data:)|NaN|undefined/,
    )
    expect(result.dropped.length).toBeGreaterThan(0)
    for (const { image, person, likely } of result.dropped.slice(0, 5)) {
      const section = page.split('<section>').find((part) => part.includes(`title="${image}"`))!
      expect(section).toContain(`Filed under <b>${person}</b>`)
      if (likely) expect(section).toContain(`Likely <b>${likely.person}</b>`)
      // The suspect, and four of each of the people.
      expect(section.match(/<img src="data:image\/jpeg;base64,\/9j/g)).toHaveLength(likely ? 9 : 5)
    }
  })

  it('leaves a list that training takes', async () => {
    const again = config('second', { name: 'arcface' }, result.list)
    const { train: settings } = again
    const done = await train({ ...again, train: { ...settings, epochs: 1 } })
    const steps = Math.floor((result.images - result.dropped.length) / 16)
    expect(done).toMatchObject({ finished: true, steps })
  })

  it('refuses a run with one centre a person, and leaves no tensors behind', async () => {
    const before = liveTensors()
    const options = { limit: radians(75), out }
    await cleanRun(join(room, 'first'), options)
    expect(liveTensors()).toBeLessThanOrEqual(before) // earlier trainings are collected meanwhile
    await expect(cleanRun(join(room, 'second'), options)).rejects.toMatchObject({
      code: 'TRAIN_RUN',
    })
    await expect(cleanRun(room, options)).rejects.toMatchObject({ code: 'TRAIN_RUN' })
  })
})
