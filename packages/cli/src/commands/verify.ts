import type { OneFace, Verification } from '@arcface/recognize'
import type { Command } from 'commander'
import {
  addPreprocessing,
  DEFAULT_MODEL,
  openOnnx,
  type PreprocessingOptions,
} from '../model/open.js'
import { facesOption, maxPixelsOption, openRecognizer } from '../model/recognizer.js'
import { onnxOf } from '../model/run.js'
import {
  addThreshold,
  decisionOf,
  inWords,
  type ThresholdOptions,
  thresholdsIn,
} from '../model/thresholds.js'
import { printable, writeErr, writeOut } from '../printable.js'

interface Options extends PreprocessingOptions, Omit<ThresholdOptions, 'fpir'> {
  model: string
  person?: string
  gallery?: string
  detector?: string
  maxPixels?: number
  faces: OneFace
  flip?: boolean
  json?: boolean
}

export function register(program: Command): void {
  const verify = program
    .command('verify')
    .description('Do two photographs show the same person?')
    .argument('<a>', 'a photograph, or an aligned 112x112 face')
    .argument('[b]', 'another; or --person')
    .option('--person <name>', 'a person of a gallery, instead of another photograph')
    .option('--gallery <gallery>', 'where the person is')
    .option('--model <model>', 'a model pack, an ONNX file or a run', DEFAULT_MODEL)
    .option('--detector <model>', "a pack or an ONNX file (default: the model's own)")
    .addOption(facesOption(['largest', 'central', 'only']))
    .option('--flip', 'add the embedding of the mirror image')
    .addOption(maxPixelsOption())
    .option('--json', 'print the result as one JSON object')
  addPreprocessing(addThreshold(verify, { fpir: false }))
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface verify ada.jpg grace.jpg --model faces.onnx\n  $ arcface verify door.jpg --person "Ada Lovelace" --gallery staff',
    )
    .action(run)
}

async function run(a: string, b: string | undefined, options: Options, command: Command) {
  const { person, gallery } = options
  if (person !== undefined && gallery !== undefined && b === undefined)
    return verifyPerson(a, person, gallery, options)
  if (b === undefined || person !== undefined || gallery !== undefined)
    return command.error('error: give two photographs, or one with --person and --gallery')
  const { areAligned } = await import('@arcface/recognize')
  const given = {
    ...decisionOf(options),
    faces: options.faces,
    flip: options.flip === true,
  }
  // Faces that are aligned already need no detector, and have no room around them for one.
  if (await areAligned([a, b])) {
    const { decodeImage } = await import('@arcface/data')
    const [first, second] = await Promise.all([decodeImage(a), decodeImage(b)])
    print(await compareAligned(first, second, options), options)
  } else {
    const recognizer = await openRecognizer(options)
    try {
      const { a: _a, b: _b, ...result } = await recognizer.verify(a, b, given)
      print(result, options)
    } finally {
      await recognizer.close()
    }
  }
}

/** Is it this person of a gallery? */
async function verifyPerson(photo: string, person: string, path: string, options: Options) {
  const { openGallery } = await import('@arcface/recognize')
  await (await openGallery(path)).close() // a gallery that is not there is not made
  const recognizer = await openRecognizer(options)
  try {
    const gallery = await recognizer.openGallery(path)
    try {
      const { faces, flip = false } = options
      const given = { ...decisionOf(options), faces, flip }
      const { a: _, ...result } = await recognizer.verifyPerson(gallery, photo, person, given)
      const { faces: compared, faceSource, face } = result
      print(result, options, ` with ${printable(faceSource ?? face)}, the nearest of ${compared}`)
    } finally {
      await gallery.close()
    }
  } finally {
    await recognizer.close()
  }
}

type Result = Omit<Verification, 'a' | 'b'>

async function compareAligned(a: Uint8Array, b: Uint8Array, options: Options): Promise<Result> {
  const { chooseThreshold, cosine, findEmbedder, ownThresholds } = await import(
    '@arcface/recognize'
  )
  const embedder = await openOnnx(options.model, options)
  try {
    const { dim, metadata } = embedder
    const known =
      options.thresholds === undefined
        ? ownThresholds(await findEmbedder(await onnxOf(options.model)), metadata)
        : await thresholdsIn(options.thresholds)
    const chosen = chooseThreshold(known, decisionOf(options))
    const rows = await embedder.embed(Buffer.concat([a, b]), 2, { flip: options.flip === true })
    const similarity = cosine(rows.subarray(0, dim), rows.subarray(dim))
    const same = chosen.threshold === null ? null : similarity > chosen.threshold
    return { similarity, ...chosen, same }
  } finally {
    await embedder.close()
  }
}

function print(result: Result, { json }: Options, what = ''): void {
  const { similarity, same, warning } = result
  if (warning !== null) writeErr(`warning: ${printable(warning)}\n`)
  if (json) {
    writeOut(`${JSON.stringify(result)}\n`)
    return
  }
  const verdict =
    same === null
      ? 'the model names no threshold; give one with --threshold'
      : `${same ? 'same person' : 'different people'} (${printable(inWords(result))})`
  writeOut(`cosine ${similarity.toFixed(4)}${what}: ${verdict}\n`)
}
