import { statSync } from 'node:fs'
import { extname } from 'node:path'
import type { IjbKind } from '@arcface/data'
import { printable, writeOut } from '../printable.js'
import { countWeights, isWeights, readWeights } from './data-weights.js'

interface Options {
  images?: string
  json?: boolean
}

/** Rows to print, and the same for JSON. */
type Facts = Record<string, string | number | readonly unknown[]>

export async function info(path: string, { images, json }: Options): Promise<void> {
  const { ijbKind, isPairs } = await import('@arcface/data')
  const ending = extname(path).toLowerCase()
  const kind = ending === '.txt' || ending === '.csv' ? ijbKind(path) : null
  const facts = isWeights(ending)
    ? await ofWeights(path)
    : kind !== null
      ? await ofTemplates(path, kind)
      : isPairs(path)
        ? await ofPairs(path, images)
        : await ofPeople(path)
  if (json) {
    writeOut(`${JSON.stringify({ path, ...facts })}\n`)
    return
  }
  // In one piece, for whoever pipes it into `head`.
  writeOut(
    Object.entries(facts)
      .flatMap(([name, value]) =>
        Array.isArray(value)
          ? value.map((one) => `  ${line(one)}\n`)
          : [`${name.padEnd(24)}${printable(value)}\n`],
      )
      .join(''),
  )
}

const line = (value: unknown) =>
  typeof value === 'object' && value !== null
    ? Object.values(value).flat().map(printable).join(' ')
    : printable(value)

async function ofPeople(path: string): Promise<Facts> {
  const { openFolders } = await import('@arcface/data')
  const { classes, samples, ignored, warnings } = openFolders([path])
  const counts = new Uint32Array(classes.length)
  let bytes = 0
  for (const sample of samples) {
    counts[sample.label]!++
    bytes += sample.length ?? statSync(sample.path).size
  }
  counts.sort()
  return {
    identities: classes.length,
    images: samples.length,
    fewestImages: counts[0]!,
    medianImages: counts[counts.length >> 1]!,
    mostImages: counts.at(-1)!,
    bytes,
    ignored: ignored.length,
    warnings,
  }
}

async function ofPairs(path: string, images: string | undefined): Promise<Facts> {
  const { openPairs } = await import('@arcface/data')
  const list = openPairs(path, images)
  const matched = list.same.reduce((sum, same) => sum + same, 0)
  return {
    pairs: list.same.length,
    matched,
    mismatched: list.same.length - matched,
    folds: list.folds,
    images: list.images.length,
  }
}

/** The lists of IJB. */
async function ofTemplates(path: string, kind: IjbKind): Promise<Facts> {
  const data = await import('@arcface/data')
  const distinct = (...lists: Iterable<number | string>[]) => {
    const all = new Set<number | string>()
    for (const list of lists) for (const one of list) all.add(one)
    return all.size
  }
  if (kind === 'media') {
    const { names, templates, media } = data.readTemplateMedia(path)
    return {
      list: 'templates and media',
      images: distinct(names),
      templates: distinct(templates),
      media: distinct(media),
    }
  }
  if (kind === 'pairs') {
    const { a, b, same } = data.readTemplatePairs(path)
    const matched = same.reduce((sum, one) => sum + one, 0)
    return {
      list: 'pairs of templates',
      pairs: same.length,
      matched,
      mismatched: same.length - matched,
      templates: distinct(a, b),
    }
  }
  if (kind === 'subjects') {
    const { templates, subjects } = data.readSubjects(path)
    return {
      list: 'templates and people',
      templates: distinct(templates),
      identities: distinct(subjects),
    }
  }
  const { names, scores } = data.readLandmarks(path)
  return {
    list: 'landmarks and scores',
    images: distinct(names),
    lowestScore: scores.reduce((least, one) => Math.min(least, one)),
  }
}

async function ofWeights(path: string): Promise<Facts> {
  const weights = await readWeights(path)
  return {
    ...countWeights(weights),
    bytes: statSync(path).size,
    list: [...weights].map(([name, { dtype, shape }]) => ({ name, dtype, shape: `[${shape}]` })),
  }
}
