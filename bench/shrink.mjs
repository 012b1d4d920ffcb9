// Milliseconds to shrink a photograph into a detector's input, 640 pixels wide: paintShrunk (pure, on the main thread) beside
// sharp and paintBilinear (what Node does), in turns in one run.
// node bench/shrink.mjs [rounds]
import { paint } from '@arcface/vision'
import { shrinkPhoto } from '../packages/recognize/dist/photo/shrink.js'
import { yunet } from '../packages/vision/dist/detect/yunet.js'
import { median, record } from './harness.mjs'

const SIZES = [
  [1300, 900],
  [2304, 1728],
  [4000, 3000],
  [6000, 4000],
]
const rounds = Number(process.argv[2] ?? 15)
for (const [width, height] of SIZES) {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 31) % 251)
  const photo = { width, height, pixels }
  const size = { width: 640, height: 480 }
  const times = [[], []]
  for (let round = -3; round < rounds; round++)
    for (const [i, shrink] of [undefined, shrinkPhoto].entries()) {
      const from = performance.now()
      await paint(photo, size, 1, yunet, shrink)
      if (round >= 0) times[i].push(performance.now() - from)
    }
  const [ours, sharp] = times.map(median)
  const row = {
    megapixels: ((width * height) / 1e6).toFixed(1),
    ours_ms: ours.toFixed(1),
    sharp_ms: sharp.toFixed(1),
    ratio: (sharp / ours).toFixed(2),
  }
  record('shrink', row)
  console.log(row)
}
