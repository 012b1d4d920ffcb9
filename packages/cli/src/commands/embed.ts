import type { PhotoResult } from '@arcface/recognize'
import type { Faces } from '@arcface/vision'
import type { Command } from 'commander'
import { embedFiles } from '../model/embed.js'
import { isFolder, type Photographs, photographsOf, tellSkipped } from '../model/photographs.js'
import { addRecognizer, facesOption, type RecognizerOptions } from '../model/recognizer.js'
import { writeOut } from '../terminal/printable.js'
import { counted } from '../terminal/words.js'

interface Options extends RecognizerOptions {
  faces: Faces
  out?: string
  flip?: boolean
  json?: boolean
}

export function register(program: Command): void {
  const embed = program
    .command('embed')
    .description('Embeddings of the faces of photographs, or of aligned 112x112 faces')
    .argument('<paths...>', 'photographs, or folders of them; or aligned faces, if all are 112x112')
    .option(
      '--out <file>',
      '.parquet, .jsonl, or .npy (N x D float32, the paths beside it in .txt)',
    )
    .addOption(facesOption(['largest', 'central', 'only', 'all']))
    .option('--flip', 'add the embedding of the mirror image')
    .option('--json', 'print the result as one JSON object')
  addRecognizer(embed)
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface embed photos --faces all --out faces.parquet\n  $ arcface embed aligned --model faces.onnx --out faces.npy',
    )
    .action(run)
}

async function run(paths: string[], options: Options, command: Command): Promise<void> {
  const { out, json } = options
  if (out !== undefined && !/\.(parquet|npy|jsonl)$/.test(out))
    command.error('error: --out must end in .parquet, .npy or .jsonl')
  for (const path of paths) await isFolder(path) // one that is missing is said before the work begins
  const { files, passedOver } = await photographsOf(paths)
  if (!json) tellSkipped('passed over', passedOver)
  if (files.length === 0) command.error(`error: no images in ${paths.join(', ')}`)
  const { dim, results, close } = await embedFiles(files, options)
  try {
    if (out === undefined) await print(results, files.length, dim, passedOver, json)
    else {
      const { writeEmbeddings } = await import('@arcface/recognize')
      const { faces, rejected, skipped } = await writeEmbeddings(out, dim, results)
      const poor = rejected > 0 ? `, ${rejected} of faces too poor to be recognised` : ''
      const text = `${out}: ${counted(faces, 'embedding')} of length ${dim}${poor}\n`
      const result = { images: files.length, faces, rejected, dim, out, skipped, passedOver }
      writeOut(json ? `${JSON.stringify(result)}\n` : text)
      if (!json) tellSkipped('skipped', skipped)
    }
  } finally {
    await close()
  }
}

/** Without a file: a line of JSON for each face, or one object of them all. */
async function print(
  results: AsyncIterable<readonly PhotoResult[]>,
  images: number,
  dim: number,
  passedOver: Photographs['passedOver'],
  json: boolean | undefined,
): Promise<void> {
  const { jsonOf } = await import('@arcface/recognize')
  const embeddings: object[] = []
  const skipped: { photo: string; reason: string }[] = []
  for await (const batch of results)
    for (const result of batch) {
      if ('skipped' in result) {
        skipped.push({ photo: result.path, reason: result.skipped })
        if (!json) tellSkipped('skipped', skipped.slice(-1))
      } else if (json) embeddings.push(...result.faces.map(jsonOf))
      else for (const face of result.faces) writeOut(`${JSON.stringify(jsonOf(face))}\n`)
    }
  if (json) writeOut(`${JSON.stringify({ images, dim, embeddings, skipped, passedOver })}\n`)
  if (skipped.length === images) process.exitCode = 1
}
