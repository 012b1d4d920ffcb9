import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KeyFile } from '../keys/key-file.js'

/** A file of keys that nobody has made yet, in a folder of its own, which goes with it. */
export function temporaryKeys() {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'))
  const file = new KeyFile(join(folder, 'keys.json'))
  return {
    folder,
    file,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Hears nothing. */
export const silent = { info() {}, warn() {}, error() {} }
