import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { PairList } from '@arcface/data'
import type { VerificationResult } from '@arcface/evaluate'
import type { NamedResult, PicturedPairs, WorstPair } from '@arcface/evaluate/report'
import { commandLine } from './evaluate-shared.js'

/** What a report tells of beside the figures. */
export interface Measured {
  readonly model: string
  readonly pairs: string
  readonly images: string | undefined
  readonly list: PairList
}

/**
 * Writes report.html, report.json and scores.csv into a folder, which is made where it is missing.
 * @returns the files
 */
export async function writeReport(
  folder: string,
  results: readonly [Named, ...Named[]],
  measured: Measured,
): Promise<string[]> {
  const { pairIntervals, pairSample } = await import('@arcface/evaluate')
  const report = await import('@arcface/evaluate/report')
  const { namesOf, peopleOf } = await import('./evaluate-people.js')
  const { list, pairs } = measured
  const people = peopleOf(list)
  const named = results.map(({ name, result }): NamedResult => {
    const impostors = list.same.filter((label) => label === 0).length
    const sample = pairSample(result.similarities, list.same, list.a, list.b, people)
    const fars = [...Object.keys(result.tarAtFar).map(Number), ...report.farGrid(impostors)]
    return { name, result, intervals: pairIntervals(sample, { fars, folds: list.folds }) }
  }) as [NamedResult, ...NamedResult[]]
  const last = named.at(-1)!.result
  const { falseMatches, misses } = report.worstPairs(last)
  const worst = {
    falseMatches: await pictured(falseMatches, list),
    misses: await pictured(misses, list),
  } satisfies PicturedPairs
  const set = report.publishedSet(basename(pairs))
  const meta = {
    title: `Verification on ${basename(pairs)}`,
    facts: await facts(measured),
    command: commandLine(),
    worst,
    published: { set },
  }
  mkdirSync(folder, { recursive: true })
  const files = {
    'report.html': report.verificationReport(named, meta),
    'report.json': report.verificationJson(named, meta),
    'scores.csv': report.scoresCsv(last, namesOf(list), list.a, list.b),
  }
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  })
}

export interface Named {
  readonly name: string
  readonly result: VerificationResult
}

/** The images as they are stored: aligned faces are small enough to stand in the page. */
async function pictured(worst: readonly WorstPair[], list: PairList) {
  const { encodedImage, imageName } = await import('@arcface/data')
  const picture = (row: number) => {
    const bytes = encodedImage(list.images[row]!)
    const kind = bytes[0] === 0xff ? 'jpeg' : bytes[0] === 0x89 ? 'png' : 'webp'
    const source = `data:image/${kind};base64,${Buffer.from(bytes).toString('base64')}`
    return { name: imageName(list.images[row]!), source }
  }
  return worst.map((one) => ({
    ...one,
    first: picture(list.a[one.pair]!),
    second: picture(list.b[one.pair]!),
  }))
}

async function facts({ model, pairs, images, list }: Measured): Promise<[string, string][]> {
  const { encodedImage } = await import('@arcface/data')
  const data = createHash('sha256')
  for (const image of list.images) data.update(encodedImage(image))
  for (const part of [list.a, list.b, list.same]) data.update(part)
  const file = await modelFile(model)
  const require = createRequire(import.meta.url)
  const { version } = require('../../package.json') as { version: string }
  const cpu = cpus()
  return [
    ['Model', model],
    ['SHA-256 of its weights', `${await hash(file)} (${basename(file)})`],
    ['Pairs', pairs],
    ...(images === undefined ? [] : [['Images', images] as [string, string]]),
    ['Images / pairs / folds', `${list.images.length} / ${list.same.length} / ${list.folds}`],
    ['SHA-256 of images and pairs', data.digest('hex')],
    ['arcface', version],
    ['Node', process.version],
    ['onnxruntime-node', packageVersion('onnxruntime-node')],
    ['sharp', packageVersion('sharp')],
    ['Machine', `${process.platform} ${process.arch}, ${cpu.length} x ${cpu[0]?.model ?? '?'}`],
    ['Date', new Date().toISOString().slice(0, 10)],
  ]
}

/** What holds the weights: an ONNX file itself, of a run folder its best checkpoint's backbone. */
async function modelFile(model: string): Promise<string> {
  if (!statSync(model).isDirectory()) return model
  const { findCheckpoint, weightsFile } = await import('@arcface/train')
  return weightsFile(findCheckpoint(model, 'best'))
}

async function hash(file: string): Promise<string> {
  const sum = createHash('sha256')
  await pipeline(createReadStream(file), sum)
  return sum.digest('hex')
}

/** Read from its package.json, which packages need not export. */
function packageVersion(name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? []
  const file = folders.map((folder) => join(folder, name, 'package.json')).find(existsSync)
  if (file === undefined) return '?'
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
