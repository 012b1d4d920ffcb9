import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DType, TypedArray } from './dtype.js'
import { deviceCode, TorchError, type TorchErrorCode } from './errors.js'

declare const handle: unique symbol
/** An opaque reference to a tensor or a generator inside libtorch. */
export interface Handle {
  readonly [handle]: true
}

/** What the dispatcher takes and gives, as the add-on sees it. */
export type Raw = Handle | number | bigint | boolean | string | null | undefined | Raw[]

export interface SchemaArgument {
  name: string
  type: string
  realType: string
  hasDefault: boolean
  writes: boolean
  size: number
}

export interface Schema {
  text: string
  arguments: SchemaArgument[]
  returns: SchemaArgument[]
}

interface Native {
  readonly version: string
  setErrorClass(errorClass: unknown): void
  lookup(name: string): number
  call(operator: number, ...args: Raw[]): Raw
  schema(name: string): Schema
  operatorNames(): string[]
  fromTypedArray(data: TypedArray, dtype: DType, shape: readonly number[], share: boolean): Handle
  toTypedArray(tensor: Handle): TypedArray
  asTypedArray(tensor: Handle): TypedArray
  dispose(...handles: Handle[]): void
  /** Tells the garbage collector how much memory the tensor keeps. Once a tensor. */
  entrust(tensor: Handle): void
  disposed(tensor: Handle): boolean
  liveTensors(): number
  shape(tensor: Handle): number[]
  strides(tensor: Handle): number[]
  dtype(tensor: Handle): DType
  device(tensor: Handle): string
  requiresGrad(tensor: Handle): boolean
  setRequiresGrad(tensor: Handle, value: boolean): void
  gradient(tensor: Handle): Handle | null
  setGradient(tensor: Handle, gradient: Handle | null): void
  backward(
    tensors: Handle[],
    gradients: Handle[] | null,
    retainGraph: boolean,
    createGraph: boolean,
  ): void
  grad(
    outputs: Handle[],
    inputs: Handle[],
    gradients: Handle[] | null,
    retainGraph: boolean,
    createGraph: boolean,
    allowUnused: boolean,
  ): (Handle | null)[]
  gradEnabled(): boolean
  setGradEnabled(enabled: boolean): void
  autocastState(device: string): DType | null
  setAutocast(device: string, dtype: DType | null): void
  numThreads(): number
  setNumThreads(count: number): void
  manualSeed(seed: number | bigint): void
  randomState(generator: Handle | string | undefined): Handle
  setRandomState(state: Handle, generator: Handle | string | undefined): void
  createGenerator(seed: number | bigint): Handle
  loadLibrary(path: string): void
  hasCuda(): boolean
  keepMemory(): void
  setDefaultDevice(device: string): void
  tryAlgorithms(): void
  /** Of a build with CUDA; else missing, as the two below. */
  recordGraph?(device: string, body: () => void): number
  replayGraph(graph: number): void
  dropGraph(graph: number): void
  startProfile(): void
  stopProfile(): [name: string, backward: boolean, thread: number, start: number, end: number][]
  /** Of c10d; where there are none the functions below are missing. */
  readonly backends: readonly string[]
  joinTeam(
    backend: string,
    rank: number,
    worldSize: number,
    masterAddr: string,
    masterPort: number,
    timeout: number,
    masterFile: string,
  ): void
  leaveTeam(keepStore: boolean): void
  teamAllReduce(tensor: Handle, reduction: 'sum' | 'max'): void
  teamBroadcast(tensors: Handle[], root: number): void
  teamAllGather(tensor: Handle): Handle
  teamGatherRows(tensor: Handle, gradientFactor: number): Handle
  teamBarrier(): void
  storeSet(key: string, value: string): void
  storeGet(key: string): string
  storeCheck(key: string): boolean
  makeReducer(params: Handle[], bucketBytes: number): number
  reducerBackward(reducer: number, loss: Handle): void
  dropReducer(reducer: number): void
  communicationSeconds(): number
}

/**
 * The path of what CMake has built of native/: in build/, or in the folder that ARCFACE_TORCH_BUILD names, so that
 * builds over several libtorchs can lie side by side.
 */
export const builtFile = (name: string): string =>
  resolve(
    process.env.ARCFACE_TORCH_BUILD ?? fileURLToPath(new URL('../build', import.meta.url)),
    name,
  )

// OpenBLAS reads it as it is loaded. Its threads otherwise spin for a tenth of a second after each product, on the
// cores that libtorch's own threads work on.
process.env.OPENBLAS_THREAD_TIMEOUT ??= '4'
// And GCC's OpenMP likewise: its threads otherwise spin for milliseconds after each operator of libtorch's, on the cores
// that OpenBLAS's threads and other processes work on. Spins, not time; some microseconds.
if (process.env.OMP_WAIT_POLICY === undefined) process.env.GOMP_SPINCOUNT ??= '1000'

/** What the add-on throws. A device in trouble has its own code, whatever was called when it showed. */
class Thrown extends TorchError {
  constructor(code: TorchErrorCode, message: string) {
    const isAnyones = code === 'TORCH_OPERATOR' || code === 'TORCH_ENGINE'
    super((isAnyones ? deviceCode(message) : null) ?? code, message)
  }
}

function load(): Native {
  try {
    const loaded = createRequire(import.meta.url)(builtFile('arcface_torch.node')) as Native
    loaded.setErrorClass(Thrown)
    return loaded
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new TorchError('TORCH_NOT_BUILT', `the libtorch add-on does not load (${reason})`, {
      cause,
      hint: '`buildAddon` builds it, or says which command brings what it needs first (make native in a checkout). Embedding and verification with an ONNX model need no libtorch.',
    })
  }
}

/** The add-on, loaded once a process. */
export const native: Native = load()
