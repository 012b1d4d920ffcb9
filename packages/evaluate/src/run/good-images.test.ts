import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFolders, synthesizeFaces } from '@arcface/data'
import { expect, it } from 'vitest'
import { goodImages } from './good-images.js'

it('lets others have their turn before each batch, as who listens for Ctrl-C', async () => {
  const faces = mkdtempSync(join(tmpdir(), 'good-images-'))
  await synthesizeFaces(faces, { people: 2, imagesPerPerson: 3, seed: 1 })
  let heard = 0
  const turns: number[] = []
  setImmediate(() => heard++)
  for await (const { done } of goodImages(openFolders([faces]).samples, 2)) {
    turns.push(heard)
    if (done < 6) setImmediate(() => heard++)
  }
  expect(turns).toEqual([1, 2, 3])
})
