// Trains as a configuration says, and exports the best: node train.mjs demo.yaml data.roots=[faces] output=runs/mine
import { exportRun, loadConfig, train } from '@arcface/train'

const [file, ...values] = process.argv.slice(2)

const config = loadConfig(file, values) // key.key=value each, as --set
const { run } = await train(config, { onStep: ({ step, loss }) => console.log(step, loss) })
const { path, dim } = exportRun(run, 'mine.onnx') // with its preprocessing in the metadata

console.log(path, dim)
