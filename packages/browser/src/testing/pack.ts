import { modelBytes, sha } from './models.js'

// A pack of files that no network is made of, as it is installed in the folder `pack/` of a site.

export const [detector, landmarks, embedder] = [1, 2, 3].map((seed) => modelBytes(seed)) as [
  Buffer,
  Buffer,
  Buffer,
]
export const files = {
  'pack/d.onnx': detector,
  'pack/l.onnx': landmarks,
  'pack/e.onnx': embedder,
}
export const pack = {
  name: 'mine',
  title: 'of a test',
  licence: { name: 'MIT', url: 'https://example.org', commercial: true },
  downloads: [
    {
      format: 'tgz',
      sources: [{ kind: 'npm', package: 'none', version: '1.0.0' }],
      files: ['d.onnx', 'l.onnx', 'e.onnx'].map((name) => ({ name })),
    },
  ],
  detector: 'd.onnx',
  landmarks: 'l.onnx',
  embedder: {
    file: 'e.onnx',
    preprocessing: { colorOrder: 'BGR', range: 255, mean: [127.5, 127.5, 127.5], std: [1, 1, 1] },
    thresholds: { source: 'a test', cosine: { '1e-3': 0.4 } },
  },
}

const entry = (bytes: Buffer) => ({ size: bytes.length, sha512: sha('sha512', bytes) })
export const manifest = {
  pack,
  files: { 'd.onnx': entry(detector), 'l.onnx': entry(landmarks), 'e.onnx': entry(embedder) },
}
export const installed = { ...files, 'pack/pack.json': JSON.stringify(manifest) }
