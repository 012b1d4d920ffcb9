// Packs every room as a release does, and looks whether a stranger could use the packages.
//   node scripts/packages.mjs            what is in the tarballs; needs no network
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentTroubles } from './packages/contents.mjs'
import { pack } from './packages/pack.mjs'
import { rooms } from './packages/rooms.mjs'
import { toolTroubles } from './packages/tools.mjs'

const folder = mkdtempSync(join(tmpdir(), 'arcface-packages-'))
try {
  const packed = await pack(rooms(), folder)
  let troubles = 0
  for (const room of packed) {
    const found = [...contentTroubles(room), ...(await toolTroubles(room))]
    troubles += found.length
    console.log(
      `${room.name.padEnd(22)} ${kB(room.bytes)} packed, ${kB(room.unpacked)} unpacked, ${room.files.length} files`,
    )
    for (const text of found) console.log(`  ${text}`)
  }
  if (troubles > 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}

function kB(bytes) {
  return `${(bytes / 1000).toFixed(0)} kB`.padStart(8)
}
