import { html, htmlPage, htmlTable, lineChart } from '@arcface/evaluate/report'
import { torchVersion } from '@arcface/libtorch'
import { lossStyles } from '../geometry/colours.js'
import type { AblationPlan } from './plan.js'
import type { TrialResult } from './result.js'
import { type AblationTable, accuracyCells, angleCells, spread } from './table.js'

/** One self-contained page: the table beside the paper's, the curves, what is needed to repeat it. */
export function ablationReport(
  plan: AblationPlan,
  table: AblationTable,
  results: readonly TrialResult[],
): string {
  const { header, body } = accuracyCells(table)
  const angles = angleCells(table)
  // A loss with regularisers has the colour of the loss.
  const styles = lossStyles(table.rows.map(({ loss }) => ({ loss: { name: loss.split('+')[0]! } })))
  const { data, model, train } = plan.trials[0]!.config
  const sections = [
    {
      title: 'Verification accuracy',
      html: html`${htmlTable(header, body)}<p>Mean and sample standard deviation over seeds, with flip, after the last step. The paper's figures are of ResNet-50 trained on CASIA (arXiv 1801.07698, table 2).</p>`,
    },
    {
      title: 'Angles, in degrees',
      html: html`${htmlTable(angles.header, angles.body)}<p>Means over seeds, after the last step. W-EC: between a trained centre and the centre of its person's embeddings; W-Inter: from a trained centre to the nearest other; Intra: from an embedding to its person's centre; Inter: from a person's centre to the nearest other. The paper's are of its table 3: 1 is CASIA, which was trained on, 2 is LFW. Compare Inter between losses, not between sets of people.</p>`,
    },
    ...table.sets.map((set) => ({
      title: `Accuracy on ${set} over training`,
      html: lineChart({
        x: { name: 'step', min: 0 },
        y: { name: 'accuracy', percent: true, min: 0.5 },
        series: table.rows.map(({ label }, i) => ({
          name: label,
          ...styles[i],
          points: meanCurve(label, set, results),
        })),
        height: 480,
      }),
    })),
    {
      title: 'What was run',
      html: htmlTable(
        [],
        [
          ['Network', `${model.backbone}, ${model.embedding}-d`],
          ['Trained on', data.roots.join(', ')],
          ['Budget', `${train.epochs} epochs of batches of ${train.batchSize}, ${train.precision}`],
          ['Seeds', plan.seeds.join(', ')],
          ['libtorch', torchVersion],
        ],
      ),
    },
  ]
  return htmlPage('Ablation of losses', sections)
}

/** Mean over seeds at each step that was verified. */
function meanCurve(
  label: string,
  set: string,
  results: readonly TrialResult[],
): [number, number][] {
  const points = results
    .filter((one) => one.label === label)
    .flatMap(({ verified }) => verified.filter((one) => one.set === set))
  const steps = [...new Set(points.map(({ step }) => step))].sort((a, b) => a - b)
  return steps.map((step) => [
    step,
    spread(points.filter((one) => one.step === step).map(({ accuracy }) => accuracy)).mean,
  ])
}
