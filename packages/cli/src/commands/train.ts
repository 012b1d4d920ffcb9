import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainResult } from '@arcface/train'
import type { Command } from 'commander'
import { withProgress } from '../launch/display.js'
import { endWithParent, runRanks } from '../launch/ranks.js'
import { withFiles } from '../model/training.js'
import { integer } from '../terminal/numbers.js'
import { writeOut } from '../terminal/printable.js'
import { repeated } from '../terminal/repeated.js'
import { percent } from '../terminal/words.js'

interface Options {
  set: string[]
  resume?: string
  nproc?: number
  profile?: boolean
  check?: boolean
  schema?: boolean
  json?: boolean
}

export function register(program: Command): void {
  program
    .command('train')
    .description('Train a network as a YAML configuration says, or go on with a run')
    .argument('[config]', 'the configuration; examples/reference.yaml explains every key')
    .option(
      '--set <key=value>',
      'replace a value of the configuration, with --resume of verify, checkpoint or train.epochs; may be repeated',
      repeated,
      [],
    )
    .option('--resume <run>', 'go on with the run in this folder from its latest checkpoint')
    .option('--nproc <n>', 'train with so many processes on this machine', integer)
    .option('--profile', 'record three steps, operator by operator, into profile.json of the run')
    .option('--check', 'only check the configuration, and print it with every value')
    .option('--schema', 'print what a configuration may hold, as JSON Schema, and examples')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  $ arcface train examples/faces-cpu.yaml --set train.epochs=10 --set output=runs/mine',
    )
    .action(async (config: string | undefined, options: Options, command: Command) => {
      if (options.schema) {
        const { describeConfig } = await import('@arcface/train')
        writeOut(`${JSON.stringify(describeConfig())}\n`)
        return
      }
      if ((config === undefined) === (options.resume === undefined))
        command.error('error: name either a configuration, or a run with --resume')
      if (options.check) {
        await check(config, options, command)
        return
      }
      if (options.nproc !== undefined && options.nproc > 1) {
        process.exitCode = await runRanks(options.nproc, ownArguments(config, options))
        return
      }
      endWithParent()
      const result = await run(config, options)
      const { readLaunch } = await import('@arcface/libtorch')
      const launch = readLaunch(process.env)
      if ((launch?.rank ?? 0) > 0) return
      // With as many processes it goes on to the same bits.
      print(result, options, launch?.masterFile === undefined ? '' : ` --nproc ${launch.worldSize}`)
      if (!result.finished) process.exitCode = 1
    })
}

async function check(config: string | undefined, { set, json }: Options, command: Command) {
  if (config === undefined) command.error('error: --check is for a configuration')
  const { formatConfig, loadConfig } = await import('@arcface/train')
  const checked = await withFiles(loadConfig(config, set))
  writeOut(json ? `${JSON.stringify(checked)}\n` : formatConfig(checked))
}

/** The command again, for one of several processes. */
const ownArguments = (
  config: string | undefined,
  { set, resume, profile, json }: Options,
): string[] => [
  'train',
  ...(config === undefined ? [] : [config]),
  ...set.flatMap((one) => ['--set', one]),
  ...(resume === undefined ? [] : ['--resume', resume]),
  ...(profile ? ['--profile'] : []),
  ...(json ? ['--json'] : []),
]

async function run(config: string | undefined, options: Options): Promise<TrainResult> {
  const { loadConfig, resume, train } = await import('@arcface/train')
  const { profile = false } = options
  return withProgress(async (events) =>
    options.resume === undefined
      ? train(await withFiles(loadConfig(config ?? '', options.set)), { ...events, profile })
      : resume(options.resume, { ...events, profile }, options.set),
  )
}

function print(result: TrainResult, { json }: Options, nproc: string): void {
  if (json) {
    writeOut(`${JSON.stringify(result)}\n`)
    return
  }
  const { run, step, steps, finished, verification } = result
  const report = join(run, 'report.html')
  for (const { set, accuracy, std, step: at } of verification)
    writeOut(`${set}: ${percent(accuracy)} +- ${percent(std)} (with flip, after step ${at})\n`)
  writeOut(
    finished
      ? `done: ${run} (report: ${report})\n`
      : `stopped at step ${step} of ${steps}; go on with: arcface train --resume ${run}${nproc}\n`,
  )
  // One that was interrupted before its first step has none.
  if (!finished && existsSync(report)) writeOut(`report: ${report}\n`)
}
