// The rooms as packages: what stands in their package.json, in the order in which they need each other.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')
export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** All workspaces, one that another needs before it. */
export function workspaces() {
  const found = new Map()
  for (const entry of [...readJson(join(ROOT, 'package.json')).workspaces].sort()) {
    const folder = join(ROOT, entry)
    const manifest = readJson(join(folder, 'package.json'))
    found.set(manifest.name, { name: manifest.name, folder, manifest })
  }
  const sorted = new Set()
  const visit = (room) => {
    for (const name of Object.keys(needs(room.manifest)))
      if (found.has(name)) visit(found.get(name))
    sorted.add(room)
  }
  for (const room of found.values()) visit(room)
  return [...sorted]
}

/** Those that are published. */
export const rooms = () => workspaces().filter(({ manifest }) => !manifest.private)

/** What a package may import where it is installed, optional peers too: name to range. */
export const needs = ({ dependencies, peerDependencies, optionalDependencies }) => ({
  ...dependencies,
  ...peerDependencies,
  ...optionalDependencies,
})
