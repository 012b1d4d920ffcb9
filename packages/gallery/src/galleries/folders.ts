import { randomUUID } from 'node:crypto'
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '@arcface/files'
import { markOf } from '../store/made.js'
import { holdsTables } from '../store/place.js'
import { destroyKeys } from '../vault/key-file.js'
import { exists, GALLERY_NAME } from './name.js'
import type { Place, Places } from './places.js'

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

  async list(): Promise<string[]> {
    return readdirSync(this.root)
      .filter((name) => GALLERY_NAME.test(name) && holdsTables(join(this.root, name)))
      .sort()
  }

  async find(name: string): Promise<Place | undefined> {
    const path = join(this.root, name)
    if (!holdsTables(path)) return undefined
    const { ino, birthtimeMs } = statSync(path)
    // One that was encrypted or turned is opened anew.
    return { path, mark: `${ino} ${birthtimeMs} ${markOf(path)}` }
  }

  async make(name: string, make: (path: string) => Promise<void>): Promise<void> {
    const path = join(this.root, name)
    if (holdsTables(path)) throw exists(name)
    await make(path)
  }

  async remove(name: string): Promise<void> {
    const gone = join(this.root, GONE + randomUUID())
    renameSync(join(this.root, name), gone)
    destroyKeys(gone)
    rmSync(gone, { recursive: true, force: true })
  }

  close(): void {}
}
