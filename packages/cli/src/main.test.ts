import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_PACK, installedPack } from '@arcface/recognize'
import { describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../bin/arcface.js', import.meta.url))
const shared = fileURLToPath(new URL('../../../../shared', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'cli-'))

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('arcface', () => {
  it('tells its version', () => {
    expect(arcface('--version')).toMatchObject({ status: 0, stdout: '0.1.0\n' })
  })

  it.each([
    ['train'],
    ['evaluate', 'verification'],
    ['export'],
    ['embed'],
    ['verify'],
    ['detect'],
    ['models', 'pull'],
    ['models', 'copy'],
    ['synthesize'],
  ])('has an example in the help of %s %s', (...command) => {
    const { status, stdout } = arcface(...command, '--help')
    expect(status).toBe(0)
    expect(stdout).toMatch(/Example/)
  })

  it('loads no room before a command needs one', () => {
    const module = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`
    const load = `export async function load(url, context, next) {
      console.error(url)
      return next(url, context)
    }`
    const hook = `import { register } from 'node:module'; register(${JSON.stringify(module(load))})`
    const args = ['--import', module(hook), bin, '--help']
    const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    const rooms = Array.from(stderr.matchAll(/\/packages\/(\w+)\//g), ([, room]) => room)
    expect([...new Set(rooms)]).toEqual(['cli'])
  })

  it('exits with 2 for wrong usage and suggests what was meant', () => {
    expect(arcface('trian')).toMatchObject({ status: 2, stderr: expect.stringMatching(/train/) })
    expect(arcface('train').status).toBe(2)
    expect(arcface('embed', '.', '--model', 'x', '--out', 'x.csv').status).toBe(2)
  })

  it('exits with 1, a code and no stack for work that fails', () => {
    const missing = arcface('train', join(room, 'none.yaml'))
    expect(missing).toMatchObject({ status: 1, stdout: '' })
    expect(missing.stderr).toMatch(/^error TRAIN_CONFIG: .*none\.yaml/)
    expect(missing.stderr).not.toMatch(/\n\s+at /)
    const photos = arcface('embed', join(room, 'none'))
    expect(photos.stderr).toMatch(
      /^error FILES_READ: .*none cannot be read: ENOENT: no such file or directory.\n$/,
    )
    const model = arcface('verify', bin, bin, '--model', bin)
    expect(model.status).toBe(1)
    expect(model.stderr).toMatch(/^error ONNX_NOT_A_MODEL/) // opened before the photographs are
  })

  it('ends without a word where nobody reads on, and goes on where nobody reads what is going on', () => {
    const into = (redirection: string, ...args: string[]) =>
      spawnSync(
        'sh',
        [
          '-c',
          `{ "$@"; echo "code $?" >&3; } ${redirection}`,
          'sh',
          process.execPath,
          bin,
          ...args,
        ],
        {
          stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
          encoding: 'utf8',
        },
      ).output.map(String)
    // Its reader is gone before the first line comes.
    expect(into('| true', '--help').slice(2)).toEqual(['', 'code 0\n'])
    expect(into('| true', 'models', 'list').slice(2)).toEqual(['', 'code 0\n'])
    const [, out, , code] = into('2>&1 >/dev/null | true', 'train', join(room, 'none.yaml'))
    expect([out, code]).toEqual(['', 'code 1\n'])
  })

  it.skipIf(!existsSync('/dev/full'))('says that its result could not be written', () => {
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', '"$@" > /dev/full', 'sh', process.execPath, bin, '--help'],
      {
        encoding: 'utf8',
      },
    )
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^error ENOSPC: .*\n$/)])
  })

  it('draws people and pairs', () => {
    const faces = join(room, 'faces')
    const pairs = join(room, 'pairs.txt')
    const args = ['--people', '20', '--images', '3', '--pairs', pairs, '--json']
    const { status, stdout } = arcface('synthesize', faces, ...args)
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ people: 20, images: 60 })
    expect(existsSync(join(faces, 'person_0001/person_0001_0001.jpg'))).toBe(true)
    expect(readFileSync(pairs, 'utf8')).toMatch(/^10\t\d+\n/)
  })
})

const pack = await installedPack(DEFAULT_PACK)
describe.skipIf(!pack)('with the default pack (arcface models pull)', () => {
  it('lays it into a folder for a page', () => {
    const folder = join(room, 'public/models')
    const { stdout } = arcface('models', 'copy', '--out', folder, '--json')
    const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'))
    const bytes = files.map((name) => statSync(join(folder, name)).size).reduce((a, b) => a + b)
    expect(files).toEqual(
      expect.arrayContaining(['fr_detect.onnx', 'fr_feature.onnx', 'fr_landmark.onnx']),
    )
    expect(JSON.parse(stdout)).toEqual({ name: DEFAULT_PACK, folder, bytes })
    expect(JSON.parse(readFileSync(join(folder, 'pack.json'), 'utf8')).pack.name).toBe(DEFAULT_PACK)
    const unknown = arcface('models', 'copy', 'sfaec', '--out', folder)
    expect(unknown).toMatchObject({ status: 1, stderr: expect.stringContaining('RECOGNIZE_PACK') })
  })

  it.skipIf(!existsSync(shared))('gives 96.4 +- 0.3 % on the celeba pairs', () => {
    const { stdout } = arcface(
      ...['evaluate', 'verification', '--model', DEFAULT_PACK, '--json'],
      ...['--images', join(shared, 'faces/celeba')],
      ...['--pairs', join(shared, 'faces/celeba_pairs.txt')],
    )
    expect(Math.abs(JSON.parse(stdout).accuracy - 0.964)).toBeLessThanOrEqual(0.003)
  })
})

const model = join(shared, 'models/MobileFaceNet.onnx')
describe.skipIf(!existsSync(model))('with the shared MobileFaceNet and celeba faces', () => {
  it.each([[[]], [['--flip']]])('gives 95.9 +- 0.3 %% on the celeba pairs %s', (flip) => {
    const { stdout } = arcface(
      ...['evaluate', 'verification', '--model', model, '--json', ...flip],
      ...['--images', join(shared, 'faces/celeba')],
      ...['--pairs', join(shared, 'faces/celeba_pairs.txt')],
      ...['--range', '1', '--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225'],
    )
    const { accuracy, pairs, flip: flipped } = JSON.parse(stdout)
    expect(Math.abs(accuracy - 0.959)).toBeLessThanOrEqual(0.003)
    expect({ pairs, flipped }).toEqual({ pairs: 6000, flipped: flip.length > 0 })
  })
})
