import { basename } from 'node:path'
import type { ScoredSet } from '@arcface/evaluate'
import type { Command } from 'commander'
import { embedFiles } from '../model/embed.js'
import { openModel } from '../model/open.js'
import { photographsOf, tellSkipped } from '../model/photographs.js'
import { addPreprocessing, type PreprocessingOptions } from '../model/preprocessing.js'
import { provenanceOf } from '../model/provenance.js'
import { warn, writeOut } from '../terminal/printable.js'
import { progressOf } from '../terminal/progress.js'
import { lines } from '../terminal/table.js'
import { acrossOrPairs, addPairSource } from './evaluate-shared.js'

interface Options extends PreprocessingOptions {
  model: string
  detector?: string
  flip?: boolean
  json?: boolean
}

export function register(evaluate: Command): void {
  const scores = addPairSource(
    evaluate
      .command('scores')
      .description(
        'The cosine of every pair, with names and people, as a file: what the studio draws',
      ),
  )
    .requiredOption('--out <file>', 'JSON is written there; of very many pairs a part')
    .option(
      '--detector <model>',
      "for photographs: a pack or an ONNX file (default: the model's own)",
    )
    .option('--flip', 'add the embedding of the mirror image')
    .option('--json', 'print how many pairs there are as one JSON object')
  addPreprocessing(scores)
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface evaluate scores --images lfw --pairs lfw/pairs.txt --out scores.json\n' +
        '  $ arcface evaluate scores --model face.onnx --images strangers --out scores.json',
    )
    .action(run)
}

async function run(options: Options & { out: string }, command: Command): Promise<void> {
  const { set, skipped } = await scoredSet(acrossOrPairs(options, command), options)
  const { out, json } = options
  const { writeWhole } = await import('@arcface/files')
  // It tells of people, and may hold pictures of them.
  writeWhole(out, `${JSON.stringify(set)}\n`, { isPrivate: true })
  const { model, source, genuine, impostors, images, person } = set
  const people = new Set(person).size
  const counts = { genuine, impostors, images: images.length, people }
  writeOut(
    json
      ? `${JSON.stringify({ out, model, source, ...counts, ...(skipped && { skipped }) })}\n`
      : lines([
          ['genuine pairs', `${genuine}`],
          ['impostor pairs', `${impostors}`],
          ['images', `${images.length} of ${people} people`],
          ['written to', out],
        ]),
  )
}

/** Scored pairs, and of photographs those that came to nothing. */
export interface Scored {
  readonly set: ScoredSet
  readonly skipped?: readonly { readonly photo: string; readonly reason: string }[]
}

/** Scores the pairs of a list, or all pairs across the people of folders. */
export async function scoredSet(
  { images, pairs }: { readonly images: readonly string[]; readonly pairs: string | undefined },
  options: Options,
): Promise<Scored> {
  return pairs === undefined ? acrossPeople(images, options) : ofPairs(pairs, images[0], options)
}

async function acrossPeople(folders: readonly string[], options: Options): Promise<Scored> {
  const { scoreAcross } = await import('@arcface/evaluate/run')
  const { pairsAbove } = await import('@arcface/recognize')
  const { files, passedOver } = await photographsOf(folders)
  const source = await sourceOf(options, folders.map((folder) => basename(folder)).join(', '))
  const { dim, results, close } = await embedFiles(files, { ...options, faces: 'largest' })
  try {
    const { set, skipped } = await scoreAcross(results, dim, source, {
      total: files.length,
      pairsAbove,
      onProgress: progressOf(),
    })
    const all = [...passedOver, ...skipped]
    tellSkipped('skipped', all, options.json ? undefined : 20)
    return { set, skipped: all }
  } finally {
    await close()
  }
}

async function ofPairs(
  pairs: string,
  images: string | undefined,
  options: Options,
): Promise<Scored> {
  const { openPairs } = await import('@arcface/data')
  const { scoreList } = await import('@arcface/evaluate/run')
  const list = openPairs(pairs, images)
  const source = await sourceOf(options, basename(pairs))
  const { embed, close } = await openModel(options.model, options)
  try {
    const set = await scoreList(list, embed, source, { onProgress: progressOf() })
    set.warnings.forEach(warn)
    return { set }
  } finally {
    await close()
  }
}

async function sourceOf({ model, flip = false }: Options, source: string) {
  const { sumOfWeights } = await import('@arcface/evaluate/run')
  const { weights } = await provenanceOf(model)
  return { model: { name: model, sha256: await sumOfWeights(weights) }, source, flip }
}
