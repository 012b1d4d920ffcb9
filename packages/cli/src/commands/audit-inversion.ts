import type {
  InversionAudit,
  InversionFigures,
  InversionRow,
  InversionSet,
  InversionSettings,
} from '@arcface/train'
import { type Command, Option } from 'commander'
import { openOnnx, refusePreprocessing } from '../model/open.js'
import {
  addPreprocessing,
  type PreprocessingOptions,
  preprocessingOf,
} from '../model/preprocessing.js'
import { provenanceOf } from '../model/provenance.js'
import { thresholdsIn } from '../model/thresholds.js'
import { interruptible } from '../terminal/interrupt.js'
import { integer, seed } from '../terminal/numbers.js'
import { warn, writeErr, writeOut } from '../terminal/printable.js'
import { progressOf } from '../terminal/progress.js'
import { repeated } from '../terminal/repeated.js'
import { columns } from '../terminal/table.js'
import { percent } from '../terminal/words.js'

interface Options extends PreprocessingOptions {
  model: string
  judge: string
  thresholds?: string
  images: string[]
  people: number
  steps?: number
  set?: InversionSet
  protect: string[]
  start: 'noise' | 'mean'
  seed: number
  out: string
  json?: boolean
}

export function register(audit: Command): void {
  const command = audit
    .command('inversion')
    .description(
      'Draw faces from what a model knows of people, and ask another model whom they show',
    )
    .requiredOption('--model <model>', 'that is attacked: a run, an ONNX file or a pack')
    .requiredOption('--judge <model>', 'that says whom the pictures show: another one')
    .option('--thresholds <file>', 'of the judge, instead of its own (or of those of the images)')
    .requiredOption(
      '--images <dir>',
      'aligned faces, a folder a person; may be repeated. Whom a run was trained on is known by the name',
      repeated,
    )
    .option('--people <n>', 'so many of those it was trained on, and of others', integer, 10)
    .option('--steps <n>', 'of Adam (default: 300)', integer)
    .addOption(
      new Option(
        '--set <which>',
        'closed: by the centres of a run; open: by templates (default: what there is)',
      ).choices(['closed', 'open']),
    )
    .option(
      '--protect <what>',
      'measure a protection beside: folded, rotated, bits=N, dims=N; may be repeated',
      repeated,
      [],
    )
    .addOption(
      new Option('--start <from>', 'what pictures begin with')
        .choices(['noise', 'mean'])
        .default('noise'),
    )
    .option('--seed <n>', 'decides people, noise and shifts', seed, 1)
    .requiredOption('--out <dir>', 'where report.html, inversion.json and the pictures go')
    .option('--json', 'print the result as one JSON object')
  addPreprocessing(command)
    .addHelpText(
      'after',
      '\nFor models and photographs of your own, of people who agreed: the folder then holds their faces.\n\nExample:\n  $ arcface audit inversion --model runs/mine --judge faceplugin --images faces --protect folded --protect rotated --out inversion',
    )
    .action(run)
}

async function run(options: Options, command: Command): Promise<void> {
  const { model, images, out, steps, set, protect, people, start } = options
  const { auditInversion, inversionDefaults, inversionJson, writeInversion } = await import(
    '@arcface/train'
  )
  const { openFolders } = await import('@arcface/data')
  const { factsOf, sumOfWeights } = await import('@arcface/evaluate/run')
  const { makeFolder } = await import('@arcface/files')
  const { pairsAbove } = await import('@arcface/recognize')
  const folders = openFolders(images)
  folders.warnings.forEach(warn)
  const [of, by] = [await provenanceOf(model), await provenanceOf(options.judge)]
  const judgeSum = await sumOfWeights(by.weights)
  if ((await sumOfWeights(of.weights)) === judgeSum)
    command.error('error: a model does not judge itself; name another one as --judge')
  const attacked = await modelOf(options)
  const given =
    options.thresholds === undefined ? undefined : await thresholdsIn(options.thresholds)
  makeFolder(out, 0o700)
  const { embedder, thresholds } = await openOnnx(options.judge, {})
  const judge = {
    embed: (pixels: Uint8Array, n: number) => embedder.features(pixels, n),
    thresholds: given ?? thresholds,
    pairsAbove,
  }
  const write = async (audit: InversionAudit) => {
    const facts = await factsOf(of, {
      data: {
        Judge: options.judge,
        "SHA-256 of the judge's weights": judgeSum,
        Images: images.join(', '),
      },
      images: audit.targets.flatMap((target) => target.images),
      lists: [],
    })
    return await writeInversion(out, audit, facts)
  }
  const settings: InversionSettings = {
    ...inversionDefaults,
    seed: options.seed,
    ...(steps !== undefined && { steps }),
  }
  try {
    const audit = await interruptible((signal) =>
      auditInversion(attacked.path, folders, judge, {
        ...settings,
        ...{ people, protect, start, signal, onWarning: warn, onProgress: progressOf() },
        ...{ sets: set && [set], preprocessing: attacked.preprocessing },
        onResult: async (so) => {
          await write(so)
        },
      }),
    )
    const files = await write(audit)
    if (!audit.finished) {
      writeErr('interrupted: the figures are of what was done until then\n')
      process.exitCode = 1
    }
    const json = inversionJson(audit)
    writeOut(options.json ? `${JSON.stringify({ ...json, files })}\n` : table(json, files))
  } finally {
    await embedder.close()
  }
}

/** What is attacked, as the trainer opens it; says of a model of others how pixels go into it. */
async function modelOf({ model, ...options }: Options) {
  const { isRun, resolveModel } = await import('@arcface/recognize')
  if (isRun(model)) {
    await refusePreprocessing(model, options)
    return { path: model, preprocessing: undefined }
  }
  const { embedder } = await openOnnx(model, options)
  await embedder.close()
  const { path, preprocessing } = await resolveModel(model)
  return { path, preprocessing: preprocessingOf(options) ?? preprocessing }
}

const groups = { member: 'trained on', stranger: 'not trained on', unknown: '-' } as const

function table({ rows, real }: InversionFigures, files: readonly string[]): string {
  const fars = real[0]!.success.map(({ far }) => `TAKEN AT FAR ${far}`)
  const cells = ({
    success,
    cosine,
    strangers,
  }: Omit<InversionFigures['real'][number], 'group'>) => [
    figure(cosine),
    strangers?.toFixed(3) ?? '-',
    ...success.map(({ others }) => inPercent(others)),
  ]
  return `${columns([
    ['ATTACK', 'PROTECTION', 'PEOPLE', "JUDGE'S COSINE", 'WITH OTHERS', ...fars],
    ...rows.map((row) => [
      row.set,
      row.protection,
      `${row.people} ${groups[row.group]}`,
      ...cells(row),
    ]),
    ...real.map((row) => [
      '(real photograph)',
      '',
      `${row.people} ${groups[row.group]}`,
      ...cells(row),
    ]),
  ])}${files.map((file) => `${file}\n`).join('')}`
}

const inPercent = ({ value, interval }: InversionRow['cosine']): string =>
  `${percent(value)}${interval ? ` [${percent(interval.low)}, ${percent(interval.high)}]` : ''}`

const figure = ({ value, interval }: InversionRow['cosine']): string =>
  `${value.toFixed(3)}${interval ? ` [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]` : ''}`
