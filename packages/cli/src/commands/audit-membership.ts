import type { EmbedFn } from '@arcface/evaluate'
import type { AuditedModel, MembershipAudit, MembershipSets } from '@arcface/evaluate/run'
import type { Command } from 'commander'
import { openModel } from '../model/open.js'
import { addPreprocessing, type PreprocessingOptions } from '../model/preprocessing.js'
import { provenanceOf } from '../model/provenance.js'
import { integer } from '../terminal/numbers.js'
import { printable, warn, writeErr, writeOut } from '../terminal/printable.js'
import { progressOf } from '../terminal/progress.js'
import { repeated } from '../terminal/repeated.js'
import { columns } from '../terminal/table.js'
import { percent } from '../terminal/words.js'
import { reportEvents } from './evaluate-shared.js'

interface Options extends PreprocessingOptions {
  model: string
  members?: string[]
  strangers: string[]
  heldOut?: string[]
  control?: string
  replicates: number
  report?: string
  json?: boolean
}

export function register(audit: Command): void {
  const membership = audit
    .command('membership')
    .description('Whether training photographs can be told by how surely a model recognises them')
    .requiredOption('--model <model>', 'a run folder, with its head; an ONNX file or a model pack')
    .option(
      '--members <dir>',
      "aligned faces that it was trained on, person/image.jpg; may be repeated (default: the run's own)",
      repeated,
    )
    .requiredOption(
      '--strangers <dir>',
      'those of people whom it was not trained on; may be repeated',
      repeated,
    )
    .option(
      '--held-out <dir>',
      'other photographs of members, under the same names; may be repeated',
      repeated,
    )
    .option(
      '--control <model>',
      'a network that was trained on none of them: what it tells apart is no membership',
    )
    .option('--replicates <n>', 'draws of people for the intervals', integer, 1000)
    .option('--report <dir>', 'also write report.html, report.json and figures.csv there')
    .option('--json', 'print the result as one JSON object; all figures are fractions')
  addPreprocessing(membership)
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface audit membership --model runs/first --strangers strangers --held-out others --report audit\n' +
        '  $ arcface audit membership --model face.onnx --members train --strangers strangers --control faceplugin',
    )
    .action(run)
}

async function run(options: Options, command: Command): Promise<void> {
  const { control, replicates, report, json } = options
  const { auditMembership, reportMembership } = await import('@arcface/evaluate/run')
  const { folders, sets } = await opened(options, command)
  const model = await openAudited(options)
  try {
    // The control network knows its own preprocessing.
    const other = control === undefined ? undefined : await openModel(control, {})
    try {
      const audit = await auditMembership(sets, model, {
        ...(other && { control: other.embed }),
        replicates,
        onProgress: progressOf(),
      })
      audit.warnings.forEach(warn)
      for (const image of audit.skipped)
        writeErr(`skipped ${printable(image)}: it cannot be decoded\n`)
      writeOut(json ? jsonOf(audit) : await table(audit))
      if (report !== undefined)
        await reportMembership(
          report,
          audit,
          sets,
          { ...folders, control },
          await provenanceOf(options.model),
          reportEvents,
        )
    } finally {
      await other?.close()
    }
  } finally {
    await model.close()
  }
}

async function opened(
  { model, members, strangers, heldOut }: Options,
  command: Command,
): Promise<{
  folders: { members: string[]; strangers: string[]; heldOut?: string[] | undefined }
  sets: MembershipSets
}> {
  const { isRun } = await import('@arcface/recognize')
  const { openFolders } = await import('@arcface/data')
  if (members === undefined && !isRun(model))
    command.error('error: only a run knows what it was trained on; give --members')
  const { readRun, trainedOn } = members
    ? { readRun: null, trainedOn: null }
    : await import('@arcface/train')
  return {
    folders: { members: members ?? readRun!(model).config.data.roots, strangers, heldOut },
    sets: {
      members: members ? openFolders(members) : trainedOn!(model),
      strangers: openFolders(strangers),
      heldOut: heldOut && openFolders(heldOut),
    },
  }
}

async function openAudited(
  options: Options,
): Promise<AuditedModel & { embed: EmbedFn; close(): Promise<void> }> {
  const { isRun } = await import('@arcface/recognize')
  if (!isRun(options.model)) return await openModel(options.model, options)
  const { refusePreprocessing } = await import('../model/open.js')
  await refusePreprocessing(options.model, options)
  return (await import('@arcface/train')).openAuditedRun(options.model)
}

async function table({ rows }: MembershipAudit): Promise<string> {
  const { membershipWords } = await import('@arcface/evaluate')
  const shown = (value: number, interval: { low: number; high: number } | null) =>
    percent(value) + (interval ? ` [${percent(interval.low)}, ${percent(interval.high)}]` : '')
  return [...new Set(rows.map(({ question }) => question))]
    .map((question) => {
      const of = rows.filter((row) => row.question === question)
      const { trained, others, tpr } = of[0]!.figures
      const title = `${membershipWords(of[0]!).question} ${trained.photographs} and ${others.photographs} photographs, ${trained.people} and ${others.people} people\n`
      return (
        title +
        columns([
          ['SCORE', 'AREA UNDER ROC', ...tpr.map(({ fpr }) => `TPR AT FPR ${fpr}`)],
          ...of.map((row) => [
            membershipWords(row).signal,
            shown(row.figures.auc.value, row.figures.auc.interval),
            ...row.figures.tpr.map(({ value, interval }) => shown(value, interval)),
          ]),
        ])
      )
    })
    .join('\n')
}

function jsonOf({ rows, ...rest }: MembershipAudit): string {
  const plain = rows.map(({ figures: { scored, ...figures }, ...row }) => ({ ...row, ...figures }))
  return `${JSON.stringify({ rows: plain, ...rest })}\n`
}
