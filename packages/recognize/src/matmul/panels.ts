import { availableParallelism } from 'node:os'
import type { Bounds, BytePanel, ByteProduct, PanelMaker } from '@arcface/vision'
import { ThreadNetwork } from '../network/network.js'
import type { ThreadTensors } from '../products/engine.js'
import { answerOf } from '../products/panels.js'
import { hasExactInt8 } from './int8.js'

/** Threads: more do not read memory any faster. */
const MOST = 16

/** A thread's share. */
interface Share {
  readonly network: ThreadNetwork
  count: number
}

interface Held extends BytePanel {
  readonly share: Share
  readonly number: number
}

/**
 * Rows in bytes, held and multiplied by ONNX Runtime in threads of the networks', a core each, every one of which has its
 * own panels. What a thread held is gone when it dies: then RECOGNIZE_RUN is thrown, and the rows have to be held anew.
 */
export class Panels implements ByteProduct {
  #last = 0

  private constructor(private readonly shares: readonly Share[]) {}

  /**
   * @returns undefined where ONNX Runtime does not multiply bytes exactly: see `multipliesExactly`
   * @throws RecognizeError RECOGNIZE_LOAD, RECOGNIZE_BACKEND
   */
  static async open(): Promise<Panels | undefined> {
    if (!(await hasExactInt8())) return undefined
    const cores = availableParallelism()
    // As if it took all cores: so no second thread gets a copy of it.
    const open = () => ThreadNetwork.open('rows in bytes', { threads: cores }, { work: 'panels' })
    const networks = await Promise.all(Array.from({ length: Math.min(cores, MOST) }, open))
    return new Panels(networks.map((network) => ({ network, count: 0 })))
  }

  /** @throws RecognizeError RECOGNIZE_RUN from what it makes (also where it is released) */
  begin(dim: number): PanelMaker {
    const share = this.shares.reduce((least, one) => (one.count < least.count ? one : least))
    share.count++
    const number = ++this.#last
    const ask = (inputs: ThreadTensors) =>
      share.network.run({ panel: numbers([number]), ...inputs })
    return {
      add: async (rows) => {
        const data = rows.buffer instanceof SharedArrayBuffer ? rows : rows.slice()
        await ask({ rows: { dims: [rows.length / dim, dim], data } })
      },
      end: async () => {
        await ask({ make: numbers([1]) })
        const release = () => {
          share.count--
          // Where it is closed, or its thread dead, it is gone.
          ask({ drop: numbers([1]) }).catch(() => {})
        }
        const held: Held = { share, number, release }
        return held
      },
    }
  }

  /** @throws RecognizeError RECOGNIZE_RUN (also where it is released) */
  async above(
    panels: readonly BytePanel[],
    probes: Float32Array,
    dim: number,
    floors: Float32Array,
  ): Promise<readonly Bounds[]> {
    const held = panels as readonly Held[]
    const bounds: Bounds[] = []
    await Promise.all(
      this.shares.map(async (share) => {
        const mine = held.flatMap((one, i) => (one.share === share ? [i] : []))
        if (mine.length === 0) return
        const answer = await share.network.run({
          panels: numbers(mine.map((i) => held[i]!.number)),
          probes: { dims: [probes.length / dim, dim], data: probes.slice() },
          floors: { dims: [floors.length], data: floors.slice() },
        })
        for (const [k, i] of mine.entries()) bounds[i] = answerOf(answer, k)
      }),
    )
    return bounds
  }

  async release(): Promise<void> {
    await Promise.all(this.shares.map(({ network }) => network.close()))
  }
}

const numbers = (values: readonly number[]) => ({
  dims: [values.length],
  data: Int32Array.from(values),
})
