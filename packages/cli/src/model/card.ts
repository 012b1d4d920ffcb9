import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { CardFacts } from '@arcface/evaluate'
import type { Command } from 'commander'
import { warn } from '../terminal/printable.js'
import { repeated } from '../terminal/repeated.js'

/** What a command is told of the model card that it writes beside an ONNX file. */
export interface CardOptions {
  card: boolean
  licence?: string
  licenceUrl?: string
  figures?: string[]
}

export function addCard(command: Command): Command {
  return command
    .option('--licence <name>', 'for the model card: what whoever uses the model has to keep to')
    .option('--licence-url <url>', 'where the licence stands')
    .option(
      '--figures <path>',
      'for the model card: the folder of an --report, or what evaluate groups --out wrote; several times: all of them',
      repeated,
    )
    .option('--no-card', 'write no model card')
}

export type CardFigures = Pick<CardFacts, 'results' | 'groups'>

/** Read before the work begins, so that a wrong path costs nothing. */
export async function cardFigures({ figures = [] }: CardOptions): Promise<CardFigures> {
  const { readCardFigures } = await import('@arcface/evaluate/run')
  return readCardFigures(figures)
}

/** What is known of a run's training. */
export type CardOfRun = Pick<CardFacts, 'data' | 'training' | 'results' | 'weights'>

/** How a card of ours ends, followed by the sum: it tells whether a person changed what stands above. */
const END = '\n<!-- arcface model card, SHA-256 of what stands above: '

/**
 * Writes the model card of an ONNX file of ours beside it: `face.md` of `face.onnx`. A card that a person has edited stays.
 * @param known of its training, where it is a run's
 * @returns its path; null where none was written
 */
export async function writeCard(
  onnx: string,
  { card, licence, licenceUrl }: CardOptions,
  { results, groups }: CardFigures,
  known: CardOfRun = { data: [], training: [], results: [] },
): Promise<string | null> {
  if (!card) return null
  const { createHash } = await import('node:crypto')
  const { readModelBytes } = await import('@arcface/data/onnx')
  const { modelCard } = await import('@arcface/evaluate')
  const { readText, writeWhole } = await import('@arcface/files')
  const { decodeModel, getMetadata, parseArcfaceMetadata } = await import('@arcface/onnx')
  const path = `${onnx.replace(/\.onnx$/i, '')}.md`
  const sha256 = (of: string | Uint8Array) => createHash('sha256').update(of).digest('hex')
  const sealed = (text: string) => `${text}${END}${sha256(text)} -->\n`
  if (existsSync(path)) {
    const old = readText(path)
    if (old !== sealed(old.slice(0, old.lastIndexOf(END)))) {
      warn(`${path} stays as it is, since somebody wrote in it; take it away for a new model card`)
      return null
    }
  }
  const bytes = await readModelBytes(onnx)
  const text = modelCard({
    ...known,
    name: basename(onnx).replace(/\.onnx$/i, ''),
    licence: licence === undefined ? null : { name: licence, url: licenceUrl },
    file: { name: basename(onnx), bytes: bytes.length, sha256: sha256(bytes) },
    metadata: parseArcfaceMetadata(getMetadata(decodeModel(bytes, onnx)), onnx)!,
    results: [...known.results, ...results],
    groups,
  })
  writeWhole(path, sealed(text))
  return path
}
