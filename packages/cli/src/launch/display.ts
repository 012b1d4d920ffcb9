import type { Beginning, TrainEvents, TrainPlan } from '@arcface/train'
import { interruptible } from '../terminal/interrupt.js'
import { bar, Display, progressOf, timeLeft } from '../terminal/progress.js'
import { counted, countedPeople, percent } from '../terminal/words.js'

/** An angle as a person reads it. */
const degrees = (radians: number) => `${((180 / Math.PI) * radians).toFixed(1)}\u00b0`

/** Runs a training with a progress bar; Ctrl-C asks it to save and end. `say` prints a line above the bar. */
export async function withProgress<T>(
  body: (events: TrainEvents, say: (line: string) => void) => Promise<T>,
): Promise<T> {
  const display = trainingDisplay()
  try {
    return await interruptible(
      (signal) => body({ ...display.events, signal }, display.say),
      'Interrupted: finishing this step and saving ...',
    )
  } finally {
    display.stop()
  }
}

/** `42 images of 6 people`, or `42 images, 36 of 6 people`. */
function countedImages({
  people,
  images,
  unlabelled,
}: Pick<TrainPlan, 'people' | 'images' | 'unlabelled'>): string {
  const all = counted(images, 'image')
  if (people === 0) return all
  return `${all}${unlabelled > 0 ? `, ${images - unlabelled}` : ''} of ${countedPeople(people)}`
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
function trainingDisplay(): { events: TrainEvents; say(line: string): void; stop(): void } {
  const display = new Display('steps', true)
  const say = (line: string) => display.say(line)
  let [done, total, since, started] = [0, 0, 0, 0]
  let figures: readonly string[] = []
  const line = () => {
    const work = { done, total, since, seconds: (performance.now() - started) / 1000 }
    return [`${bar(work)} ${done}/${total}`, ...figures, timeLeft(work)]
      .filter((part) => part !== '')
      .join(' | ')
  }
  const events: TrainEvents = {
    onPass: progressOf(),
    onStart: ({ parameters, step, steps, threads, ranks, ...plan }) => {
      say(
        `${countedImages(plan)}; ${(parameters / 1e6).toFixed(2)} M parameters; ${counted(steps, 'step')}; ${ranks > 1 ? `${ranks} ranks of ` : ''}${counted(threads, 'thread')}`,
      )
      if (plan.beginning) say(describeBeginning(plan.beginning))
      if (plan.file) say(`${plan.file.name}: pixels go in as ${plan.file.pixels}`)
      if (plan.marginSteps > step)
        say(
          `the margin grows over the first ${counted(plan.marginSteps, 'step')}: until then the loss may rise though the training goes well`,
        )
      ;[done, total, since, started, figures] = [step, steps, step, performance.now(), []]
      display.show(line, { done, total })
    },
    onStep: ({ step, loss, marginShare, targetAngle, teacherCosine, lr, imagesPerSecond }) => {
      done = step
      const margin = marginShare < 1 ? ` at ${(100 * marginShare).toFixed(0)} % of the margin` : ''
      figures = [
        `loss ${loss.toFixed(3)}${margin}`,
        targetAngle === null ? 'no centres' : `${degrees(targetAngle)} to centre`,
        ...(typeof teacherCosine === 'number'
          ? [`cosine ${teacherCosine.toFixed(3)} to teacher`]
          : []),
        `lr ${lr.toPrecision(3)}`,
        `${imagesPerSecond.toFixed(0)} images/s`,
      ]
      display.show(line, { done, total })
    },
    onVerify: ({ step, set, accuracy, std, auc }) =>
      say(`step ${step}: ${set} ${percent(accuracy)} +- ${percent(std)}, AUC ${auc.toFixed(4)}`),
    onProfile: (file, steps) =>
      say(
        `${counted(steps, 'step')} recorded in ${file}: open it in ui.perfetto.dev or chrome://tracing`,
      ),
    onWarning: (message) => say(`warning: ${message}`),
  }
  const stop = () => {
    if (total > 0) display.show(line, { done, total }, true)
    total = 0
  }
  return { events, say, stop }
}
