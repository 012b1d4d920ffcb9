import { parentPort, workerData } from 'node:worker_threads'
import type { InferenceSession } from 'onnxruntime-web'
import type { Backend } from './backend.js'
import { Gate } from './gate.js'
import type { Description, FromWorker, ThreadTensors, ToWorker } from './messages.js'
import { createSession, loadRuntime, type Runtime } from './runtime.js'

// A thread that runs networks: see thread.ts.

interface Loaded {
  readonly runtime: Runtime
  readonly session: InferenceSession
}

const gate = new Gate(workerData)
const runtimes = new Map<Backend, Promise<Runtime>>()
const networks = new Map<number, Loaded>()

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
  try {
    answer = { done: await gate.pass(() => answerTo(message)) }
  } catch (error) {
    const failed = (error instanceof Error ? error.message : String(error)).split('\n')[0]!
    answer = error instanceof Missing ? { failed, missing: error.backend } : { failed }
  }
  parentPort!.postMessage(answer)
}

async function answerTo(message: ToWorker): Promise<Description | ThreadTensors | undefined> {
  const { network } = message
  if (message.kind === 'load') {
    const runtime = await runtimeOf(message.backend)
    const session = await createSession(runtime, message)
    networks.set(network, { runtime, session })
    return describe(session)
  }
  const loaded = networks.get(network)
  if (loaded === undefined) throw new Error('already closed')
  if (message.kind === 'run') return run(loaded, message.inputs, message.outputs)
  networks.delete(network)
  await loaded.session.release()
  return undefined
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
  { runtime, session }: Loaded,
  inputs: ThreadTensors,
  shared: ThreadTensors = {},
): Promise<ThreadTensors> {
  const feeds = Object.entries(inputs).map(([name, { data, dims }]) => [
    name,
    new runtime.Tensor(own(data), dims),
  ])
  const outputs = await session.run(Object.fromEntries(feeds))
  const answered = Object.entries(outputs).flatMap(([name, { dims, data }]) => {
    const values = data as ThreadTensors[string]['data']
    const place = shared[name]
    if (place === undefined) return [[name, { dims, data: values }]]
    place.data.set(values)
    return []
  })
  return Object.fromEntries(answered)
}

/** The binding of Node takes no shared memory. */
const own = (data: ThreadTensors[string]['data']) =>
  data.buffer instanceof SharedArrayBuffer ? data.slice() : data
