import type { ModelSource } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'
import { adapterName } from './adapter.js'
import { type Build, Runtime, type RuntimeOptions } from './runtime.js'
import { type NetworkReport, type Tolerance, Trial } from './trial.js'

/** Where networks may run: by WebAssembly, by WebGPU alone, or whichever is faster. */
export const DEVICES = ['faster', 'wasm', 'webgpu'] as const

export interface DeviceOptions extends RuntimeOptions {
  readonly webgpu?:
    | (Pick<RuntimeOptions, 'wasmPaths'> & {
        /** Default `faster`: WebGPU where a warm-up of the models is faster by it and gives the same. */
        readonly device?: (typeof DEVICES)[number] | undefined
      })
    | undefined
}

/** How networks run here. */
export interface RuntimeInfo {
  /** `webgpu` where any network runs by it. */
  readonly device: 'wasm' | 'webgpu'
  /** Of WebAssembly. */
  readonly threads: number
  /** Where it was asked for: what was found. */
  readonly webgpu?: WebGpuReport
}

export interface WebGpuReport {
  /** Maker and kind of the graphics processor, as the browser calls it. */
  readonly adapter?: string | undefined
  /** Why none of the networks was tried. */
  readonly reason?: string
  readonly networks: readonly NetworkReport[]
}

/** The builds of ONNX Runtime that a worker has. WebGPU's runs by WebAssembly too, a third as fast as the one without. */
export interface Builds {
  readonly wasm: Build
  readonly webgpu?: Build | undefined
}

/** Where each network runs. */
export class Devices {
  readonly #trials: Trial[] = []
  #networks: readonly NetworkReport[] = []

  private constructor(
    private readonly wasm: Runtime | undefined,
    private readonly webgpu: Runtime | undefined,
    private readonly asked: boolean,
    private readonly adapter: string | undefined,
    private reason: string | undefined,
  ) {}

  /** @throws BrowserError BROWSER_WEBGPU: asked for alone, and not there; BROWSER_RUNTIME */
  static async open(builds: Builds, options: DeviceOptions): Promise<Devices> {
    const { webgpu, ...rest } = options
    const device = webgpu ? (webgpu.device ?? 'faster') : 'wasm'
    const wasm = device === 'webgpu' ? undefined : new Runtime(builds.wasm, rest)
    if (device === 'wasm') return new Devices(wasm, undefined, false, undefined, undefined)
    const adapter = builds.webgpu && (await adapterName())
    const why = builds.webgpu ? 'WebGPU offers no graphics processor here' : NO_BUILD
    if (builds.webgpu && adapter !== undefined) {
      // Its own WebAssembly only passes work on.
      const given = { wasmPaths: webgpu?.wasmPaths ?? rest.wasmPaths, threads: 1 }
      const runtime = new Runtime(builds.webgpu, given, 'webgpu')
      try {
        await runtime.ready
        return new Devices(wasm, runtime, true, adapter, undefined)
      } catch (error) {
        if (wasm === undefined) throw error
        return new Devices(wasm, undefined, true, adapter, messageOf(error))
      }
    }
    if (wasm !== undefined) return new Devices(wasm, undefined, true, undefined, why)
    throw new BrowserError('BROWSER_WEBGPU', `WebGPU is asked for, and not there: ${why}`, {
      hint: 'Leave `device` out: then WebAssembly runs where WebGPU cannot.',
    })
  }

  /** @param near what it may give otherwise by WebGPU */
  source(name: string, bytes: Uint8Array, near: Tolerance): ModelSource {
    const { wasm, webgpu } = this
    if (wasm === undefined || webgpu === undefined) return (wasm ?? webgpu)!.source(name, bytes)
    return {
      name,
      bytes,
      load: async (changed) => {
        const network = await wasm.source(name, bytes).load(changed)
        try {
          const other = await webgpu.source(name, bytes).load(changed)
          const trial = new Trial(network, other, near)
          this.#trials.push(trial)
          return trial
        } catch (error) {
          this.#networks = [...this.#networks, { name, device: 'wasm', reason: messageOf(error) }]
          return network
        }
      },
    }
  }

  /** For a network that comes later, when it is decided where others run: by WebAssembly where that is there. */
  plain(name: string, bytes: Uint8Array): ModelSource {
    return (this.wasm ?? this.webgpu)!.source(name, bytes)
  }

  /** Decides where each network runs. @param warmUp gives all of them something to do */
  async settle(warmUp: () => Promise<unknown>): Promise<void> {
    const open = this.#trials.filter((trial) => !trial.isClosed)
    if (open.length > 0) await warmUp()
    for (const trial of open) this.#networks = [...this.#networks, await trial.settle()]
  }

  get info(): RuntimeInfo {
    const threads = this.wasm?.threads ?? 1
    if (this.wasm === undefined)
      return { device: 'webgpu', threads, webgpu: { adapter: this.adapter, networks: [] } }
    if (!this.asked) return { device: 'wasm', threads }
    const isAny = this.#networks.some(({ device }) => device === 'webgpu')
    return {
      device: isAny ? 'webgpu' : 'wasm',
      threads,
      webgpu: {
        adapter: this.adapter,
        ...(this.reason !== undefined && { reason: this.reason }),
        networks: this.#networks,
      },
    }
  }
}

const NO_BUILD = 'the worker has no ONNX Runtime for it'
