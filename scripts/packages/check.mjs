// What has to be true of every tarball before anybody installs one.
import { join } from 'node:path'
import { contentTroubles } from './contents.mjs'
import { ROOT, readJson } from './rooms.mjs'
import { toolTroubles } from './tools.mjs'

/** Prints a line a package, and what is wrong with it. @returns whether nothing is */
export async function checkPackages(packed) {
  const { version } = readJson(join(ROOT, 'package.json'))
  let good = true
  for (const room of packed) {
    const found = [...contentTroubles(room, version), ...(await toolTroubles(room))]
    console.log(
      `${room.name.padEnd(22)}${kB(room.bytes)} packed${kB(room.unpacked)} unpacked  ${room.files.length} files`,
    )
    for (const text of found) console.error(`  error: ${text}`)
    good &&= found.length === 0
  }
  return good
}

const kB = (bytes) => `${(bytes / 1000).toFixed(0)} kB`.padStart(10)
