import type { Preprocessing, PreprocessingInput } from '@arcface/onnx'
import type { PreprocessingSource } from '@arcface/vision'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { finite, positive } from '../terminal/numbers.js'
import { printable, writeErr } from '../terminal/printable.js'

/** Options of every command that takes a model of others. */
export interface PreprocessingOptions {
  mean?: [number, number, number] | number
  std?: [number, number, number] | number
  range?: 1 | 255
  bgr?: boolean
}

export function addPreprocessing(command: Command): Command {
  return command
    .option(
      '--mean <m>',
      'what is subtracted from a pixel: one number or three, r,g,b',
      forColors(finite),
    )
    .option('--std <s>', 'what it is divided by: one number or three, r,g,b', forColors(positive))
    .option(
      '--range <r>',
      'white before mean and std, which are in its unit: 255 (default) or 1',
      range,
    )
    .option('--bgr', 'the network takes blue first')
}

/** Says of a model of others how pixels go into it: it cannot say so itself, and wrong values look like a weak model. */
export async function tellPreprocessing(
  path: string,
  preprocessing: Preprocessing,
  source: PreprocessingSource,
): Promise<void> {
  if (source === 'metadata' || source === 'pack') return
  const { describePreprocessing } = await import('@arcface/vision')
  const by = {
    options: 'by the options',
    sidecar: `by ${path}.json`,
    'insightface-rule':
      "by InsightFace's rule; --mean, --std, --range, --bgr replace single values",
  }[source]
  writeErr(
    `${printable(path)}: pixels go in as ${describePreprocessing(preprocessing)} (${printable(by)})\n`,
  )
}

export function preprocessingOf({
  mean,
  std,
  range,
  bgr,
}: PreprocessingOptions): PreprocessingInput | undefined {
  if (mean === undefined && std === undefined && range === undefined && !bgr) return undefined
  return {
    ...(mean !== undefined && { mean }),
    ...(std !== undefined && { std }),
    ...(range !== undefined && { range }),
    ...(bgr && { colorOrder: 'BGR' }),
  }
}

/** One for all colours, or one each. */
const forColors =
  (number: (text: string) => number) =>
  (text: string): number | [number, number, number] => {
    const [first, second, third, ...more] = text.split(',').map(number)
    if (second === undefined) return first!
    if (third === undefined || more.length > 0)
      throw new InvalidArgumentError('It must be one number or three, parted by commas.')
    return [first!, second, third]
  }

function range(text: string): 1 | 255 {
  if (text === '1') return 1
  if (text === '255') return 255
  throw new InvalidArgumentError('It must be 1 or 255.')
}
