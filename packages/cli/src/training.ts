import type { Beginning, TrainEvents } from '@arcface/train'
import { SingleBar } from 'cli-progress'
import { printable, redraw, writeErr } from './printable.js'
import { counted, countedPeople } from './words.js'

/** An angle as a person reads it. */
const degrees = (radians: number) => `${((180 / Math.PI) * radians).toFixed(1)}\u00b0`

export const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`

/** Ctrl-C, a scheduler's end of time, a terminal that was closed. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs a training with a progress bar; Ctrl-C asks it to save and end. `say` prints a line above the bar. */
export async function withProgress<T>(
  body: (events: TrainEvents, say: (line: string) => void) => Promise<T>,
): Promise<T> {
  const interrupt = new AbortController()
  const onInterrupt = () => {
    writeErr('\nInterrupted: finishing this step and saving ...\n')
    interrupt.abort()
  }
  for (const signal of signals) process.once(signal, onInterrupt)
  const display = progress()
  try {
    return await body({ ...display.events, signal: interrupt.signal }, display.say)
  } finally {
    display.stop()
    for (const signal of signals) process.off(signal, onInterrupt)
  }
}

/** `model.pth: 90 tensors taken; 2 of another shape (fc.weight, ...); ...` */
function describeBeginning({ path, matched, reshaped, missing, unexpected }: Beginning): string {
  const some = (names: readonly string[], what: string) =>
    names.length === 0
      ? []
      : [
          `${names.length} ${what} (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''})`,
        ]
  return [
    `${path}: ${matched} tensors taken`,
    ...some(reshaped, 'of another shape'),
    ...some(missing, 'missing'),
    ...some(unexpected, 'of no use'),
  ].join('; ')
}

/** A bar on a terminal, a line every so often elsewhere; on stderr. */
function progress(): { events: TrainEvents; say(line: string): void; stop(): void } {
  const bar = new SingleBar({
    format:
      '{bar} {value}/{total} | loss {loss}{margin} | {angle} | lr {lr} | {speed} images/s | {eta_formatted} left',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    etaBuffer: 100,
    hideCursor: true,
  })
  const say = (line: string) =>
    process.stderr.isTTY ? redraw(`${printable(line)}\n`) : writeErr(`${printable(line)}\n`)
  const events: TrainEvents = {
    onStart: ({ people, images, parameters, step, steps, threads, ranks, ...plan }) => {
      say(
        `${counted(images, 'image')} of ${countedPeople(people)}; ${(parameters / 1e6).toFixed(2)} M parameters; ${counted(steps, 'step')}; ${ranks > 1 ? `${ranks} ranks of ` : ''}${counted(threads, 'thread')}`,
      )
      if (plan.beginning) say(describeBeginning(plan.beginning))
      if (plan.marginSteps > step)
        say(
          `the margin grows over the first ${counted(plan.marginSteps, 'step')}: until then the loss may rise though the training goes well`,
        )
      bar.start(steps, step, { loss: '-', margin: '', angle: '-', lr: '-', speed: '-' })
    },
    onStep: ({ step, loss, marginShare, targetAngle, lr, imagesPerSecond }) =>
      bar.update(step, {
        loss: loss.toFixed(3),
        margin: marginShare < 1 ? ` at ${(100 * marginShare).toFixed(0)} % of the margin` : '',
        angle: targetAngle === null ? 'no centres' : `${degrees(targetAngle)} to centre`,
        lr: lr.toPrecision(3),
        speed: imagesPerSecond.toFixed(0),
      }),
    onVerify: ({ step, set, accuracy, std, auc }) =>
      say(`step ${step}: ${set} ${percent(accuracy)} +- ${percent(std)}, AUC ${auc.toFixed(4)}`),
    onProfile: (file, steps) =>
      say(
        `${counted(steps, 'step')} recorded in ${file}: open it in ui.perfetto.dev or chrome://tracing`,
      ),
    onWarning: (message) => say(`warning: ${message}`),
  }
  return { events, say, stop: () => bar.stop() }
}
