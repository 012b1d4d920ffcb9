import { DEFAULT_PACK, registry } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { packParts } from './pack.js'

const address = 'https://example.org/models/pack.json'
const beside = (name: string) => `https://example.org/models/${name}`
const known = (name: string) => structuredClone(registry.find((pack) => pack.name === name)!)

/** As `pullPack` of @arcface/recognize describes it beside its files. */
const installed = (pack: ReturnType<typeof known>) => {
  const names = pack.downloads.flatMap(({ files }) => files.map(({ name }) => name))
  const files = names.map((name, i) => [name, { size: i + 1, sha512: `${i}`, changed: 1.5 }])
  return JSON.stringify({ pack, files: Object.fromEntries(files) })
}

describe('packParts', () => {
  it('finds the files of an installed pack beside it, with what the list says of it now', () => {
    const old = known(DEFAULT_PACK)
    const { thresholds, preprocessing } = old.embedder!
    delete old.embedder!.thresholds
    expect(packParts(installed(old), address)).toMatchObject({
      name: DEFAULT_PACK,
      detector: { addresses: [beside('fr_detect.onnx')], size: 1, checksum: 'sha512:0' },
      landmarks: { addresses: [beside('fr_landmark.onnx')], size: 2, checksum: 'sha512:1' },
      embedder: { addresses: [beside('fr_feature.onnx')], size: 3, checksum: 'sha512:2' },
      preprocessing,
      thresholds,
    })
  })

  it('looks for the files of a description beside it, then where they are downloads of their own', () => {
    const sface = known('sface')
    const [yunet, embedder] = sface.downloads
    expect(packParts(JSON.stringify(sface), address)).toEqual({
      name: 'sface',
      detector: expect.objectContaining({
        addresses: [
          beside(sface.detector!),
          ...yunet!.sources.map((one) => 'url' in one && one.url),
        ],
        checksum: yunet!.checksum,
        size: yunet!.size,
      }),
      landmarks: undefined,
      embedder: expect.objectContaining({ checksum: embedder!.checksum, size: embedder!.size }),
      preprocessing: sface.embedder!.preprocessing,
      thresholds: undefined,
    })
  })

  it('does not look for what an archive holds, but knows its sums', () => {
    const buffalo = known('buffalo_s')
    const [first] = buffalo.downloads[0]!.files
    const { detector } = packParts(JSON.stringify(buffalo), address)
    expect(detector).toMatchObject({
      addresses: [beside('det_500m.onnx')],
      checksum: first!.checksum,
      size: first!.size,
      missing: expect.stringContaining('arcface models copy buffalo_s --out'),
    })
  })

  it.each([
    ['no JSON', 'so', /no JSON/],
    ['no pack', '[]', /describes no model pack/],
    ['nothing', 'null', /describes no model pack/],
    ['another pack', JSON.stringify({ pack: { ...known('yunet'), more: 1 } }), /more/],
    [
      'a pack whose files are not listed',
      JSON.stringify({ pack: known('yunet') }),
      /list of files/,
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => packParts(text, `${address}?token=1`)).toThrow(
      expect.objectContaining({
        code: 'BROWSER_PACK',
        message: expect.stringMatching(message),
      }),
    )
    expect(() => packParts(text, `${address}?token=1`)).toThrow(
      /^https:\/\/\S+pack\.json describes/,
    )
  })
})
