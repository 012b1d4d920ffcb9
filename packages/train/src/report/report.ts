import { basename } from 'node:path'
import {
  html,
  htmlPage,
  htmlTable,
  lines as inLines,
  lineChart,
  type Section,
  verificationSections,
} from '@arcface/evaluate/report'
import { torchVersion } from '@arcface/libtorch'
import { runPaths, writeWhole } from '../run/folder.js'
import { isFailure, isVerify, type Metrics, readMetrics } from '../run/metrics.js'
import { overlapSentence } from '../verification/overlap.js'
import { costs, curves } from './curves.js'
import { dataRows, trainingRows } from './facts.js'
import type { RunStory } from './story.js'

/**
 * Writes `report.html`, of a run that is finished or not: what it reached first, then its curves, data and settings, the
 * last verification in full, and what is needed to repeat it.
 */
export function writeReport(run: string, story: RunStory): void {
  const { config, step, steps, stopped, last } = story
  const paths = runPaths(run)
  const lines = [...readMetrics(paths.metrics), ...(last ? [last] : [])]
  const { distill, loss, model } = config
  const taught = distill ? [`a teacher, ${basename(distill.teacher)}`] : []
  const by = [...(loss.name === 'none' ? [] : [loss.name]), ...taught].join(' and ')
  const page = htmlPage(`Training of ${model.backbone} with ${by}`, [
    accuracy(lines, story, stopped ?? `Finished: ${step} of ${steps} steps.`),
    ...curves(lines, config, steps),
    { title: 'Data and people', html: htmlTable([], dataRows(story)) },
    { title: 'Training', html: htmlTable([], trainingRows(story)) },
    ...measured(story),
    ...costs(lines),
    {
      title: 'To repeat it',
      html: html`<pre>arcface train ${paths.config} --set output=${config.output}-again</pre>`,
    },
  ])
  writeWhole(paths.report, page)
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`
const paragraph = (text: string) => html`<p>${text}</p>`

/** What was reached on each set, what that is worth, and how it came about. */
function accuracy(lines: readonly Metrics[], { overlap }: RunStory, state: string): Section {
  const verified = lines.filter(isVerify)
  const sets = [...new Set(verified.map(({ set }) => set))]
  const rows = sets.map((name) => {
    const own = verified.filter(({ set }) => set === name)
    const last = own.at(-1)!
    const best = own.reduce((most, one) => (one.accuracy > most.accuracy ? one : most))
    const tar = last.tarAtFar['1e-3']
    return [
      name,
      `${percent(last.accuracy)} ± ${percent(last.std)}`,
      last.auc.toFixed(4),
      tar === undefined ? '–' : percent(tar),
      String(last.step),
      `${percent(best.accuracy)} (step ${best.step})`,
    ]
  })
  const header = ['Set', 'Accuracy', 'AUC', 'TAR at FAR 1e-3', 'After step', 'Highest']
  const table =
    rows.length > 0
      ? htmlTable(header, rows)
      : paragraph(
          'Nothing was measured: verify.sets names people who are not trained on, and how well they are told apart.',
        )
  const failures = lines
    .filter(isFailure)
    .map(({ step, set, failure }) => `Step ${step}: ${set} could not be measured (${failure}).`)
  const worth = overlap.map((one) => {
    const sentence = overlapSentence(one)
    if (sentence !== null) return `${one.set}: ${sentence}.`
    return one.shared === null
      ? `${one.set}: by name nobody of it was found in the training data; its images were not looked for among so many.`
      : `${one.set}: nobody and no image of it was found in the training data.`
  })
  const chart =
    verified.length > sets.length
      ? lineChart({
          x: { name: 'step', min: 0 },
          y: { name: 'accuracy', percent: true, min: 0.5 },
          series: sets.map((name) => ({
            name,
            points: verified
              .filter(({ set }) => set === name)
              .map(({ step, accuracy: value }) => [step, value] as const),
          })),
        })
      : ''
  const texts = [state, ...worth, ...failures].map(paragraph)
  return { title: 'Accuracy on the verification sets', html: inLines([table, chart, ...texts]) }
}

/** The last verification in full. */
function measured({ config, found, measuredAt }: RunStory): Section[] {
  const [first, ...rest] = found.map((one) => ({ ...one, name: `${one.name}, with flip` }))
  if (!first) return []
  return verificationSections([first, ...rest], {
    facts: [
      [
        'Network',
        `${config.model.backbone}, ${config.model.embedding}-d, after step ${measuredAt}`,
      ],
      ['Embedding', 'of the image and of its mirror image, added'],
      ['libtorch', torchVersion],
    ],
  })
}
