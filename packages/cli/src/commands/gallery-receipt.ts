import { existsSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { ErasureReceipt, ReceiptKey, ReceiptOptions } from '@arcface/gallery'
import type { Command } from 'commander'
import { printable, writeOut } from '../terminal/printable.js'
import { lines } from '../terminal/table.js'
import { counted } from '../terminal/words.js'

export interface ReceiptFile {
  receipt?: string
  receiptKey?: string
}

/** In a gallery's folder. */
const KEY = 'receipts.pem'

export const addReceipt = (command: Command): Command =>
  command
    .option('--receipt <file>', 'write what was searched and destroyed, signed')
    .option(
      '--receipt-key <file>',
      `the key that signs it, made where none is (default: ${KEY} in the gallery's folder)`,
    )

/** Runs an erasure; key and file are there before it, so that it is not done without its receipt. */
export async function withReceipt<T extends { erasure: Parameters<SignReceipt>[0] | null }>(
  path: string,
  why: ReceiptOptions['why'],
  { receipt: to, receiptKey }: ReceiptFile,
  command: Command,
  work: () => Promise<T>,
): Promise<T & { receipt?: ErasureReceipt }> {
  if (to === undefined) return work()
  const { ReceiptKey, receiptOf } = await import('@arcface/gallery')
  const { OutputFile } = await import('@arcface/files')
  if (receiptKey === undefined && !existsSync(path))
    command.error('error: --receipt goes with --receipt-key where the gallery is in no folder')
  const key = await ReceiptKey.open(receiptKey ?? join(path, KEY))
  using file = new OutputFile(to, { isPrivate: true })
  const done = await work()
  if (done.erasure === null) return done
  const receipt = receiptOf(done.erasure, key, { gallery: basename(resolve(path)), why })
  file.write(Buffer.from(`${JSON.stringify(receipt, null, 2)}\n`))
  await file.commitAsync()
  return { ...done, receipt }
}

type SignReceipt = typeof import('@arcface/gallery').receiptOf

export function registerReceipt(gallery: Command): void {
  gallery
    .command('receipt')
    .description('Whether a receipt of an erasure is as it was signed, and what it says')
    .argument('<file>', 'as gallery delete --receipt and gallery sweep --receipt write it')
    .option('--receipt-key <file>', 'of who signed it: says whether it is theirs')
    .option('--person <name>', 'with the key: says whether it is about them')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  $ arcface gallery receipt ada.json --receipt-key people/receipts.pem --person "Ada Lovelace"',
    )
    .action(show)
}

async function show(
  path: string,
  { receiptKey, person, json }: ReceiptFile & { person?: string; json?: boolean },
  command: Command,
): Promise<void> {
  if (person !== undefined && receiptKey === undefined)
    command.error('error: --person goes with --receipt-key: without it nobody can tell')
  const { checkReceipt, fingerprintOf, isAbout } = await import('@arcface/gallery')
  const receipt = checkReceipt(jsonIn(path))
  const key = receiptKey === undefined ? undefined : await openThere(receiptKey, command)
  const own = key && key.publicKey === receipt.key
  const about = key && person !== undefined ? isAbout(receipt, key, person) : undefined
  if (own === false || about === false) process.exitCode = 1
  const signedBy = fingerprintOf(receipt.key)
  if (json) {
    writeOut(`${JSON.stringify({ signed: true, signedBy, own, about, receipt })}\n`)
    return
  }
  writeOut(lines(told(receipt, signedBy)))
  if (own !== undefined) writeOut(own ? 'it is of this key\n' : 'it is of ANOTHER key\n')
  if (about !== undefined) writeOut(`it is ${about ? '' : 'NOT '}about ${printable(person!)}\n`)
}

function told(receipt: ErasureReceipt, signedBy: string): (readonly [string, string])[] {
  const { id, gallery, why, began, ended, people, method, searched, found, beyond } = receipt
  const sum = (of: 'faces' | 'pictures') => people.reduce((total, one) => total + one[of], 0)
  const files =
    searched.files === null ? [] : [`${counted(searched.files, 'file')} of ${searched.bytes} bytes`]
  return [
    ['receipt', `${id}, as it was signed`],
    ['signed by the key', signedBy],
    ['gallery', gallery],
    ['why', why],
    ['began, ended', `${began}, ${ended}`],
    [
      'destroyed',
      `${people.length} people, ${counted(sum('faces'), 'face')}, ${counted(sum('pictures'), 'picture')}: ${method}`,
    ],
    [
      'searched',
      [`${searched.people} rows of people`, `${searched.faces} of faces`, ...files].join(', '),
    ],
    [
      'found afterwards',
      [
        `${found.people} rows of people`,
        `${found.faces} of faces`,
        ...(found.secrets === null ? [] : [`${found.secrets} embeddings and pictures in files`]),
      ].join(', '),
    ],
    ...beyond.map((one) => ['not searched', one] as const),
  ]
}

/** One that is made for the question would tell nothing. */
async function openThere(path: string, command: Command): Promise<ReceiptKey> {
  if (!existsSync(path)) command.error(`error: ${printable(path)}: no such file`)
  const { ReceiptKey } = await import('@arcface/gallery')
  return ReceiptKey.open(path)
}

/** What is no JSON is no receipt. */
function jsonIn(path: string): unknown {
  const text = readFileSync(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
