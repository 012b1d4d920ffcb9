import type {
  AlignedVerification,
  EmbeddedFace,
  MatchProbability,
  OneFace,
  Verification,
} from '@arcface/vision'
import type { Command } from 'commander'
import { requireGallery, withGallery } from '../model/gallery.js'
import { addKey, type KeyOptions } from '../model/gallery-key.js'
import { addLiveness, type LivenessOptions, tellLiveness } from '../model/liveness.js'
import { DEFAULT_MODEL, openOnnx } from '../model/open.js'
import { addPreprocessing, type PreprocessingOptions } from '../model/preprocessing.js'
import { addQuality, type QualityOptions, qualityOption, reasonsFor } from '../model/quality.js'
import { facesOption, maxPixelsOption, openRecognizer } from '../model/recognizer.js'
import {
  addThreshold,
  decisionOf,
  inWords,
  probabilityInWords,
  type ThresholdOptions,
  thresholdsIn,
} from '../model/thresholds.js'
import { typed } from '../terminal/hints.js'
import { printable, warn, writeOut } from '../terminal/printable.js'

interface Options
  extends PreprocessingOptions,
    QualityOptions,
    KeyOptions,
    LivenessOptions,
    Omit<ThresholdOptions, 'fpir'> {
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
  addPreprocessing(addQuality(addLiveness(addThreshold(addKey(verify), { fpir: false }))))
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface verify ada.jpg grace.jpg --model faces.onnx\n  $ arcface verify door.jpg --person "Ada Lovelace" --gallery staff --liveness',
    )
    .action(run)
}

async function run(a: string, b: string | undefined, options: Options, command: Command) {
  const { person, gallery } = options
  if (person !== undefined && gallery !== undefined && b === undefined)
    return verifyInGallery(a, person, gallery, options)
  if (b === undefined || person !== undefined || gallery !== undefined)
    return command.error('error: give two photographs, or one with --person and --gallery')
  const { areAligned } = await import('@arcface/recognize')
  // Faces that are aligned already need no detector, and have no room around them for one.
  if (await areAligned([a, b])) {
    if (options.liveness)
      return command.error(
        'error: --liveness looks at what is around a face, which aligned faces have not; give whole photographs',
      )
    const { a: first, b: second, ...result } = await compareAligned(a, b, options)
    const poor = [first, second].flatMap(({ reasons }, i) =>
      reasons === '' ? [] : [`${[a, b][i]}: ${reasons}`],
    )
    const [given, other] = [first, second].map(({ rejected }) => ({ rejected }))
    print({ ...result, a: given!, b: other! }, poor, options)
  } else {
    const recognizer = await openRecognizer(options)
    try {
      const result = await recognizer.verify(a, b, given(options))
      const { a: first, b: second } = result
      const poor = await poorOf([a, b], [first, second])
      print({ ...result, a: shown(first), b: shown(second) }, poor, options)
      if (!options.json)
        tellLiveness([
          { ...first, name: a },
          { ...second, name: b },
        ])
    } finally {
      await recognizer.close()
    }
  }
}

/** Is it this person of a gallery? */
async function verifyInGallery(photo: string, person: string, path: string, options: Options) {
  const { verifyPerson } = await import('@arcface/gallery')
  await requireGallery(path, options)
  await withGallery(path, options, async (gallery, recognizer) => {
    const { a, ...rest } = await verifyPerson(gallery, recognizer, photo, person, given(options))
    const { faces: compared, faceSource, face } = rest
    const result = { ...rest, a: shown(a) }
    const what = ` with ${printable(faceSource ?? face)}, the nearest of ${compared}`
    print(result, await poorOf([photo], [a]), options, what)
    if (!options.json) tellLiveness([{ ...a, name: photo }])
  })
}

/** As the library takes them. */
const given = (options: Options) => ({
  ...decisionOf(options),
  faces: options.faces,
  flip: options.flip === true,
  liveness: options.liveness !== undefined,
})

const shown = ({ embedding: _, ...face }: EmbeddedFace) => face

/** The photographs whose faces are rejected, and why. */
async function poorOf(names: readonly string[], faces: readonly EmbeddedFace[]): Promise<string[]> {
  const reasons = await Promise.all(faces.map(reasonsFor))
  return reasons.flatMap((why, i) => (why === '' ? [] : [`${names[i]}: ${why}`]))
}

interface Result extends Omit<Verification, 'a' | 'b'> {
  readonly a: Pick<EmbeddedFace, 'rejected'>
  /** None where it is compared with a person of a gallery. */
  readonly b?: Pick<EmbeddedFace, 'rejected'>
}

const isCalibrated = (result: Result): result is Result & MatchProbability =>
  result.probability !== undefined

async function compareAligned(
  a: string,
  b: string,
  options: Options,
): Promise<AlignedVerification> {
  const { decodeImage } = await import('@arcface/data')
  const { verifyAligned } = await import('@arcface/vision')
  const [first, second] = await Promise.all([decodeImage(a), decodeImage(b)])
  const { embedder, thresholds } = await openOnnx(options.model, options)
  try {
    return await verifyAligned(embedder, first, second, {
      ...decisionOf(options),
      thresholds:
        options.thresholds === undefined ? thresholds : await thresholdsIn(options.thresholds),
      flip: options.flip,
      quality: qualityOption(options),
    })
  } finally {
    await embedder.close()
  }
}

/** @param poor the photographs whose faces are rejected, and why */
function print(result: Result, poor: readonly string[], { json }: Options, what = ''): void {
  const { similarity, same, warning, rejected } = result
  if (warning !== null) warn(typed(warning))
  if (json) {
    writeOut(`${JSON.stringify(result)}\n`)
    return
  }
  const unknown =
    rejected.length > 0
      ? `cannot be told, ${printable(poor.join('; '))} (see --min-eyes, --min-sharpness, --min-grade, --any-quality)`
      : 'the model names no threshold; give one with --threshold'
  const verdict =
    same === null
      ? unknown
      : `${same ? 'same person' : 'different people'} (${printable(inWords(result))})`
  const likely = isCalibrated(result) ? `; ${probabilityInWords(result)}` : ''
  writeOut(`cosine ${similarity.toFixed(4)}${what}: ${verdict}${likely}\n`)
}
