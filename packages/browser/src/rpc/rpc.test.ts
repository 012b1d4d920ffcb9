import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { OnnxError } from '@arcface/onnx'
import { VisionError } from '@arcface/vision'
import { afterEach, describe, expect, it } from 'vitest'
import { BrowserError } from '../errors.js'
import { Remote } from './client.js'
import { type Handlers, Moved, type Port, serve } from './server.js'

/** A page and its worker at the two ends of a channel. */
let ends: MessagePort[] = []
afterEach(() => {
  for (const end of ends) end.close()
  ends = []
})

function connected(handlers: Handlers): Remote {
  const { port1, port2 } = new MessageChannel()
  ends = [port1, port2]
  serve(port2 as unknown as Port, handlers)
  port2.start()
  const worker = {
    postMessage: port1.postMessage.bind(port1),
    addEventListener(kind: string, listener: (event: { data: unknown }) => void) {
      if (kind === 'message') port1.on('message', (data) => listener({ data }))
    },
    terminate: () => port1.close(),
  }
  return new Remote(worker as unknown as Worker)
}

const defer = <T>() => {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

const forever = () => new Promise<never>(() => {})

describe('a call to the worker', () => {
  it('is answered, whichever ends first, and tells how far it is', async () => {
    const slow = defer<void>()
    const remote = connected({
      double: async (value: number, { progress }) => {
        progress(value / 2)
        if (value === 1) await slow.promise
        return 2 * value
      },
    })
    const told: number[] = []
    const first = remote.ask('double', 1, { onProgress: (value) => told.push(value) })
    expect(await remote.ask('double', 4)).toBe(8)
    slow.resolve()
    expect(await first).toBe(2)
    expect(told).toEqual([0.5])
  })

  it('fails as it failed there: with class, code and hint', async () => {
    const errors = [
      new VisionError('VISION_NO_FACE', 'it shows no face', { hint: 'look' }),
      new OnnxError('ONNX_NOT_A_MODEL', 'cut short'),
      new BrowserError('BROWSER_PHOTO', 'no photograph', { hint: 'take another' }),
      new TypeError('something else'),
    ]
    const remote = connected({
      fail: async (which: number) => {
        throw errors[which]
      },
    })
    for (const [which, error] of errors.entries()) {
      const thrown: unknown = await remote.ask('fail', which).catch((one) => one)
      const { name, message } = error
      expect(thrown).toMatchObject({ name, message })
      if ('code' in error) {
        expect(thrown).toBeInstanceOf(error.constructor)
        expect(thrown).toMatchObject({ code: error.code, hint: error.hint })
      }
    }
  })

  it('moves what is to be moved, both ways', async () => {
    const remote = connected({
      more: async (bytes: Uint8Array<ArrayBuffer>) => new Moved(bytes, [bytes.buffer]),
    })
    const bytes = Uint8Array.of(1, 2, 3)
    const back = await remote.ask<Uint8Array>('more', bytes, { transfer: [bytes.buffer] })
    expect([bytes.length, ...back]).toEqual([0, 1, 2, 3])
  })

  it('ends with the reason of its signal, and the worker is told', async () => {
    const told = defer<boolean>()
    const remote = connected({
      wait: (_, { signal }) => {
        signal.addEventListener('abort', () => told.resolve(signal.aborted))
        return forever()
      },
    })
    const abort = new AbortController()
    const call = remote.ask('wait', {}, { signal: abort.signal })
    abort.abort('enough')
    await expect(call).rejects.toBe('enough')
    expect(await told.promise).toBe(true)
    await expect(remote.ask('wait', {}, { signal: abort.signal })).rejects.toBe('enough')
  })

  it('closes what it would have moved where it is not sent', async () => {
    const remote = connected({})
    const picture = { closed: false, close: () => Object.assign(picture, { closed: true }) }
    const transfer = [picture as unknown as ImageBitmap]
    const signal = AbortSignal.abort('too late')
    await expect(remote.ask('any', {}, { transfer, signal })).rejects.toBe('too late')
    expect(picture.closed).toBe(true)
  })

  it('that the worker does not know, or that cannot be sent, is refused', async () => {
    const remote = connected({})
    const unknown = { code: 'BROWSER_WORKER', message: /knows no toString/ }
    await expect(remote.ask('toString', {})).rejects.toMatchObject({ code: unknown.code })
    await expect(remote.ask('toString', {})).rejects.toThrow(unknown.message)
    await expect(remote.ask('any', () => {})).rejects.toMatchObject({ code: 'BROWSER_USE' })
    const signal = 5 as unknown as AbortSignal
    await expect(remote.ask('any', {}, { signal })).rejects.toMatchObject({
      code: 'BROWSER_USE',
      message: 'any: signal is an AbortSignal, not 5',
    })
  })

  it('under way or to come fails when the worker ends', async () => {
    const remote = connected({ wait: forever })
    const call = remote.ask('wait', {})
    remote.end()
    remote.end()
    await expect(call).rejects.toMatchObject({ code: 'BROWSER_USE' })
    await expect(remote.ask('wait', {})).rejects.toMatchObject({ code: 'BROWSER_USE' })
  })
})
