import type { Command } from 'commander'
import { opened } from '../model/gallery.js'
import type { KeyOptions } from '../model/gallery-key.js'
import { printable, writeOut } from '../terminal/printable.js'
import { columns } from '../terminal/table.js'
import { counted } from '../terminal/words.js'
import { type ReceiptFile, withReceipt } from './gallery-receipt.js'

interface Options extends ReceiptFile, KeyOptions {
  dryRun?: boolean
  at?: Date
  trustClock?: boolean
  json?: boolean
}

/** Erases everybody whose time is over, or tells who that is. */
export async function sweep(path: string, options: Options, command: Command): Promise<void> {
  const { dryRun = false, at, trustClock = false, json } = options
  if (at !== undefined && !dryRun)
    command.error('error: --at goes with --dry-run: people are erased by the clock')
  const asked = { dryRun, trustClock, ...(at && { now: at }) }
  const swept = await withReceipt(path, 'swept', options, command, () =>
    opened(path, options, (gallery) => gallery.sweep(asked)),
  )
  const { now, due, erasure, receipt } = swept
  if (json) {
    writeOut(`${JSON.stringify({ now, due, erased: erasure !== null, erasure, receipt })}\n`)
    return
  }
  const rows = due.map(({ name, faces, at, by }) => [
    ...[printable(name), counted(faces, 'face'), by, at.toISOString()],
  ])
  if (rows.length > 0) writeOut(columns([['PERSON', 'FACES', 'ENDED BY', 'AT'], ...rows]))
  const people = rows.length === 1 ? '1 person' : `${rows.length} people`
  writeOut(dryRun ? `${people} due\n` : `${people} erased\n`)
}
