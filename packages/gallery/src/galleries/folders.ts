import { randomUUID } from 'node:crypto'
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '@arcface/files'
import { holdsTables } from '../store/place.js'
import { GALLERY_NAME } from './name.js'
import type { Places } from './places.js'

/** Under such a name a gallery is removed: it is gone at once, whatever becomes of the rest. */
const GONE = '.deleted-'

/** Folders below a folder, which are their owner's alone. */
export class Folders implements Places {
  constructor(private readonly root: string) {
    makeFolder(root, 0o700)
    // What a removal cut short has left.
    for (const name of readdirSync(root))
      if (name.startsWith(GONE)) rmSync(join(root, name), { recursive: true, force: true })
  }

  pathOf(name: string): string {
    return join(this.root, name)
  }

  async list(): Promise<string[]> {
    return readdirSync(this.root)
      .filter((name) => GALLERY_NAME.test(name) && holdsTables(this.pathOf(name)))
      .sort()
  }

  async markOf(name: string): Promise<string | undefined> {
    if (!holdsTables(this.pathOf(name))) return undefined
    const { ino, birthtimeMs } = statSync(this.pathOf(name))
    return `${ino} ${birthtimeMs}`
  }

  async prepare(): Promise<void> {}

  async remove(name: string): Promise<void> {
    const gone = join(this.root, GONE + randomUUID())
    renameSync(this.pathOf(name), gone)
    rmSync(gone, { recursive: true, force: true })
  }
}
