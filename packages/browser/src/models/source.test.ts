import { describe, expect, it } from 'vitest'
import { absoluteModels, isPack, type ModelsGiven } from './source.js'

const base = 'https://example.org/app/page.html'
const bytes = Uint8Array.of(8, 7)
const sha256 = 'AB'.repeat(32)

describe('absoluteModels', () => {
  it.each(['models/pack.json', 'models/', new URL('/models/a.json?v=2', base)])(
    'takes %s for a pack, of which each part is taken',
    (models) => {
      const from = new URL(models, base).href
      expect(absoluteModels(models, base)).toEqual({ detector: { from }, embedder: { from } })
      expect(absoluteModels({ from: models, sha256 }, base).embedder).toEqual({
        from,
        sha256: sha256.toLowerCase(),
      })
    },
  )

  it('makes addresses absolute, and lets bytes and what is said of them be', () => {
    const thresholds = { source: 'a test', cosine: { '1e-3': 0.4 } }
    const models: ModelsGiven = {
      detector: { from: '../d.onnx', name: 'mine' },
      landmarks: bytes,
      embedder: { from: new URL('https://other.org/e.onnx'), preprocessing: {}, thresholds },
    }
    expect(absoluteModels(models, base)).toEqual({
      detector: { from: 'https://example.org/d.onnx', name: 'mine' },
      landmarks: { from: bytes },
      embedder: { from: 'https://other.org/e.onnx', preprocessing: {}, thresholds },
    })
    const { embedder } = absoluteModels({ detector: bytes.buffer, embedder: 'pack/' }, base)
    expect([isPack(embedder), isPack({ from: bytes })]).toEqual([true, false])
  })

  it.each([
    ['an ONNX file alone', 'model.onnx', /models is the address of a pack/],
    ['bytes alone', bytes, /models is the address of a pack/],
    ['no models', undefined, /^models is the address of a pack/],
    ['a part that is unknown', { detector: bytes, embeder: bytes }, /did you mean embedder/],
    ['no detector', { embedder: bytes }, /models\.detector .* not undefined/],
    ['a number', { detector: 7, embedder: bytes }, /models\.detector .* not a number/],
    ['no address', { detector: 'http://', embedder: bytes }, /models\.detector is no address/],
    [
      'a word misspelt',
      { detector: bytes, embedder: { from: bytes, sha265: '' } },
      /did you mean sha256/,
    ],
    [
      'a sum of another kind',
      { detector: { from: bytes, sha256: 'abc' }, embedder: bytes },
      /models\.detector: sha256 is 64/,
    ],
    [
      'preprocessing of a detector',
      { detector: { from: bytes, preprocessing: {} }, embedder: bytes },
      /no option preprocessing/,
    ],
  ] as [string, ModelsGiven, RegExp][])('refuses %s', (_, models, message) => {
    expect(() => absoluteModels(models, base)).toThrow(
      expect.objectContaining({
        code: 'BROWSER_USE',
        message: expect.stringMatching(message),
      }),
    )
  })
})
