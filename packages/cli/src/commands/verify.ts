import { type Command, InvalidArgumentError } from 'commander'
import { addPreprocessing, openOnnx, type PreprocessingOptions } from '../model/open.js'

interface Options extends PreprocessingOptions {
  model: string
  threshold?: number
  flip?: boolean
  json?: boolean
}

export function register(program: Command): void {
  const verify = program
    .command('verify')
    .description('Do two aligned 112x112 faces show the same person?')
    .argument('<a>', 'an image')
    .argument('<b>', 'another')
    .requiredOption('--model <file>', 'an ONNX file')
    .option('--threshold <cosine>', "same above it; default: the model's own at FAR 1e-2", cosine)
    .option('--flip', 'add the embedding of the mirror image')
    .option('--json', 'print the result as one JSON object')
  addPreprocessing(verify)
    .addHelpText('after', '\nExample:\n  $ arcface verify ada.jpg grace.jpg --model faces.onnx')
    .action(run)
}

async function run(a: string, b: string, options: Options): Promise<void> {
  const { decodeImage } = await import('@arcface/data')
  const images = await Promise.all([decodeImage(a), decodeImage(b)])
  const embedder = await openOnnx(options.model, options)
  try {
    const both = new Uint8Array(2 * images[0].length)
    both.set(images[0])
    both.set(images[1], images[0].length)
    const rows = await embedder.embed(both, 2, { flip: options.flip === true })
    const { dim, metadata } = embedder
    let similarity = 0
    for (let k = 0; k < dim; k++) similarity += rows[k]! * rows[dim + k]!
    const known = metadata?.thresholds ?? {}
    const far = options.threshold === undefined ? nearestFar(known) : null
    const threshold = options.threshold ?? (far === null ? null : (known[far] ?? null))
    const same = threshold === null ? null : similarity > threshold
    print({ similarity, threshold, far: far === null ? null : Number(far), same }, options)
  } finally {
    await embedder.close()
  }
}

/** The FAR of a model's thresholds that is nearest to 1e-2, as it is written there. */
function nearestFar(thresholds: Record<string, number>): string | null {
  const distance = (far: string) => Math.abs(Math.log10(Number(far)) + 2)
  const [nearest] = Object.keys(thresholds).sort((x, y) => distance(x) - distance(y))
  return nearest ?? null
}

interface Result {
  similarity: number
  threshold: number | null
  /** False accept rate that the threshold stands for on the model's verification set. */
  far: number | null
  same: boolean | null
}

function print(result: Result, { json }: Options): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`)
    return
  }
  const { similarity, threshold, far, same } = result
  const verdict =
    same === null
      ? 'the model names no threshold; give one with --threshold'
      : `${same ? 'same person' : 'different people'} (threshold ${threshold?.toFixed(4)}${far === null ? '' : `, FAR ${far}`})`
  process.stdout.write(`cosine ${similarity.toFixed(4)}: ${verdict}\n`)
}

function cosine(text: string): number {
  const value = Number(text)
  if (!(value >= -1 && value <= 1)) throw new InvalidArgumentError('It must be from -1 to 1.')
  return value
}
