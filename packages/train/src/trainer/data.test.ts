import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import { openTrainingData } from './data.js'

it('an image of a person that lies among those of nobody is taken once, with its name', () => {
  const faces = mkdtempSync(join(tmpdir(), 'training-data-'))
  for (const person of ['ada', 'grace']) {
    mkdirSync(join(faces, person))
    for (const image of ['1.jpg', '2.jpg']) writeFileSync(join(faces, person, image), '')
  }
  const others = join(faces, 'ada')
  const open = (unlabelled: string[]) =>
    openTrainingData(
      checkConfig({
        data: { roots: [relative('.', faces)], unlabelled },
        model: { backbone: 'r18' },
        distill: { teacher: '-' },
      }),
    )
  const once = open([others])
  expect(once.samples.map(({ label }) => label)).toEqual([0, 0, 1, 1])
  expect(once.warnings).toEqual([expect.stringMatching(/^2 of the images in data\.unlabelled/)])
  const elsewhere = mkdtempSync(join(tmpdir(), 'training-data-'))
  cpSync(others, elsewhere, { recursive: true })
  const apart = open([elsewhere])
  expect(apart.samples.map(({ label }) => label)).toEqual([0, 0, 1, 1, -1, -1])
  expect(apart.warnings).toEqual([])
})
