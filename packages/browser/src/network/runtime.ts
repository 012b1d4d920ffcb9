import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import type { ModelSource, Network, Tensors } from '@arcface/vision'
import type * as ort from 'onnxruntime-web'
import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'
import { loadFailed } from './failed.js'

/** What is used of ONNX Runtime: one of the builds of onnxruntime-web. */
export type Build = Pick<typeof ort, 'InferenceSession' | 'Tensor' | 'env'>

export interface RuntimeOptions {
  /** Absolute: a folder, or its files. Default: where the bundler has put them. */
  readonly wasmPaths?: ort.Env.WasmFilePaths | string | undefined
  /** At most as many as the cores, by default 4 at most, where the page is isolated; else there is one. */
  readonly threads?: number | undefined
}

/** More make a network of a face hardly faster. */
const MOST_THREADS = 4

/** ONNX Runtime inside of a worker; what runs takes turns. */
export class Runtime {
  /** Of WebAssembly. */
  readonly threads: number
  /** It is loaded. @throws BrowserError BROWSER_RUNTIME */
  readonly ready: Promise<void>
  readonly #build: Build
  readonly #device: 'wasm' | 'webgpu'
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    build: Build,
    { wasmPaths, threads }: RuntimeOptions,
    device: 'wasm' | 'webgpu' = 'wasm',
  ) {
    this.#build = build
    this.#device = device
    const { wasm } = build.env
    wasm.numThreads = globalThis.crossOriginIsolated
      ? Math.min(threads ?? MOST_THREADS, navigator.hardwareConcurrency)
      : 1
    if (wasmPaths !== undefined) wasm.wasmPaths = wasmPaths
    build.env.logLevel = 'error' // its warnings are about how others exported their models
    this.threads = wasm.numThreads
    this.ready = this.#turn(() => start(build, device))
    this.ready.catch(() => {}) // told to who loads a model
  }

  /** A model for this runtime. */
  source(name: string, bytes: Uint8Array): ModelSource {
    return { name, bytes, load: (changed = bytes) => this.#load(name, changed) }
  }

  /** @throws BrowserError BROWSER_RUNTIME, BROWSER_LOAD */
  async #load(name: string, bytes: Uint8Array): Promise<Network> {
    const { InferenceSession, Tensor } = this.#build
    await this.ready
    const session = await this.#turn(() =>
      InferenceSession.create(bytes, { executionProviders: [this.#device] }),
    ).catch((cause) => {
      throw loadFailed(name, bytes, cause)
    })
    const [input] = session.inputMetadata
    const run = async (inputs: Tensors): Promise<Tensors> => {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([key, { data, dims }]) => [key, new Tensor(data, dims)]),
      )
      try {
        return (await this.#turn(() => session.run(feeds))) as unknown as Tensors
      } catch (cause) {
        throw new BrowserError('BROWSER_RUN', `${name}: failed: ${messageOf(cause)}`, { cause })
      }
    }
    let closing: Promise<void> | undefined
    return {
      name,
      inputs: session.inputNames,
      outputs: session.outputNames,
      shape: input?.isTensor ? input.shape : [],
      parallel: 1,
      run,
      close: () => {
        closing ??= this.#turn(() => session.release())
        return closing
      },
    }
  }

  /** ONNX Runtime does one thing at a time. */
  #turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }
}

const NO_SIMD = 'Use a newer browser, or a device whose processor has what SIMD needs.'
const NOT_SERVED =
  "See that its files are served where `wasmPaths` says, and that the page's Content-Security-Policy allows 'wasm-unsafe-eval'."

/**
 * Loads ONNX Runtime's WebAssembly, by a model of one node: while the others are still on their way, and so that it is
 * known what has failed where it does not start.
 * @throws BrowserError BROWSER_RUNTIME
 */
async function start({ InferenceSession }: Build, device: string): Promise<void> {
  const graph = new GraphBuilder('start')
  const { FLOAT } = TensorProto_DataType
  graph.output(graph.add('Identity', [graph.input('x', FLOAT, [1])]), FLOAT, [1])
  try {
    const session = await InferenceSession.create(graph.encode(), { executionProviders: [device] })
    await session.release()
  } catch (cause) {
    const why = messageOf(cause)
    throw new BrowserError('BROWSER_RUNTIME', `ONNX Runtime's WebAssembly does not start: ${why}`, {
      cause,
      hint: /\bSIMD\b/.test(why) ? NO_SIMD : NOT_SERVED,
    })
  }
}
