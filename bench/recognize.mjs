// Photographs a second from file to embedding (detect, align, embed the largest face): our Recognizer, and OpenCV's
// FaceDetectorYN with alignCrop's template and the same embedder on ONNX Runtime's Python. They take turns.
// node bench/recognize.mjs --photos DIR --detector yunet.onnx --embedder fr_feature.onnx [--rounds 5]
// PYTHON names the python3 that has cv2 (4.8 or newer reads this YuNet) and onnxruntime.
import { readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Recognizer } from '@arcface/recognize'
import { duel, record, serve, start } from './harness.mjs'

const COUNT = 40
const text = { type: 'string' }
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { photos: text, detector: text, embedder: text, rounds: { ...text, default: '5' } },
})
const { photos, detector, embedder } = values
const files = readdirSync(photos, { recursive: true })
  .filter((name) => /\.(jpe?g|png)$/i.test(name))
  .sort()
  .slice(0, COUNT)
  .map((name) => join(photos, name))

if (positionals[0] === 'ours') {
  const preprocessing = { colorOrder: 'BGR', mean: 127.5, std: 127.5 }
  const recognizer = await Recognizer.open({ model: embedder, detector, preprocessing })
  await serve({}, () =>
    Promise.all(files.map((path) => recognizer.embed(path, { faces: 'largest' }))),
  )
  await recognizer.close()
} else {
  const list = join(tmpdir(), `photos-${process.pid}.txt`)
  writeFileSync(list, files.map((file) => `${file}\n`).join(''))
  const here = (name) => fileURLToPath(new URL(name, import.meta.url))
  const same = ['--photos', photos, '--detector', detector, '--embedder', embedder]
  const contestants = [
    await start(process.execPath, [here('recognize.mjs'), 'ours', ...same]),
    await start(process.env.PYTHON ?? 'python3', [
      here('peers/recognize.py'),
      ...[list, detector, embedder],
    ]),
  ]
  for (const one of contestants) await one.run(1)
  const seconds = await duel(contestants, { rounds: Number(values.rounds), steps: 1 })
  for (const one of contestants) one.stop()
  const [ours, opencv] = seconds.map((s) => files.length / s)
  const row = {
    ...contestants[1].hello,
    photos: files.length,
    ours_photos_per_s: ours.toFixed(1),
    opencv_photos_per_s: opencv.toFixed(1),
    ratio: (ours / opencv).toFixed(2),
  }
  record('recognize', row)
  console.log(row)
}
