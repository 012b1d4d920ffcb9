import { availableParallelism } from 'node:os'
import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import type { RowPart, RowProduct, RowScores } from '@arcface/vision'
import { backendOf } from '../network/backend.js'
import { ThreadNetwork } from '../network/network.js'
import type { ThreadTensor } from '../products/engine.js'

/** Rows that are worth a thread of their own. */
const LEAST = 1024

/** Some rows of a part: those from `first` on. */
interface Piece {
  readonly part: number
  readonly first: number
  readonly rows: Float32Array
  /** Where it is a whole part. */
  readonly of: RowPart['of']
}

const { FLOAT } = TensorProto_DataType

/**
 * Products of probes with rows that change, in a thread of the networks' that uses all cores: unlike `onnxMatMul`, whose
 * panels ONNX Runtime packs once, this reads the rows at each call, which for a few probes is as fast (reading them is what
 * takes the time). Rows in shared memory are read where they lie, by Node from 24 on; below, the thread keeps a copy.
 * WebAssembly has one core a thread, so that rows are dealt out to several.
 */
export class Product implements RowProduct {
  private constructor(private readonly network: ThreadNetwork) {}

  /** @throws RecognizeError RECOGNIZE_LOAD, RECOGNIZE_BACKEND */
  static async open(): Promise<Product> {
    const work = { work: 'rows', model: rowsModel() } as const
    // One thread that uses all cores: several short ones are now and then put on one core.
    const threads = backendOf() === 'wasm' ? 1 : availableParallelism()
    return new Product(await ThreadNetwork.open('a product with rows', { threads }, work))
  }

  /** @throws RecognizeError RECOGNIZE_RUN (also where it is released) */
  async times(
    probes: Float32Array,
    parts: readonly RowPart[],
    dim: number,
  ): Promise<readonly RowScores[]> {
    const shares = sharesOf(parts, dim, this.network.parallel)
    const scores = await Promise.all(shares.map((pieces) => this.multiply(probes, pieces, dim)))
    return scores.flat()
  }

  release(): Promise<void> {
    return this.network.close()
  }

  private async multiply(
    probes: Float32Array,
    pieces: readonly Piece[],
    dim: number,
  ): Promise<RowScores[]> {
    const m = probes.length / dim
    const given = pieces.map(({ rows }, i): [string, ThreadTensor] => {
      const data = rows.buffer instanceof SharedArrayBuffer ? rows : rows.slice()
      return [`rows_${i}`, { dims: [rows.length / dim, dim], data }]
    })
    const answer = await this.network.run({
      ...Object.fromEntries(given),
      probes: { dims: [m, dim], data: probes.slice() },
      parts: { dims: [pieces.length, 3], data: Int32Array.from(pieces.flatMap(numbersOf)) },
    })
    return pieces.map(({ part, first }, i) => {
      const scores = answer[`rows_${i}`]!.data as Float32Array
      return { part, first, scores }
    })
  }
}

/** What a thread knows a part by; 0 for one that it cannot. */
const numbersOf = ({ of }: Piece): number[] => (of ? [of.holder, of.part, of.version] : [0, 0, 0])

/** Deals rows out to threads, in their order and evenly. */
function sharesOf(parts: readonly RowPart[], dim: number, threads: number): Piece[][] {
  const total = parts.reduce((sum, { rows }) => sum + rows.length / dim, 0)
  const size = Math.ceil(total / Math.max(1, Math.min(threads, Math.floor(total / LEAST))))
  const shares: Piece[][] = []
  let room = 0
  for (const [part, { rows, of }] of parts.entries())
    for (let first = 0; first < rows.length / dim; ) {
      if (room === 0) {
        shares.push([])
        room = size
      }
      const end = Math.min(rows.length / dim, first + room)
      const some = rows.subarray(first * dim, end * dim)
      const isWhole = some.length === rows.length
      shares.at(-1)!.push({ part, first, rows: some, of: isWhole ? of : undefined })
      room -= end - first
      first = end
    }
  return shares
}

/**
 * The product of `probes` (M x K) with the transpose of `rows` (N x K). Gemm rather than MatMul, because it takes rows as
 * they lie in memory.
 */
function rowsModel(): Uint8Array {
  const graph = new GraphBuilder('probes times rows')
  const probes = graph.input('probes', FLOAT, ['M', 'K'])
  const rows = graph.input('rows', FLOAT, ['N', 'K'])
  const scores = graph.add('Gemm', [probes, rows], { transB: { int: 1 } }, { output: 'scores' })
  graph.output(scores, FLOAT, ['M', 'N'])
  return graph.encode()
}
