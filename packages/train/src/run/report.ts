import type { VerificationResult } from '@arcface/evaluate'
import {
  escapeHtml,
  htmlPage,
  lineChart,
  type Section,
  verificationSections,
} from '@arcface/evaluate/report'
import { torchVersion } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { phases } from '../trainer/clock.js'
import { runPaths, writeWhole } from './folder.js'
import {
  isFailure,
  isStep,
  isVerify,
  type Metrics,
  readMetrics,
  type StepMetrics,
} from './metrics.js'

/** Writes `report.html`: curves of the run and its verification, with what is needed to repeat it. */
export function writeReport(
  run: string,
  config: Config,
  results: readonly { name: string; result: VerificationResult }[],
): void {
  const paths = runPaths(run)
  const lines = readMetrics(paths.metrics)
  const [first, ...rest] = results.map((one) => ({ ...one, name: `${one.name}, with flip` }))
  const verified = first
    ? verificationSections([first, ...rest], {
        facts: [
          ['Network', `${config.model.backbone}, ${config.model.embedding}-d`],
          ['Loss', describeLoss(config)],
          ['Trained on', config.data.roots.join(', ')],
          ['libtorch', torchVersion],
        ],
        command: `arcface train ${paths.config} --set output=${config.output}-again`,
      })
    : []
  const page = htmlPage(`Training of ${config.model.backbone} with ${config.loss.name}`, [
    ...curves(lines),
    ...verified,
  ])
  writeWhole(paths.report, page)
}

/** `arcface, scale 64, margin 0.5`: the name and every setting that is not off. */
const describeLoss = ({ loss: { name, ...settings } }: Config): string =>
  [name, ...Object.entries(settings).flatMap(([key, value]) => setting(key, value))].join(', ')

const setting = (key: string, value: unknown): string[] =>
  value === null || value === 0
    ? []
    : [`${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`]

const DEGREES = 180 / Math.PI

/** A chart with a line each of what the steps have; nothing where they have none of it. */
function chart(title: string, y: string, steps: readonly StepMetrics[], lines: Lines): Section[] {
  const series = Object.entries(lines).map(([name, read]) => ({
    name,
    points: steps.flatMap((one) => {
      const value = read(one)
      return typeof value === 'number' ? [[one.step, value] as const] : []
    }),
  }))
  const found = series.filter(({ points }) => points.length > 0)
  if (found.length === 0) return []
  const html = lineChart({ x: { name: 'step' }, y: { name: y, min: 0 }, series: found })
  return [{ title, html }]
}
type Lines = Record<string, (metrics: Partial<StepMetrics>) => number | null | undefined>

/** Lines of older runs lack some. */
const figures = (steps: readonly StepMetrics[]): Section[] => [
  ...chart("Angle between an embedding and its person's centre", 'degrees', steps, {
    'mean angle': ({ targetAngle }) =>
      typeof targetAngle === 'number' ? DEGREES * targetAngle : null,
  }),
  ...chart('Gradient norms', 'L2 norm', steps, {
    backbone: ({ gradNorm }) => gradNorm,
    head: ({ headGradNorm }) => headGradNorm,
  }),
  ...chart('Speed', 'images a second', steps, {
    'images a second': ({ imagesPerSecond }) => imagesPerSecond,
  }),
  ...chart(
    'Time of a step',
    'milliseconds',
    steps,
    Object.fromEntries(
      phases.map((phase) => [phase, ({ seconds }) => seconds && 1000 * seconds[phase]] as const),
    ) as Lines,
  ),
  ...chart('Resident memory', 'MiB', steps, {
    'resident memory': ({ memory }) => memory && memory / 2 ** 20,
  }),
]

function curves(lines: readonly Metrics[]): Section[] {
  const steps = lines.filter(isStep)
  const verified = lines.filter(isVerify)
  const sections = [
    {
      title: 'Loss',
      html: lineChart({
        x: { name: 'step' },
        y: { name: 'loss', min: 0 },
        series: [{ name: 'training loss', points: steps.map(({ step, loss }) => [step, loss]) }],
      }),
    },
  ]
  sections.push(...figures(steps))
  const failed = lines.filter(isFailure)
  if (failed.length > 0)
    sections.push({
      title: 'Verifications that failed',
      html: failed
        .map(
          ({ step, set, failure }) =>
            `<p>${escapeHtml(`Step ${step}: ${set} could not be measured (${failure}).`)}</p>`,
        )
        .join('\n'),
    })
  const sets = [...new Set(verified.map(({ set }) => set))]
  if (sets.length > 0)
    sections.push({
      title: 'Accuracy on people who were not trained on',
      html: lineChart({
        x: { name: 'step', min: 0 },
        y: { name: 'accuracy', percent: true, min: 0.5 },
        series: sets.map((name) => ({
          name,
          points: verified
            .filter(({ set }) => set === name)
            .map(({ step, accuracy }) => [step, accuracy]),
        })),
      }),
    })
  return sections
}
