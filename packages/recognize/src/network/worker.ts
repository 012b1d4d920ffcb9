import { parentPort, workerData } from 'node:worker_threads'
import { readModelBytes } from '@arcface/data/onnx'
import { decodeModel, withoutPRelu } from '@arcface/onnx'
import type { InferenceSession } from 'onnxruntime-web'
import type { Runnable, ThreadTensors } from '../products/engine.js'
import type { Backend } from './backend.js'
import { Gate } from './gate.js'
import { buffersOf, type Description, type FromWorker, type ToWorker } from './messages.js'
import { createSession, engineOf, loadRuntime, networkOf, type Runtime } from './runtime.js'

// A thread that runs networks: see thread.ts.

const gate = new Gate(workerData)
const runtimes = new Map<Backend, Promise<Runtime>>()
const networks = new Map<number, Runnable>()

/** A backend that does not work here. */
class Missing extends Error {
  constructor(
    readonly backend: Backend,
    { message }: Error,
  ) {
    super(message)
  }
}

/** The last request: one begins when the one before it is answered. */
let last: Promise<void> = Promise.resolve()

parentPort!.on('message', (message: ToWorker) => {
  last = last.then(() => serve(message))
})

async function serve(message: ToWorker): Promise<void> {
  let answer: FromWorker
  let moved: ArrayBuffer[] = []
  try {
    if (message.kind === 'load') answer = { done: await gate.pass(() => load(message)) }
    else {
      const done = await gate.pass(() => answerTo(message))
      moved = buffersOf(done ?? {})
      answer = { done }
    }
  } catch (error) {
    const failed = (error instanceof Error ? error.message : String(error)).split('\n')[0]!
    answer = error instanceof Missing ? { failed, missing: error.backend } : { failed }
  }
  parentPort!.postMessage(answer, moved)
}

async function answerTo(
  message: Exclude<ToWorker, { kind: 'load' }>,
): Promise<ThreadTensors | undefined> {
  const network = networks.get(message.network)
  if (network === undefined) throw new Error('already closed')
  if (message.kind === 'run') return run(network, message.inputs, message.outputs)
  networks.delete(message.network)
  await network.release()
  return undefined
}

async function load(message: ToWorker & { kind: 'load' }): Promise<Description> {
  const { network, model } = message
  const runtime = await runtimeOf(message.backend)
  if (typeof model === 'string' || model instanceof Uint8Array) {
    const session = await createSession(runtime, {
      ...message,
      model: await ownForm(model, message.backend),
    })
    networks.set(network, networkOf(runtime, session, message.backend))
    return describe(session)
  }
  const { openWork } = await import('../products/work.js')
  networks.set(network, await openWork(engineOf(runtime, message), model))
  return { inputs: [], outputs: [], shape: [] }
}

/** A model as this runtime computes the same fastest. The bytes in hand, or the path, where nothing changes. */
async function ownForm(model: string | Uint8Array, backend: Backend): Promise<string | Uint8Array> {
  if (backend !== 'node' || process.arch !== 'x64') return model
  const isPath = typeof model === 'string'
  const name = isPath ? model : 'the model'
  const bytes = isPath ? await readModelBytes(model) : model
  return withoutPRelu(decodeModel(bytes, name), name) ?? model
}

function runtimeOf(backend: Backend): Promise<Runtime> {
  const known = runtimes.get(backend)
  if (known) return known
  const runtime = loadRuntime(backend).catch((cause) => {
    throw new Missing(backend, cause)
  })
  runtimes.set(backend, runtime)
  return runtime
}

function describe({ inputNames, outputNames, inputMetadata }: InferenceSession): Description {
  const input = inputMetadata[0]
  return {
    inputs: inputNames,
    outputs: outputNames,
    shape: input?.isTensor ? input.shape : [],
  }
}

async function run(
  network: Runnable,
  inputs: ThreadTensors,
  shared: ThreadTensors = {},
): Promise<ThreadTensors> {
  const results = Object.entries(await network.run(inputs))
  const answered = results.flatMap(([name, { dims, data }]) => {
    shared[name]?.data.set(data)
    return shared[name] === undefined ? [[name, { dims, data }]] : []
  })
  return Object.fromEntries(answered)
}
