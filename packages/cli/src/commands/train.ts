import type { TrainEvents, TrainResult } from '@arcface/train'
import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'

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
  const interrupt = new AbortController()
  const onInterrupt = () => {
    process.stderr.write('\nInterrupted: finishing this step and saving ...\n')
    interrupt.abort()
  }
  process.once('SIGINT', onInterrupt)
  process.once('SIGTERM', onInterrupt)
  const display = progress()
  try {
    const events = { ...display.events, signal: interrupt.signal }
    return options.resume === undefined
      ? await train(loadConfig(config ?? '', options.set), events)
      : await resume(options.resume, events)
  } finally {
    display.stop()
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onInterrupt)
  }
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`

/** A bar on a terminal, a line every so often elsewhere; on stderr. */
function progress(): { events: TrainEvents; stop(): void } {
  const bar = new SingleBar({
    format:
      '{bar} {value}/{total} | loss {loss} | lr {lr} | {speed} images/s | {eta_formatted} left',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    etaBuffer: 100,
    hideCursor: true,
  })
  const say = (line: string) =>
    process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${line}\n`)
  const events: TrainEvents = {
    onStart: ({ people, images, parameters, step, steps, threads }) => {
      say(
        `${images} images of ${people} people; ${(parameters / 1e6).toFixed(2)} M parameters; ${steps} steps; ${threads} threads`,
      )
      bar.start(steps, step, { loss: '-', lr: '-', speed: '-' })
    },
    onStep: ({ step, loss, lr, imagesPerSecond }) =>
      bar.update(step, {
        loss: loss.toFixed(3),
        lr: lr.toPrecision(3),
        speed: imagesPerSecond.toFixed(0),
      }),
    onVerify: ({ step, set, accuracy, std, auc }) =>
      say(`step ${step}: ${set} ${percent(accuracy)} +- ${percent(std)}, AUC ${auc.toFixed(4)}`),
    onWarning: (message) => say(`warning: ${message}`),
  }
  return { events, stop: () => bar.stop() }
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
