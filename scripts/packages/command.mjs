// `npm install -g @arcface/cli`: the command, where there is neither libtorch nor a model pack.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm, Project } from './project.mjs'

const windows = process.platform === 'win32'
const modules = windows ? 'node_modules' : 'lib/node_modules'

/**
 * @param {import('./install.mjs').Place} place
 * @param model bytes of an embedder
 * @param detector and of a detector with YuNet's outputs
 * @param exported a gallery's export
 * @param native whether to build the bridge to libtorch, which takes minutes
 */
export async function useCommand(
  { folder, setting, runtimes, old, step },
  { model, detector, exported, native },
) {
  const prefix = join(folder, 'global')
  await step('npm install --global @arcface/cli', () =>
    npm(folder, ['install', '--global', '--prefix', prefix, setting, '@arcface/cli']),
  )
  const bin = join(prefix, modules, '@arcface/cli/bin/arcface.js')
  const project = new Project(join(folder, 'command'), setting)
  project.write('model.onnx', model)
  project.write('detector.onnx', detector)
  const arcface = (...args) => project.run([process.execPath, bin], ...args)
  const json = async (...args) => JSON.parse(await arcface(...args, '--json'))
  const refuses = (code, ...args) => assert.rejects(arcface(...args), RegExp(`error ${code}: `))

  await step('arcface as npm links it', async () => {
    const linked = join(prefix, windows ? 'arcface.cmd' : 'bin/arcface')
    return (await project.run([linked], '--version')).trim()
  })
  for (const { name, command } of runtimes.filter(({ name }) => name.startsWith('node')))
    await step(`arcface --help by ${name}`, async () =>
      assert.match(await project.run(command, bin, '--help'), /verify/),
    )
  await step('arcface by a Node too old', () =>
    assert.rejects(project.run(old, bin, '--help'), /error CLI_NODE: Node 20\.15 or newer/),
  )

  const using = ['--model', 'model.onnx']
  await step('arcface synthesize, embed', async () => {
    await arcface('synthesize', 'drawn', '--people', '20', '--images', '4', '--pairs', 'pairs.txt')
    await arcface('embed', 'drawn', ...using, '--out', 'drawn.npy')
    assert.match(readFileSync(join(project.folder, 'drawn.npy'), 'latin1'), /\(80, 4\)/)
  })
  const [one, other] = [1, 2].map((i) => `drawn/person_0001/person_0001_000${i}.jpg`)
  await step('arcface verify', async () => {
    const compare = ['--threshold', '0.5', '--any-quality']
    assert.equal((await json('verify', one, one, ...using, ...compare)).same, true)
    assert.equal(
      typeof (await json('verify', one, other, ...using, ...compare)).similarity,
      'number',
    )
  })
  await step('arcface evaluate verification', async () => {
    const set = ['--images', 'drawn', '--pairs', 'pairs.txt']
    const { auc } = await json('evaluate', 'verification', ...using, ...set, '--report', 'report')
    assert.ok(auc > 0 && auc < 1)
    assert.match(readFileSync(join(project.folder, 'report/report.html'), 'utf8'), /<svg/)
  })
  await step('arcface gallery import, list', async () => {
    await arcface('gallery', 'import', 'people', exported)
    const { people } = await json('gallery', 'list', 'people')
    assert.deepEqual(people.map(({ name }) => name).sort(), ['Ada', 'Katherine'])
  })
  await step('arcface models list', async () => {
    const { packs } = await json('models', 'list')
    assert.ok(packs.length > 0 && packs.every(({ installed }) => !installed))
  })
  await step('arcface detect', async () => {
    const found = await json('detect', one, '--detector', 'detector.onnx')
    assert.deepEqual([found.detector, found.width, found.height], ['YuNet', 112, 112])
  })
  await step('arcface detect without a pack', () => refuses('RECOGNIZE_PACK', 'detect', one))
  await step('arcface train without libtorch', () =>
    assert.rejects(arcface('train', 'no.yaml'), /error TORCH_NOT_BUILT: .*arcface setup train/s),
  )
  await step('arcface setup train where nothing compiles', async () => {
    project.env = { CXX: 'no-compiler' }
    await assert.rejects(arcface('setup', 'train'), /error TORCH_SETUP: .* For this system: /)
    project.env = {}
  })
  if (native)
    await step('arcface setup train', async () => {
      const { libtorch, jpeg } = await json('setup', 'train')
      // Now it is the configuration that is missing.
      await refuses('TRAIN_CONFIG', 'train', 'no.yaml')
      return `libtorch ${libtorch}, ${jpeg}`
    })
}
