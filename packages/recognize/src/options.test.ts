import { describe, expect, it } from 'vitest'
import { checkOptions, type Kinds } from './options.js'

interface Options {
  threshold?: number
  flip?: boolean
  faces?: 'largest' | 'all'
  signal?: AbortSignal
  source?: string
  onProgress?: () => void
  filter?: object
}
const kinds: Kinds<Options> = {
  threshold: 'number',
  flip: 'boolean',
  faces: ['largest', 'all'],
  signal: 'signal',
  source: 'text',
  onProgress: 'function',
  filter: 'any',
}
const check = (options: unknown) => () => checkOptions('verify', options as Options, kinds)

describe('checkOptions', () => {
  it('passes what is known and of the right kind, or left undefined', () => {
    for (const options of [
      {},
      { threshold: 0.3, flip: true, faces: 'all', signal: new AbortController().signal },
      { source: 'a', onProgress: () => undefined, filter: 5, flip: undefined },
    ])
      expect(check(options)).not.toThrow()
  })

  it.each([
    [{ treshold: 0.4 }, /verify has no option treshold; did you mean threshold\?/],
    [{ Flip: true }, /did you mean flip/],
    [{ somethingElse: 1 }, /it has threshold, flip, faces/],
    [{ constructor: 1 }, /no option constructor/],
    [{ threshold: Number.NaN }, /threshold is a number, not NaN/],
    [{ threshold: '0.4' }, /threshold is a number, not "0.4"/],
    [{ flip: 1 }, /flip is true or false, not 1/],
    [{ faces: 'biggest' }, /faces is one of largest, all, not "biggest"/],
    [{ signal: new AbortController() }, /signal is an AbortSignal, not of type AbortController/],
    [{ source: new Uint8Array(9) }, /source is a text, not of type Uint8Array/],
    [{ onProgress: null }, /onProgress is a function, not null/],
    [null, /options are an object/],
    ['largest', /options are an object/],
    [[], /options are an object/],
  ])('refuses %o', (options, message) => {
    expect(check(options)).toThrow(
      expect.objectContaining({
        code: 'RECOGNIZE_USE',
        message: expect.stringMatching(message),
      }),
    )
  })
})
