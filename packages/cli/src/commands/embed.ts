import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Command } from 'commander'
import { encodeNpy } from '../model/npy.js'
import { addPreprocessing, openOnnx, type PreprocessingOptions } from '../model/open.js'

interface Options extends PreprocessingOptions {
  model: string
  out?: string
  flip?: boolean
  json?: boolean
}

const BATCH = 32

export function register(program: Command): void {
  const embed = program
    .command('embed')
    .description('Embeddings of aligned 112x112 faces')
    .argument('<paths...>', 'images, or folders of images')
    .requiredOption('--model <file>', 'an ONNX file')
    .option('--out <file>', '.npy (N x D float32, the names beside it in .txt) or .jsonl')
    .option('--flip', 'add the embedding of the mirror image')
    .option('--json', 'print the result as one JSON object')
  addPreprocessing(embed)
    .addHelpText('after', '\nExample:\n  $ arcface embed faces --model faces.onnx --out faces.npy')
    .action(run)
}

async function run(paths: string[], options: Options, command: Command): Promise<void> {
  const { model, out, flip = false, json } = options
  if (out !== undefined && !/\.(npy|jsonl)$/.test(out))
    command.error('error: --out must end in .npy or .jsonl')
  const { decodeImage } = await import('@arcface/data')
  const files = paths.flatMap(imagesIn)
  if (files.length === 0) command.error(`error: no images in ${paths.join(', ')}`)
  const embedder = await openOnnx(model, options)
  try {
    const { dim } = embedder
    const rows = new Float32Array(files.length * dim)
    for (let start = 0; start < files.length; start += BATCH) {
      const decoded = await Promise.all(
        files.slice(start, start + BATCH).map((file) => decodeImage(file)),
      )
      const images = Buffer.concat(decoded)
      rows.set(await embedder.embed(images, decoded.length, { flip }), start * dim)
    }
    const row = (i: number) => [...rows.subarray(i * dim, (i + 1) * dim)]
    const lines = () =>
      files.map((path, i) => `${JSON.stringify({ path, embedding: row(i) })}\n`).join('')
    if (out?.endsWith('.npy')) {
      writeFileSync(out, encodeNpy(rows, [files.length, dim]))
      writeFileSync(out.replace(/npy$/, 'txt'), files.map((file) => `${file}\n`).join(''))
    } else if (out !== undefined) writeFileSync(out, lines())
    if (json)
      process.stdout.write(
        `${JSON.stringify({ images: files.length, dim, out: out ?? null, ...(out === undefined && { embeddings: files.map((path, i) => ({ path, embedding: row(i) })) }) })}\n`,
      )
    else if (out === undefined) process.stdout.write(lines())
    else process.stdout.write(`${out}: ${files.length} embeddings of length ${dim}\n`)
  } finally {
    await embedder.close()
  }
}

const IMAGES = new Set(['.jpg', '.jpeg', '.png', '.webp'])

/** A file as it is; of a folder all images below it, in order of their names. */
function imagesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const inside = join(path, entry.name)
      if (entry.isDirectory()) return imagesIn(inside)
      return IMAGES.has(extname(entry.name).toLowerCase()) ? [inside] : []
    })
}
