import { copyFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { checkImages } from '@arcface/data'
import { beforeAll, describe, expect, it } from 'vitest'
import { referenceMatMul } from '../testing/matmul.js'
import { everyPairAbove } from '../testing/people.js'
import { embedColours, pictures } from '../testing/pictures.js'
import { nearDuplicates } from './near.js'
import { openPeople } from './people.js'
import { sharedPeople } from './shared.js'

let [here, there] = ['', '']
beforeAll(async () => {
  here = await pictures({
    'ada/1.png': { of: 'ada' },
    'ada/2.png': { of: 'ada', shade: 60 },
    'bob/1.png': { of: 'bob' },
    'cyd/1.png': { of: 'cyd', shade: 10 },
    'cyd/2.png': { of: 'ada', shade: 1 },
  })
  copyFileSync(join(here, 'bob/1.png'), join(here, 'bob/copy.png'))
  writeFileSync(join(here, 'bob/broken.png'), 'no picture')
  there = await pictures({
    'x/1.png': { of: 'bob', shade: 30 },
    'y/1.png': { of: 'dee' },
    'z/1.png': { of: 'cyd', shade: 20 },
  })
})

const names = (images: readonly string[]) =>
  images.map((image) => `${image.split('/').at(-2)}/${basename(image)}`).sort()

describe('nearDuplicates', () => {
  it('finds what is nearly one picture, by a model, and not the copies that are known', async () => {
    const set = openPeople(here)
    const { duplicates: copies } = await checkImages(set)
    const told: [string, number, number][] = []
    const found = await nearDuplicates(set, {
      embed: embedColours,
      threshold: 0.999,
      copies,
      pairsAbove: everyPairAbove,
      onProgress: (...all) => told.push(all),
    })
    expect(found.map(({ images, people }) => [names(images), people])).toEqual([
      [
        ['ada/1.png', 'cyd/2.png'],
        ['ada', 'cyd'],
      ],
    ])
    expect(told).toEqual([['seen', 7, 7]])
    const all = await nearDuplicates(set, {
      embed: embedColours,
      threshold: 0.999,
      pairsAbove: everyPairAbove,
    })
    expect(all.map(({ images }) => names(images))).toContainEqual(['bob/1.png', 'bob/copy.png'])
    expect([...all].sort((a, b) => b.cosine - a.cosine)).toEqual(all)
  })

  it('ends at the signal, with its reason', async () => {
    const stop = new AbortController()
    const onProgress = () => stop.abort(new Error('enough'))
    const work = nearDuplicates(openPeople(here), {
      pairsAbove: everyPairAbove,
      signal: stop.signal,
      onProgress,
    })
    await expect(work).rejects.toThrow('enough')
  })
})

describe('sharedPeople', () => {
  it('names who is in both sets, whatever they are called', async () => {
    const [set, other] = [openPeople(here), openPeople(there)]
    const shared = (threshold: number) =>
      sharedPeople(set, other, { embed: embedColours, matmul: referenceMatMul, threshold })
    // Cyd's two pictures are of two people: their mean is like neither.
    expect((await shared(0.95)).map(({ person, other }) => [person, other])).toEqual([['bob', 'x']])
    const all = await shared(-1)
    expect(all).toHaveLength(9)
    expect(all[0]).toMatchObject({
      person: 'bob',
      image: join(here, 'bob/1.png'),
      otherImage: join(there, 'x/1.png'),
    })
    expect(
      await sharedPeople(
        set,
        { classes: [], samples: [] },
        {
          embed: embedColours,
          matmul: referenceMatMul,
          threshold: 0,
        },
      ),
    ).toEqual([])
  })
})

describe('openPeople', () => {
  it('knows the people of pairs by their folders', () => {
    const list = join(here, 'pairs.txt')
    writeFileSync(list, 'ada/1.png ada/2.png 1\nada/1.png bob/1.png 0\n')
    const { classes, samples, warnings } = openPeople(list, here)
    expect(classes).toEqual(['ada', 'bob'])
    expect(samples.map(({ label }) => label)).toEqual([0, 0, 1])
    expect(warnings).toEqual([])
  })
})
