import type { Network, Tensor, Tensors } from '@arcface/vision'
import { messageOf } from '../options.js'

/** How far two ways of running a network may be apart: null where they are near, else what is wrong. */
export type Tolerance = (wasm: Tensors, webgpu: Tensors) => string | null

/** What was found of a network. */
export interface NetworkReport {
  /** Of the file. */
  readonly name: string
  readonly device: 'wasm' | 'webgpu'
  readonly reason: string
  /** Milliseconds of a run, the median; none where it was not tried. */
  readonly wasm?: number
  readonly webgpu?: number
}

/** Runs of each after the first, which compiles. */
const RUNS = 5
/** Behind by this much nothing is to be hoped for from further runs. */
const HOPELESS = 4

/** A network that is loaded twice, by WebAssembly and by WebGPU, and runs where the trial says. */
export class Trial implements Network {
  readonly #wasm: Network
  readonly #webgpu: Network
  readonly #near: Tolerance
  /** Until it is settled: the largest that it was given. */
  #inputs: Tensors | undefined
  #state: 'open' | 'closed' | 'wasm' | 'webgpu' = 'open'

  constructor(wasm: Network, webgpu: Network, near: Tolerance) {
    this.#wasm = wasm
    this.#webgpu = webgpu
    this.#near = near
  }

  get name(): string {
    return this.#wasm.name
  }
  get inputs(): readonly string[] {
    return this.#wasm.inputs
  }
  get outputs(): readonly string[] {
    return this.#wasm.outputs
  }
  get shape(): readonly (number | string)[] {
    return this.#wasm.shape
  }
  get parallel(): number {
    return this.#wasm.parallel
  }
  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  async run(inputs: Tensors): Promise<Tensors> {
    if (this.#state === 'open' && sizeOf(inputs) >= sizeOf(this.#inputs ?? {}))
      this.#inputs = copyOf(inputs)
    if (this.#state !== 'webgpu') return this.#wasm.run(inputs)
    const kept = copyOf(inputs)
    try {
      return await this.#webgpu.run(inputs)
    } catch {
      // The driver began anew, or the processor was taken away: from now on without it.
      this.#state = 'wasm'
      return this.#wasm.run(kept)
    }
  }

  /**
   * Runs the largest that it was given by both in turns, and keeps to the faster one where it gives the same.
   * @param now milliseconds of a clock
   */
  async settle(now = () => performance.now()): Promise<NetworkReport> {
    const report = await this.#compare(now)
    this.#inputs = undefined
    this.#state = report.device
    if (report.device === 'wasm') await this.#webgpu.close()
    return report
  }

  async #compare(now: () => number): Promise<NetworkReport> {
    const { name } = this
    const inputs = this.#inputs
    const kept = (reason: string, figures: object = {}): NetworkReport => ({
      name,
      device: 'wasm',
      reason,
      ...figures,
    })
    if (inputs === undefined) return kept('the warm-up does not reach it')
    try {
      const wrong = this.#near(
        await this.#wasm.run(copyOf(inputs)),
        await this.#webgpu.run(copyOf(inputs)),
      )
      if (wrong !== null) return kept(`WebGPU gives something else: ${wrong}`)
      const timed = async (network: Network) => {
        const start = now()
        await network.run(copyOf(inputs))
        return now() - start
      }
      const took = { wasm: [] as number[], webgpu: [] as number[] }
      for (let i = 0; i < RUNS; i++) {
        took.wasm.push(await timed(this.#wasm))
        took.webgpu.push(await timed(this.#webgpu))
        if (sum(took.webgpu) > HOPELESS * sum(took.wasm)) break
      }
      const [wasm, webgpu] = [median(took.wasm), median(took.webgpu)]
      if (webgpu >= wasm) return kept('WebAssembly is faster', { wasm, webgpu })
      return { name, device: 'webgpu', reason: 'WebGPU is faster', wasm, webgpu }
    } catch (error) {
      return kept(`WebGPU fails: ${messageOf(error)}`)
    }
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    await Promise.all([this.#wasm.close(), this.#webgpu.close()])
  }
}

const sizeOf = (inputs: Tensors) => sum(Object.values(inputs).map(({ data }) => data.length))
const copyOf = (inputs: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { dims, data }]) => [name, { dims, data: data.slice() }]),
  )

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Of embeddings: 1 - cosine. */
const EMBEDDING = 1e-4
/** Of what a detector gives, as a share of its largest value: a twentieth of a pixel in 640. */
const PIXELS = 0.05 / 640

/** Of an embedder. */
export const nearEmbeddings: Tolerance = (wasm, webgpu) =>
  firstOf(wasm, webgpu, ({ data: a }, { data: b }) => {
    const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
    return 1 - cosine <= EMBEDDING ? null : `its cosine is ${cosine}`
  })

/** Of boxes, points and scores. */
export const nearBoxes: Tolerance = (wasm, webgpu) =>
  firstOf(wasm, webgpu, ({ data: a }, { data: b }) => {
    const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
    const off = a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
    return off <= PIXELS * largest ? null : `it is ${off} of ${largest} off`
  })

/** What is wrong with the first output that is wrong; NaN is near to nothing. */
function firstOf(
  wasm: Tensors,
  webgpu: Tensors,
  compare: (a: Tensor, b: Tensor) => string | null,
): string | null {
  for (const [name, a] of Object.entries(wasm)) {
    const b = webgpu[name]
    if (b?.data.length !== a.data.length) return `${name} is missing`
    const wrong = compare(a, b)
    if (wrong !== null) return `${name}: ${wrong}`
  }
  return null
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((s, value, i) => s + value * b[i]!, 0)
