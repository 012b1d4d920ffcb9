import type { GeometryPage } from '@arcface/train'
import type { Command } from 'commander'
import { isForMachine, tellMachine } from '../terminal/machine.js'
import { integer, seed } from '../terminal/numbers.js'
import { warn, writeErr, writeOut } from '../terminal/printable.js'
import { progressOf } from '../terminal/progress.js'
import { repeated } from '../terminal/repeated.js'

interface Options {
  loss?: string[]
  out: string
  json?: boolean
}

const boundaryLosses = ['norm-softmax', 'sphereface', 'cosface', 'arcface', 'cm1', 'cm2']
const curveLosses = ['softmax', ...boundaryLosses]
const toyLosses = ['softmax', 'norm-softmax', 'cosface', 'arcface']

export function register(program: Command): void {
  const geometry = program
    .command('geometry')
    .description('Draw what the losses do to angles, as pictures and pages to learn from')
    .addHelpText('after', example('curves'))
  for (const add of [curves, boundaries, toy, angles]) add(geometry)
}

function curves(geometry: Command): void {
  common(
    geometry.command('curves').description('Target logit against angle (figure 4 of the paper)'),
    curveLosses,
  )
    .addHelpText('after', example('curves --loss arcface --loss "{name: arcface, margin: 0.3}"'))
    .action(async ({ loss, ...options }: Options) => {
      const { curvesPage, parseLoss, targetCurves } = await import('@arcface/train')
      const found = targetCurves((loss ?? curveLosses).map(parseLoss))
      await finish(curvesPage(found), options, {
        curves: found.map(({ angles, logits, ...named }) => ({
          ...named,
          degrees: inDegrees(angles),
          logits: [...logits],
        })),
      })
    })
}

function boundaries(geometry: Command): void {
  common(
    geometry
      .command('boundaries')
      .description('Decision boundaries of two classes (figure 5), and the gap between them'),
    boundaryLosses,
  )
    .addHelpText('after', example('boundaries --loss cosface --loss arcface'))
    .action(async ({ loss, ...options }: Options) => {
      const { binaryBoundaries, boundariesPage, parseLoss } = await import('@arcface/train')
      const found = binaryBoundaries((loss ?? boundaryLosses).map(parseLoss))
      await finish(boundariesPage(found), options, {
        boundaries: found.map(({ own, other, between, gap, circle, ...named }) => ({
          ...named,
          ownDegrees: inDegrees(own),
          otherDegrees: inDegrees(other),
          betweenDegrees: inDegrees(between),
          gapDegrees: inDegrees(gap),
        })),
      })
    })
}

function toy(geometry: Command): void {
  common(
    geometry
      .command('toy')
      .description('Train eight identities in 2 and 3 dimensions, and watch (figure 3)')
      .option('--seed <n>', 'decides pictures and training', seed, 1)
      .option(
        '--points <n>',
        'the JSON has, in every frame, where the first n patterns of each identity and the centres point',
        integer,
      ),
    toyLosses,
  )
    .addHelpText('after', example('toy --loss norm-softmax --loss arcface --seed 2'))
    .action(
      async ({ loss, seed, points, ...options }: Options & { seed: number; points?: number }) => {
        const { directionsAt, firstRows, parseLoss, runToy, toyPage, toyPlan } = await import(
          '@arcface/train'
        )
        const plan = { ...toyPlan, seed }
        const losses = (loss ?? toyLosses).map(parseLoss)
        const total = losses.length * plan.dims.length
        let done = 0
        const trained = runToy(losses, plan, (label, dim) => {
          if (isForMachine()) tellMachine({ progress: { what: 'trainings', done, total } })
          else writeErr(`training ${label} in ${dim} dimensions\n`)
          done++
        })
        await finish(await toyPage(trained, plan), options, {
          runs: trained.runs.map(({ label, loss, dim, labels, identities, frames, statistics }) => {
            const rows = points === undefined ? [] : firstRows({ labels, identities }, points)
            const directions = (frame: (typeof frames)[number]) => {
              const { points, centres } = directionsAt(frame, rows, dim)
              return { points: shortened(points), centres: centres && shortened(centres) }
            }
            return {
              ...{ label, loss, dim },
              ...(points !== undefined && { identities, labels: rows.map((row) => labels[row]) }),
              frames: frames.map((frame, i) => ({
                step: frame.step,
                ...allInDegrees(statistics[i]!),
                ...(points !== undefined && directions(frame)),
              })),
            }
          }),
        })
      },
    )
}

function angles(geometry: Command): void {
  output(
    geometry
      .command('angles')
      .description('W-EC, W-Inter, Intra and Inter of trained runs (table 3), and histograms')
      .argument('<runs...>', 'folders that "arcface train" wrote')
      .option(
        '--data <dir>',
        'a folder of other people, a folder a person; may be repeated',
        repeated,
        [],
      ),
  )
    .addHelpText('after', example('angles runs/arcface runs/softmax --data faces/test'))
    .action(async (paths: string[], { data, ...options }: Options & { data: string[] }) => {
      const { anglesPage, measureAngles } = await import('@arcface/train')
      const tell = progressOf()
      const onProgress = (what: string, done: number, total: number) =>
        tell(`images of ${what}`, done, total)
      const events = { onProgress, onWarning: warn }
      const runs = []
      for (const path of paths) runs.push(await measureAngles(path, data, events))
      await finish(anglesPage(runs), options, {
        runs: runs.map(({ run, loss, step, centres, sets, history }) => ({
          run,
          loss,
          step,
          ...(centres && allInDegrees(centres)),
          sets: sets.map(({ name, people, images, ...angles }) => ({
            name,
            people,
            images,
            ...allInDegrees(angles),
          })),
          history: history.map(({ step, histogram: { mean, shares } }) => ({
            step,
            ...allInDegrees({ mean }),
            shares: [...shares],
          })),
        })),
      })
    })
}

const allInDegrees = (angles: object): Record<string, number | null> =>
  Object.fromEntries(
    Object.entries(angles).map(([name, angle]) => [
      `${name}Degrees`,
      angle === null ? null : (angle * 180) / Math.PI,
    ]),
  )

/** A tenth of a milliradian is finer than what is drawn. */
const shortened = (directions: Float64Array): number[] =>
  Array.from(directions, (one) => Number(one.toFixed(4)))

/** For JSON, where a NaN becomes null. */
const inDegrees = (angles: Float64Array): number[] =>
  Array.from(angles, (angle) => (angle * 180) / Math.PI)

/** The options of every command that draws losses. */
function common(command: Command, losses: readonly string[]): Command {
  return output(
    command.option(
      '--loss <loss>',
      `a name, or as in a configuration "{name: arcface, margin: 0.3}"; may be repeated (without: ${losses.join(', ')})`,
      repeated,
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
  writeOut(
    json ? `${JSON.stringify({ ...figures, files })}\n` : files.map((file) => `${file}\n`).join(''),
  )
}
