import { type Column, jsonLines, npyRows, OutputFile, parquetRows, type Sink } from '@arcface/files'
import { VisionError } from '@arcface/vision'
import { RecognizeError } from '../errors.js'
import type { EmbeddingRow, PhotoResult } from './rows.js'

export interface WrittenEmbeddings {
  readonly faces: number
  /** Of the faces those that are too poor to be recognised, see `EmbeddingRow`. */
  readonly rejected: number
  readonly skipped: readonly { readonly photo: string; readonly reason: string }[]
}

/**
 * Writes faces to a `.parquet` (path, box, score, quality, grade, norm, what they are rejected for, embedding), a `.jsonl` (the same
 * and the five points) or a `.npy` (faces x dim; their paths line by line in the `.txt` beside it, where one that holds a line break is a string of
 * JSON: a line that begins with a quotation mark), in the order given. Files of the right name are
 * whole, and are replaced only where there is a face to write.
 * @throws RecognizeError RECOGNIZE_USE (the file's ending), VISION_NO_FACE; what `results` and the file system throw
 */
export async function writeEmbeddings(
  file: string,
  dim: number,
  results: AsyncIterable<readonly PhotoResult[]>,
): Promise<WrittenEmbeddings> {
  const ending = /\.(npy|parquet|jsonl)$/.exec(file)?.[1]
  if (ending === undefined) {
    const message = `${file}: the name must end in .parquet, .npy or .jsonl`
    throw new RecognizeError('RECOGNIZE_USE', message)
  }
  using output = new OutputFile(file, { isPrivate: true })
  if (ending === 'npy') {
    using names = new OutputFile(file.replace(/npy$/, 'txt'), { isPrivate: true })
    const written = await writeAll(npyWithNames(output, names, dim), results)
    await output.commitAsync()
    await names.commitAsync()
    return written
  }
  const sink = ending === 'jsonl' ? jsonLinesOf(output) : await parquetOf(output)
  const written = await writeAll(sink, results)
  await output.commitAsync()
  return written
}

async function writeAll(
  sink: Sink<EmbeddingRow>,
  results: AsyncIterable<readonly PhotoResult[]>,
): Promise<WrittenEmbeddings> {
  let [faces, poor] = [0, 0]
  const skipped: { photo: string; reason: string }[] = []
  for await (const batch of results)
    for (const result of batch) {
      if ('skipped' in result) skipped.push({ photo: result.path, reason: result.skipped })
      else {
        await sink.add(result.faces)
        faces += result.faces.length
        poor += result.faces.filter(({ rejected }) => rejected.length > 0).length
      }
    }
  await sink.close()
  if (faces > 0) return { faces, rejected: poor, skipped }
  const [first] = skipped
  const example = first ? `; ${first.photo}: ${first.reason}` : ''
  throw new VisionError('VISION_NO_FACE', `no photograph shows a face${example}`)
}

function npyWithNames(values: OutputFile, names: OutputFile, dim: number): Sink<EmbeddingRow> {
  const { add, close } = npyRows(values, dim)
  return {
    add: async (rows) => {
      await add(rows)
      names.write(rows.map(({ path }) => `${lineOf(path)}\n`).join(''))
    },
    close,
  }
}

/** A path, or the string of JSON where it is not one line, or would be taken for such a string. */
const lineOf = (path: string) =>
  /^"|[\p{Cc}\p{Zl}\p{Zp}]/u.test(path)
    ? JSON.stringify(path).replace(
        /[\p{Cc}\p{Zl}\p{Zp}]/gu,
        (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
    : path

/** A face as one object of JSON. */
export const jsonOf = ({ path, face, norm, rejected, embedding }: EmbeddingRow) => ({
  path,
  ...face,
  ...(norm !== undefined && { norm }),
  rejected,
  embedding: Array.from(embedding),
})

function jsonLinesOf(file: OutputFile): Sink<EmbeddingRow> {
  const { add, close } = jsonLines(file)
  return { add: (rows) => add(rows.map(jsonOf)), close }
}

const QUALITY = [
  ...['eyes', 'sharpness', 'noise', 'flat', 'plausibility', 'yaw', 'pitch', 'roll'],
  ...['brightness', 'contrast', 'sides', 'grade', 'norm'],
]
const NUMBERS = ['x', 'y', 'width', 'height', 'score', ...QUALITY]
const COLUMNS: readonly Column[] = [
  { name: 'path', kind: 'text' },
  ...NUMBERS.map((name) => ({ name, kind: 'number' as const, optional: true })),
  { name: 'rejected', kind: 'texts' },
  { name: 'embedding', kind: 'numbers' },
]

async function parquetOf(file: OutputFile): Promise<Sink<EmbeddingRow>> {
  const { add, close } = await parquetRows(file, COLUMNS)
  const nothing = Object.fromEntries(NUMBERS.map((name) => [name, null]))
  const row = ({ path, face, norm, rejected, embedding }: EmbeddingRow) => ({
    path,
    ...(face ? { ...face.box, score: face.score, ...face.quality } : nothing),
    grade: face?.grade.value ?? null,
    norm: norm ?? null,
    rejected,
    embedding: Array.from(embedding),
  })
  return { add: (rows) => add(rows.map(row)), close }
}
