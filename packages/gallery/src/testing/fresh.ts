import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach } from 'vitest'
import { type Gallery, openGallery } from '../gallery/gallery.js'
import { testModel } from './model.js'

/**
 * Makes an empty gallery before each test of a file, `gallery` in a folder that is the test's own, and closes it behind it.
 * @param take is given both
 */
export function beforeEachGallery(
  dim: number,
  take: (gallery: Gallery, folder: string) => void | Promise<void>,
): void {
  const room = mkdtempSync(join(tmpdir(), 'gallery-'))
  afterAll(() => rmSync(room, { recursive: true }))
  beforeEach(async () => {
    const folder = mkdtempSync(join(room, 'x-'))
    const gallery = await openGallery(join(folder, 'gallery'), { model: testModel(dim) })
    await take(gallery, folder)
    return () => gallery.close()
  })
}
