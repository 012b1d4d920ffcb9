// @vladmandic/human on TensorFlow.js' WebAssembly: human.mjs LIST FOLDER, where FOLDER has it in node_modules.
// Speaks the protocol of bench/harness.mjs; a step is the whole list. Of each photograph one face: box, mesh (by which
// it is turned upright), description (its embedding); sharp decodes, as for ours.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { serve } from '../harness.mjs'
import { humanConfig } from './human-config.mjs'

const [list, folder] = process.argv.slice(2)
const modules = join(folder, 'node_modules')
const require = createRequire(join(folder, 'package.json'))
const sharp = createRequire(new URL('../../packages/recognize/package.json', import.meta.url))(
  'sharp',
)
// Its messages go to where they do not meddle with the protocol.
for (const name of ['log', 'info', 'warn']) console[name] = console.error
const { Human } = require(join(modules, '@vladmandic/human/dist/human.node-wasm.js'))
const models = createServer(async (request, response) => {
  const name = request.url.replace(/^\/+/, '').replaceAll('..', '')
  const bytes = await readFile(join(modules, '@vladmandic/human/models', name)).catch(() => null)
  response.writeHead(bytes ? 200 : 404).end(bytes ?? undefined)
})
await new Promise((done) => models.listen(0, '127.0.0.1', done))
const human = new Human(
  humanConfig({
    wasmPath: join(modules, '@tensorflow/tfjs-backend-wasm/wasm-out/'),
    modelBasePath: `http://127.0.0.1:${models.address().port}/`,
  }),
)
await human.load()
models.close()
const files = (await readFile(list, 'utf8')).split('\n').filter(Boolean)
const { simd, multithread } = human.env.wasm
let found = 0

async function embed(path) {
  const { data, info } = await sharp(path)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const tensor = human.tf.tensor3d(data, [info.height, info.width, 3], 'int32')
  const { face, error } = await human.detect(tensor)
  tensor.dispose()
  if (error) throw new Error(error)
  if (face[0]?.embedding?.length > 0) found++
}

for (const path of files) await embed(path)
const version = JSON.parse(
  await readFile(join(modules, '@vladmandic/human/package.json'), 'utf8'),
).version
await serve(
  { human: version, backend: human.tf.getBackend(), simd, multithread, found },
  async () => {
    for (const path of files) await embed(path)
  },
)
process.exit()
