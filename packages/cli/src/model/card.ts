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

/** How a card of ours ends; what stands above it may be a person's. */
const END = /\n<!-- arcface model card, SHA-256 of what stands above: ([0-9a-f]{64}) -->\n$/

/**
 * Writes the model card of an ONNX file of ours beside it: `face.md` of `face.onnx`. A card that a person has edited stays.
 * @param known of its training, where it is a run's
 * @returns its path; null where none was written
 */
export async function writeCard(
  onnx: string,
  { card, licence, licenceUrl }: CardOptions,
  { results, groups }: CardFigures,
  known: Pick<CardFacts, 'data' | 'training' | 'results' | 'weights'> | null,
): Promise<string | null> {
  if (!card) return null
  const { createHash } = await import('node:crypto')
  const { stat } = await import('node:fs/promises')
  const { readModel } = await import('@arcface/data/onnx')
  const { modelCard } = await import('@arcface/evaluate')
  const { digestOf, readText, writeWhole } = await import('@arcface/files')
  const { getMetadata, parseArcfaceMetadata } = await import('@arcface/onnx')
  const path = `${onnx.replace(/\.onnx$/i, '')}.md`
  const sum = (text: string) => createHash('sha256').update(text).digest('hex')
  if (existsSync(path)) {
    const old = readText(path)
    const end = END.exec(old)
    if (end === null || sum(old.slice(0, end.index)) !== end[1]) {
      warn(`${path} stays as it is, since somebody wrote in it; take it away for a new model card`)
      return null
    }
  }
  const metadata = parseArcfaceMetadata(getMetadata(await readModel(onnx)), onnx)!
  const text = modelCard({
    name: basename(onnx).replace(/\.onnx$/i, ''),
    licence: licence === undefined ? null : { name: licence, url: licenceUrl },
    file: {
      name: basename(onnx),
      bytes: (await stat(onnx)).size,
      sha256: await digestOf(onnx, 'sha256'),
    },
    metadata,
    weights: known?.weights ?? [],
    data: known?.data ?? [],
    training: known?.training ?? [],
    results: [...(known?.results ?? []), ...results],
    groups,
  })
  writeWhole(
    path,
    `${text}\n<!-- arcface model card, SHA-256 of what stands above: ${sum(text)} -->\n`,
  )
  return path
}
