import { existsSync } from 'node:fs'
import type { EmbedFn } from '@arcface/evaluate'
import type { Preprocessing, PreprocessingInput } from '@arcface/onnx'
import type { Embedder, PreprocessingSource } from '@arcface/vision'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { finite, positive } from '../numbers.js'
import { printable, writeErr } from '../printable.js'
import { isRun, onnxOf } from './run.js'

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

/** A model as a function for evaluation, from an ONNX file or a run folder. */
export interface OpenModel {
  embed: EmbedFn
  close(): Promise<void>
}

/** Opens an ONNX file, a model pack, or a run folder, for which libtorch is loaded. */
export async function openModel(path: string, options: PreprocessingOptions): Promise<OpenModel> {
  if (isRun(path)) {
    if (preprocessingOf(options)) {
      const { RecognizeError } = await import('@arcface/recognize')
      throw new RecognizeError(
        'RECOGNIZE_PREPROCESSING',
        `${path} is a run, whose networks carry their preprocessing; leave --mean, --std, --range and --bgr out`,
      )
    }
    const { openRunEmbedder } = await import('@arcface/train')
    return openRunEmbedder(path)
  }
  const embedder = await openOnnx(path, options)
  return { embed: (images, n) => embedder.features(images, n), close: () => embedder.close() }
}

/** Opens an ONNX file, the embedder of a model pack or the network of a run on ONNX Runtime. */
export async function openOnnx(given: string, options: PreprocessingOptions): Promise<Embedder> {
  const { openEmbedder } = await import('@arcface/recognize')
  const { findEmbedder } = await import('@arcface/recognize')
  const model = await onnxOf(given)
  // What is no pack but looks like a file is reported as a file.
  if (!existsSync(model) && /[./\\]/.test(model)) return openEmbedder(model)
  const found = await findEmbedder(model)
  const embedder = await openEmbedder(found.path, {
    preprocessing: preprocessingOf(options),
    packPreprocessing: found.preprocessing,
  })
  await tellPreprocessing(embedder.name, embedder.preprocessing, embedder.preprocessingSource)
  return embedder
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

/** What `--model` is where it is left out: DEFAULT_PACK of @arcface/recognize, which loads only when it is used. */
export const DEFAULT_MODEL = 'faceplugin'

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
