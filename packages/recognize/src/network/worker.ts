import { parentPort, workerData } from 'node:worker_threads'
import type { Tensors } from '@arcface/vision'
import type { InferenceSession } from 'onnxruntime-node'
import { Gate } from './gate.js'
import type { Description, FromWorker, ToWorker } from './messages.js'

// A thread that runs networks: see thread.ts.

const gate = new Gate(workerData)
const ort = await gate.pass(() => import('onnxruntime-node'))
const sessions = new Map<number, InferenceSession>()

parentPort!.on('message', async (message: ToWorker) => {
  let answer: FromWorker
  try {
    answer = { done: await gate.pass(() => answerTo(message)) }
  } catch (error) {
    answer = { failed: (error instanceof Error ? error.message : String(error)).split('\n')[0]! }
  }
  parentPort!.postMessage(answer)
})

async function answerTo(message: ToWorker): Promise<Description | Tensors | undefined> {
  const { network } = message
  if (message.kind === 'load') {
    const session = await load(message.model, message.threads)
    sessions.set(network, session)
    return describe(session)
  }
  const session = sessions.get(network)
  if (session === undefined) throw new Error('already closed')
  if (message.kind === 'run') return run(session, message.inputs)
  sessions.delete(network)
  await session.release()
  return undefined
}

async function load(model: string | Uint8Array, threads: number): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    logSeverityLevel: 3, // errors; its warnings are about how others exported their models
    intraOpNumThreads: threads,
  }
  return typeof model === 'string'
    ? ort.InferenceSession.create(model, options)
    : ort.InferenceSession.create(model, options)
}

function describe(session: InferenceSession): Description {
  const input = session.inputMetadata[0]
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    shape: input?.isTensor ? input.shape : [],
  }
}

async function run(session: InferenceSession, inputs: Tensors): Promise<Tensors> {
  const feeds = Object.entries(inputs).map(([name, { data, dims }]) => [
    name,
    new ort.Tensor('float32', data, dims),
  ])
  const outputs = await session.run(Object.fromEntries(feeds))
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { dims, data }]) => [
      name,
      { dims, data: data as Float32Array<ArrayBuffer> },
    ]),
  )
}
