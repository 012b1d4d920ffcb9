import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isRemote } from '../store/place.js'

/** Makes what LanceDB writes its owner's alone: it takes the rights that the umask gives. */
export class Private {
  readonly #seen = new Set<string>()

  constructor(private readonly where: string) {}

  /** Of what is new since the last call. */
  keep(): void {
    if (isRemote(this.where)) return
    const there = new Set<string>()
    this.#keep(this.where, there)
    for (const path of this.#seen) if (!there.has(path)) this.#seen.delete(path)
  }

  #keep(folder: string, there: Set<string>): void {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name)
      if (!entry.isDirectory() && !entry.isFile()) continue
      there.add(path)
      if (!this.#seen.has(path)) {
        try {
          chmodSync(path, entry.isDirectory() ? 0o700 : 0o600)
        } catch {
          // Gone meanwhile, or another user's, whose it stays.
        }
        this.#seen.add(path)
      }
      if (entry.isDirectory()) this.#keep(path, there)
    }
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
