import type { TrainResult } from '@arcface/train'
import type { Command } from 'commander'
import { percent, withProgress } from '../training.js'

interface Options {
  set: string[]
  resume?: string
  json?: boolean
}

export function register(program: Command): void {
  program
    .command('train')
    .description('Train a network as a YAML configuration says, or go on with a run')
    .argument('[config]', 'the configuration; examples/reference.yaml explains every key')
    .option(
      '--set <key=value>',
      'replace a value of the configuration; may be repeated',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--resume <run>', 'go on with the run in this folder from its latest checkpoint')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  $ arcface train examples/faces-cpu.yaml --set train.epochs=10 --set output=runs/mine',
    )
    .action(async (config: string | undefined, options: Options, command: Command) => {
      if ((config === undefined) === (options.resume === undefined))
        command.error('error: name a configuration, or a run with --resume')
      if (options.resume !== undefined && options.set.length > 0)
        command.error('error: --resume goes on with the configuration of the run; leave --set out')
      const result = await run(config, options)
      print(result, options)
      if (!result.finished) process.exitCode = 1
    })
}

async function run(config: string | undefined, options: Options): Promise<TrainResult> {
  const { loadConfig, resume, train } = await import('@arcface/train')
  return withProgress((events) =>
    options.resume === undefined
      ? train(loadConfig(config ?? '', options.set), events)
      : resume(options.resume, events),
  )
}

function print(result: TrainResult, { json }: Options): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`)
    return
  }
  const { run, step, steps, finished, verification } = result
  for (const { set, accuracy, std } of verification)
    process.stdout.write(`${set}: ${percent(accuracy)} +- ${percent(std)} (with flip)\n`)
  process.stdout.write(
    finished
      ? `done: ${run} (report: ${run}/report.html)\n`
      : `stopped at step ${step} of ${steps}; go on with: arcface train --resume ${run}\n`,
  )
}
