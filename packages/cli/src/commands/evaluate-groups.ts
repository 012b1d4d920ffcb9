import { statSync } from 'node:fs'
import type { GroupPlan, GroupThreshold } from '@arcface/evaluate/run'
import type { Thresholds } from '@arcface/onnx'
import { type Command, Option } from 'commander'
import { embedFiles } from '../model/embed.js'
import { DEFAULT_MODEL } from '../model/open.js'
import { photographsOf, tellSkipped } from '../model/photographs.js'
import { addPreprocessing, type PreprocessingOptions } from '../model/preprocessing.js'
import { provenanceOf } from '../model/provenance.js'
import {
  addThreshold,
  decisionOf,
  type ThresholdOptions,
  thresholdsIn,
} from '../model/thresholds.js'
import { typed } from '../terminal/hints.js'
import { integer } from '../terminal/numbers.js'
import { warn, writeErr, writeOut } from '../terminal/printable.js'
import { progressOf } from '../terminal/progress.js'
import { repeated } from '../terminal/repeated.js'
import { groupTables } from './evaluate-groups-tables.js'
import { reportEvents } from './evaluate-shared.js'

interface Options extends PreprocessingOptions, Omit<ThresholdOptions, 'fpir'> {
  model: string
  images: string[]
  groups: string
  column?: string[]
  pairs?: string
  minPeople?: number
  farOf?: 'model' | 'images'
  detector?: string
  flip?: boolean
  replicates: number
  report?: string
  out?: string
  json?: boolean
}

export function register(evaluate: Command): void {
  const groups = evaluate
    .command('groups')
    .description('False matches and false non-matches of groups of people, and how they differ')
    .option('--model <model>', 'a model pack, an ONNX file or a run folder', DEFAULT_MODEL)
    .requiredOption('--images <dir>', 'where person/image.jpg lies; may be repeated', repeated)
    .requiredOption(
      '--groups <file>',
      'a table (.csv, .jsonl, .parquet) of people or images and their groups; or a folder of lists of pairs a group, as RFW has them',
    )
    .option(
      '--column <name>',
      'of the table; several with commas are crossed; may be repeated (default: each by itself)',
      repeated,
    )
    .option('--pairs <file>', "only these pairs: a list in the format of LFW's pairs.txt")
    .option(
      '--min-people <n>',
      'leave out groups of fewer people, and those that cannot be measured, instead of refusing them',
      integer,
    )
  addThreshold(groups, { fpir: false })
    .addOption(
      new Option(
        '--far-of <whose>',
        "over whose pairs: the model's own thresholds, or these images' (default: the model's, where it has any)",
      )
        .choices(['model', 'images'])
        .conflicts('threshold'),
    )
    .option(
      '--detector <model>',
      "for photographs: a pack or an ONNX file (default: the model's own)",
    )
    .option('--flip', 'add the embedding of the mirror image')
    .option('--replicates <n>', 'draws of people for the intervals', integer, 1000)
    .option('--out <file>', 'also write the result there as JSON, for a model card')
    .option('--report <dir>', 'also write report.html, report.json and rates.csv there')
    .option('--json', 'print the result as one JSON object; all figures are fractions')
  addPreprocessing(groups)
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface evaluate groups --images people --groups people.csv --column sex --column sex,age\n' +
        '  $ arcface evaluate groups --model face.onnx --images rfw/test/data --groups rfw/test/txts --report rfw',
    )
    .action(run)
}

async function run(options: Options, command: Command): Promise<void> {
  const { images, groups, pairs, out, report, json, replicates } = options
  const isLists = statSync(groups, { throwIfNoEntry: false })?.isDirectory() === true
  if ((pairs !== undefined || isLists) && images.length > 1)
    command.error('error: lists of pairs have one folder of images')
  if (isLists && pairs !== undefined)
    command.error(
      'error: give --groups as a table with --pairs; a folder has its own lists of pairs',
    )
  if (isLists && (options.column?.length ?? 0) > 1)
    command.error('error: a folder of lists has one column, whose name --column may give')
  const { evaluateGroups, reportGroups, sumOfWeights } = await import('@arcface/evaluate/run')
  const { pairsAbove } = await import('@arcface/recognize')
  const { plan, passedOver } = await planOf(options, isLists)
  plan.warnings.forEach(warn)
  const { dim, results, thresholds, close } = await embedFiles(plan.files, {
    ...options,
    faces: 'largest',
    // A list says itself which pairs are to be decided; else poor faces get no verdict.
    ...(plan.list && { anyQuality: true }),
  })
  try {
    const measured = await evaluateGroups(plan, results, dim, {
      threshold: await thresholdOf(options, thresholds),
      pairsAbove,
      replicates,
      onProgress: progressOf(),
    })
    const provenance = await provenanceOf(options.model)
    const model = { name: options.model, sha256: await sumOfWeights(provenance.weights) }
    const result = { model, ...measured.result }
    const skipped = [...passedOver, ...measured.skipped]
    tellSkipped('skipped', skipped, json ? undefined : 20)
    for (const { columns, leftOut } of result.columns)
      if (leftOut.length > 0)
        warn(`${columns.join(', ')}: left out as too small: ${leftOut.join('; ')}`)
    writeOut(json ? `${JSON.stringify({ ...result, skipped })}\n` : await groupTables(result))
    if (out !== undefined) {
      const { writeWhole } = await import('@arcface/files')
      writeWhole(out, `${JSON.stringify(result, null, 2)}\n`)
    }
    if (report !== undefined)
      await reportGroups(
        report,
        measured,
        plan,
        { images, groups, pairs },
        provenance,
        reportEvents,
      )
  } finally {
    await close()
  }
}

interface Planned {
  readonly plan: GroupPlan
  /** What of the folders is no photograph. */
  readonly passedOver: { photo: string; reason: string }[]
}

/** What is to be compared: looked through before a model is opened. */
async function planOf(options: Options, isLists: boolean): Promise<Planned> {
  const { images, groups, pairs, column, minPeople } = options
  const { planAll, planListed, planLists, readGroupTable } = await import('@arcface/evaluate/run')
  const { openPairs, readGroupPairs } = await import('@arcface/data')
  if (isLists)
    return {
      plan: planLists(readGroupPairs(groups, images[0]!), column?.[0] ?? 'group'),
      passedOver: [],
    }
  const table = await readGroupTable(groups)
  const chosen = { columns: column, minPeople }
  if (pairs !== undefined)
    return { plan: planListed(openPairs(pairs, images[0]!), table, chosen), passedOver: [] }
  const { files, passedOver } = await photographsOf(images)
  return { plan: planAll(files, table, chosen), passedOver }
}

/** The cosine given; else at a FAR the model's own, or where it has none that of these images. */
async function thresholdOf(options: Options, own: Thresholds | undefined): Promise<GroupThreshold> {
  const { threshold, far = 1e-3, farOf, thresholds: file } = options
  if (threshold !== undefined) return { cosine: threshold, far: null, from: 'given', source: null }
  const known = file === undefined ? own : await thresholdsIn(file)
  if (farOf === 'images' || (farOf === undefined && known === undefined)) {
    if (farOf === undefined)
      writeErr(`the model names no threshold: that at FAR ${far} of these images is taken\n`)
    return { far }
  }
  const { chooseThreshold } = await import('@arcface/vision')
  const chosen = chooseThreshold(known, { ...decisionOf(options), far })
  if (chosen.warning !== null) warn(typed(chosen.warning))
  return { cosine: chosen.threshold!, far: chosen.far, from: 'model', source: chosen.source }
}
