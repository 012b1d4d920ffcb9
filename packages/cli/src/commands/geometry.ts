import type { GeometryPage } from '@arcface/train'
import type { Command } from 'commander'

interface Options {
  loss?: string[]
  out: string
  json?: boolean
}

const curveLosses = ['softmax', 'norm-softmax', 'sphereface', 'cosface', 'arcface', 'cm1', 'cm2']

const boundaryLosses = ['norm-softmax', 'sphereface', 'cosface', 'arcface', 'cm1', 'cm2']

export function register(program: Command): void {
  const geometry = program
    .command('geometry')
    .description('Draw what the losses do to angles, as pictures and pages to learn from')
  common(
    geometry.command('curves').description('Target logit against angle (figure 4 of the paper)'),
    curveLosses,
  )
    .addHelpText('after', example('curves --loss arcface --loss "{name: arcface, margin: 0.3}"'))
    .action(async ({ loss, ...options }: Options) => {
      const { curvesPage, parseLoss, targetCurves } = await import('@arcface/train')
      const curves = targetCurves((loss ?? curveLosses).map(parseLoss))
      await finish(curvesPage(curves), options, {
        curves: curves.map(({ angles, logits, ...named }) => ({
          ...named,
          degrees: inDegrees(angles),
          logits: [...logits],
        })),
      })
    })
  common(
    geometry
      .command('boundaries')
      .description('Decision boundaries of two classes (figure 5), and the gap between them'),
    boundaryLosses,
  )
    .addHelpText('after', example('boundaries --loss cosface --loss arcface'))
    .action(async ({ loss, ...options }: Options) => {
      const { binaryBoundaries, boundariesPage, parseLoss } = await import('@arcface/train')
      const boundaries = binaryBoundaries((loss ?? boundaryLosses).map(parseLoss))
      await finish(boundariesPage(boundaries), options, {
        boundaries: boundaries.map(({ own, other, between, gap, circle, ...named }) => ({
          ...named,
          ownDegrees: inDegrees(own),
          otherDegrees: inDegrees(other),
          betweenDegrees: inDegrees(between),
          gapDegrees: inDegrees(gap),
        })),
      })
    })
}

/** For JSON, where a NaN becomes null. */
const inDegrees = (angles: Float64Array): number[] =>
  Array.from(angles, (angle) => (angle * 180) / Math.PI)

/** The options of every command that draws losses. */
function common(command: Command, losses: readonly string[]): Command {
  return output(
    command.option(
      '--loss <loss>',
      `a name, or as in a configuration "{name: arcface, margin: 0.3}"; may be repeated. without: ${losses.join(', ')}`,
      (value: string, all: string[] | undefined) => [...(all ?? []), value],
    ),
  )
}

const output = (command: Command): Command =>
  command
    .option('--out <dir>', 'where the page and the pictures go', 'geometry')
    .option('--json', 'print the figures and the names of the files as one JSON object')

const example = (line: string) => `\nExample:\n  $ arcface geometry ${line} --out geometry`

async function finish(page: GeometryPage, { out, json }: Omit<Options, 'loss'>, figures: object) {
  const { writeGeometry } = await import('@arcface/train')
  const files = await writeGeometry(out, page)
  process.stdout.write(
    json ? `${JSON.stringify({ ...figures, files })}\n` : files.map((file) => `${file}\n`).join(''),
  )
}
