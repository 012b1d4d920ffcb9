import { html, lineChart, type Section } from '@arcface/evaluate/report'
import type { Config } from '../config/schema.js'
import { isStep, type Metrics, phases, type StepMetrics } from '../run/metrics.js'

const inDegrees = (radians: number | null | undefined) =>
  typeof radians === 'number' ? (180 / Math.PI) * radians : null

/** What the steps of a run measured; older runs lack some. */
export function curves(lines: readonly Metrics[], { loss }: Config, total: number): Section[] {
  const steps = lines.filter(isStep)
  const growing = Math.round(loss.marginWarmup * total)
  const hasMargin = Object.keys(loss).some((key) => /^(margin|m[123])$/.test(key))
  const note =
    growing > 0
      ? `The margin grows from 0 to the whole over the first ${growing} of ${total} steps. Until then the task becomes harder, so that the loss may rise though the training goes well: angle and accuracy tell.`
      : ''
  return [
    ...chart('Loss', 'loss', steps, lossLines(steps), { note }),
    ...chart('Cosine to the teacher', 'cosine', steps, {
      'mean cosine of student and teacher': ({ teacherCosine }) => teacherCosine,
    }),
    ...chart('Learning rate', 'learning rate', steps, { 'learning rate': ({ lr }) => lr }),
    ...(hasMargin || growing > 0
      ? chart(
          'Margin',
          'share of the margin',
          steps,
          { 'share of the margin': ({ marginShare }) => marginShare },
          { note: growing > 0 ? '' : 'It holds as a whole from the first step.', percent: true },
        )
      : []),
    ...chart('Angles between an embedding and the centres', 'degrees', steps, {
      "to its person's centre": ({ targetAngle }) => inDegrees(targetAngle),
      'to the nearest other': ({ otherAngle }) => inDegrees(otherAngle),
    }),
    ...chart('Gradient norms', 'L2 norm', steps, {
      backbone: ({ gradNorm }) => gradNorm,
      head: ({ headGradNorm }) => headGradNorm,
    }),
  ]
}

/** What is minimised, and beside a teacher what it is made of. */
const lossLines = (steps: readonly StepMetrics[]): Lines => ({
  'training loss': ({ loss }) => loss,
  ...(steps.some(({ distillLoss }) => distillLoss !== undefined) && {
    'of the margin loss': ({ marginLoss }) => marginLoss,
    'of distillation, before its weight': ({ distillLoss }) => distillLoss,
  }),
})

/** What the steps cost. */
export function costs(lines: readonly Metrics[]): Section[] {
  const steps = lines.filter(isStep)
  return [
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
}

type Lines = Record<string, (metrics: Partial<StepMetrics>) => number | null | undefined>

/** A chart with a line each of what the steps have; nothing where they have none of it. */
function chart(
  title: string,
  y: string,
  steps: readonly StepMetrics[],
  lines: Lines,
  { note = '', percent = false } = {},
): Section[] {
  const series = Object.entries(lines).map(([name, read]) => ({
    name,
    points: steps.flatMap((one) => {
      const value = read(one)
      return typeof value === 'number' ? [[one.step, value] as const] : []
    }),
  }))
  const found = series.filter(({ points }) => points.length > 0)
  if (found.length === 0) return []
  const axis = { name: y, min: 0, ...(percent && { percent, max: 1 }) }
  const drawn = lineChart({ x: { name: 'step' }, y: axis, series: found })
  return [{ title, html: note === '' ? drawn : html`${drawn}\n<p>${note}</p>` }]
}
