// Lays the packages that an image is built from beside its Dockerfile: those that `arcface` needs.
import { mkdirSync, rmSync } from 'node:fs'
import { pack, removeStale } from '../scripts/packages/pack.mjs'
import { needs, rooms } from '../scripts/packages/rooms.mjs'

const folder = new URL('packages', import.meta.url).pathname
const all = new Map(rooms().map((room) => [room.name, room]))
const wanted = new Set()
const want = (name) => {
  const room = all.get(name)
  if (!room || wanted.has(room)) return
  wanted.add(room)
  for (const needed of Object.keys(needs(room.manifest))) want(needed)
}
want('@arcface/cli')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
for (const room of wanted) removeStale(room.folder)
const packed = await pack([...wanted], folder)
for (const { tarball, bytes } of packed) console.log(`${tarball}  ${(bytes / 1e6).toFixed(2)} MB`)
