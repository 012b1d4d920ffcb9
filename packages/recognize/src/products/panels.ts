import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import {
  type Bounds,
  type ByteRows,
  boundsOfProducts,
  type PanelSide,
  quantizeRows,
} from '@arcface/vision'
import { columnsOf, ZERO } from './columns.js'
import type { Engine, Runnable, Session, ThreadTensor, ThreadTensors } from './engine.js'

const { INT32, UINT8 } = TensorProto_DataType

interface Panel extends PanelSide {
  readonly session: Session
}

/**
 * Holds rows in bytes, each panel of them in a model of its own, because ONNX Runtime packs constants once and for all.
 * A run does something with the `panel` of a number: adds `rows` (n x dim), is to `make` it of those that were added, or to
 * `drop` it. Or it asks of many `panels` for the pairs with `probes` (m x dim) that may reach `floors` (m): see `answerOf`.
 */
export async function openPanels(engine: Engine): Promise<Runnable> {
  const begun = new Map<number, ByteRows[]>()
  const held = new Map<number, Panel>()
  return {
    async run({ panel: one, rows, make, drop, panels, probes, floors }) {
      const number = one?.data[0] ?? 0
      const parts = begun.get(number) ?? []
      if (rows)
        begun.set(number, [...parts, quantizeRows(rows.data as Float32Array, rows.dims[1]!)])
      if (make) {
        begun.delete(number)
        held.set(number, await panelOf(engine, parts))
      }
      if (drop) {
        await held.get(number)?.session.release()
        held.delete(number)
      }
      if (!panels || !probes || !floors) return {}
      const dim = probes.dims[1]!
      const sides = quantizeRows(probes.data as Float32Array, dim)
      const block = Uint8Array.from(sides.bytes, (q) => q + ZERO)
      const answer: Record<string, ThreadTensor> = {}
      for (const [i, asked] of panels.data.entries()) {
        const panel = held.get(asked)
        // Another thread has taken the place of the one that had it.
        if (panel === undefined) throw new Error('rows that were held are gone')
        const results = {
          products: {
            dims: [probes.dims[0]!, panel.steps.length],
            data: new Int32Array(probes.dims[0]! * panel.steps.length),
          },
        }
        await panel.session.run({ block: { dims: probes.dims, data: block } }, results)
        const products = results.products.data
        const bounds = boundsOfProducts(products, panel, sides, floors.data as Float32Array, dim)
        for (const [name, data] of Object.entries(bounds))
          answer[`${name}_${i}`] = { dims: [data.length], data }
      }
      return answer satisfies ThreadTensors
    },
    async release() {
      for (const { session } of held.values()) await session.release()
    },
  }
}

/** What a run has told of the panel that was asked for as number `i`. */
export const answerOf = (answer: ThreadTensors, i: number): Bounds => ({
  counts: answer[`counts_${i}`]!.data as Int32Array,
  rows: answer[`rows_${i}`]!.data as Int32Array,
  most: answer[`most_${i}`]!.data as Float32Array,
  slack: answer[`slack_${i}`]!.data as Float32Array,
})

async function panelOf(engine: Engine, parts: readonly ByteRows[]): Promise<Panel> {
  const { columns, ...sides } = columnsOf(parts)
  const n = sides.steps.length
  const dim = columns.length / n
  const graph = new GraphBuilder('panel')
  const block = graph.input('block', UINT8, ['M', dim])
  const zero = graph.constant(Uint8Array.of(ZERO), [])
  const given = [block, graph.constant(columns, [dim, n]), zero]
  graph.output(graph.add('MatMulInteger', given, {}, { output: 'products' }), INT32, ['M', n])
  // One core: the threads have a part of the panels each.
  return { session: await engine.open(graph.encode(), 1), ...sides }
}
