import type { CheckResult } from '@arcface/data'
import type { NearDuplicate, SharedPerson } from '@arcface/evaluate/run'
import type { Command } from 'commander'
import { openModel } from '../model/open.js'
import type { PreprocessingOptions } from '../model/preprocessing.js'
import { printable, warn, writeOut } from '../terminal/printable.js'
import { progress, progressOf } from '../terminal/progress.js'
import { counted, countedPeople } from '../terminal/words.js'

export interface CheckOptions extends PreprocessingOptions {
  minImages?: number
  images?: string
  againstImages?: string
  against?: string
  near?: number | true
  model?: string
  threshold: number
  out: string
  json?: boolean
}

export async function check(path: string, options: CheckOptions, command: Command): Promise<void> {
  const { near, against, model, threshold, out, json } = options
  if (against !== undefined && model === undefined)
    command.error('error: --against needs --model, by which people are compared')
  if (model !== undefined && against === undefined && near === undefined)
    command.error('error: --model is for --against and --near')
  const { checkImages, isPairs } = await import('@arcface/data')
  const { nearDuplicates, openPeople, sharedPeople } = await import('@arcface/evaluate/run')
  const people = (path: string, images: string | undefined) => {
    const set = openPeople(path, images)
    set.warnings.forEach(warn)
    return set
  }
  const set = people(path, options.images)
  // Whoever stands in pairs of two people only has one image, and needs no second.
  const { minImages = isPairs(path) ? 1 : 2 } = options
  const result = await checkImages(set, { minImages, onProgress: progress('checked') })
  const onProgress = progressOf()
  let alike: NearDuplicate[] | null = null
  let shared: SharedPerson[] | null = null
  const opened = model === undefined ? undefined : await openModel(model, options)
  try {
    if (near !== undefined) {
      const { pairsAbove } = await import('@arcface/recognize')
      alike = await nearDuplicates(set, {
        embed: opened?.embed,
        threshold: near === true ? undefined : near,
        copies: result.duplicates,
        pairsAbove,
        onProgress,
      })
    }
    if (against !== undefined && opened) {
      const other = people(against, options.againstImages)
      const { onnxMatMul } = await import('@arcface/recognize')
      const { embed } = opened
      const matmul = onnxMatMul()
      shared = await sharedPeople(set, other, { embed, matmul, threshold, onProgress })
    }
  } finally {
    await opened?.close()
  }
  if (shared) {
    const { writeWhole } = await import('@arcface/files')
    const { csvText } = await import('@arcface/evaluate/report')
    const heading = ['cosine', 'person', 'image', 'other person', 'other image']
    writeWhole(out, csvText(heading, csvRows(shared)))
  }
  const found =
    result.corrupt.length +
    result.duplicates.length +
    result.few.length +
    (alike?.length ?? 0) +
    (shared?.length ?? 0)
  if (found > 0) process.exitCode = 1
  writeOut(
    json
      ? `${JSON.stringify({ path, ...result, near: alike, shared, out: shared && out })}\n`
      : page(result, minImages) +
          (alike === null ? '' : list('alike, perhaps one picture', alike.map(line))) +
          (shared === null
            ? ''
            : `people of ${against} who are here too (cosine above ${threshold}): ${shared.length}; list in ${out}\n`),
  )
}

function page({ people, images, corrupt, duplicates, few }: CheckResult, minImages: number) {
  return (
    `${counted(images, 'image')} of ${countedPeople(people)}\n` +
    list(
      'corrupt',
      corrupt.map(({ image, message }) => `${image}: ${message}`),
    ) +
    list(
      'copies of one image',
      duplicates.map((group) => `${group.people.join(' and ')}: ${group.images.join(', ')}`),
    ) +
    list(
      `people with fewer than ${minImages} images`,
      few.map(({ name, images: count }) => `${name} ${count}`),
    )
  )
}

const list = (title: string, lines: string[]) =>
  `${title}: ${lines.length}\n${lines.map((text) => `  ${printable(text)}\n`).join('')}`

const line = ({ cosine, images, people }: NearDuplicate) =>
  `${cosine.toFixed(4)} ${people.join(' and ')}: ${images.join(', ')}`

const csvRows = (shared: readonly SharedPerson[]) =>
  shared.map(({ cosine, person, image, other, otherImage }) => [
    cosine.toFixed(4),
    person,
    image,
    other,
    otherImage,
  ])
