import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { synthesizeFaces } from '@arcface/data'
import { DEFAULT_PACK, installedPack, resolveLiveness } from '@arcface/recognize'
import { exampleFiles, REPOSITORY, tinyModel } from '@arcface/testing'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import sharp from 'sharp'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'

// The programs of examples/ do what they say; that the pages show no other code, pages.test.ts sees.

const programs = exampleFiles().filter((name) => !name.startsWith('server/')) // example-server.test.ts has these

const rooms: string[] = []
let room: string
const tried = new Set<string>()
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'examples-'))
  rooms.push(room)
})
afterAll(() => {
  for (const one of rooms) rmSync(one, { recursive: true })
})

/** What a program prints that runs in an empty folder. */
async function run(program: string, ...args: string[]): Promise<string> {
  tried.add(program)
  const path = join(REPOSITORY, 'examples', program)
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args], { cwd: room })
  return stdout
}

describe('programs that bring their own data', () => {
  it('a gallery of embeddings, page by page', async () => {
    const printed = await run('gallery/embeddings.mjs')
    expect(printed).toMatch(/^\[ \{ name: 'Ada', similarity: 1 \} \]\n/)
    expect(printed).toMatch(/page: \[\s+\{\s+name: 'Ada'.*next: \[\s+\{\s+name: 'Grace'/s)
    expect(printed).toMatch(/more: \[\],.*picture: null,\s+count: \{ people: 2, faces: 2 \}/s)
  })

  it('the protocol of LFW', async () => {
    // Cosines by hand: 0.8 and 0.8 of one person, 0 and 0 of two.
    const far = "tarAtFar: { '1e-1': 1, '1e-2': 1, '1e-3': 1 }"
    expect(await run('evaluate/verification.mjs')).toBe(`{ accuracy: 1, auc: 1, ${far} }\n`)
  })

  it('attacks that pass for living people', async () => {
    expect(await run('evaluate/pad.mjs')).toBe('BPCER 1 of 2, APCER 0 of 1, APNRR 1 of 2\n')
  })

  it('error rates of groups', async () => {
    expect(await run('evaluate/groups.mjs')).toBe(
      'F: FMR 0 of 1, FNMR 0 of 2\nM: FMR 1 of 1, FNMR 1 of 2\n',
    )
  })

  it('drawn people in batches', async () => {
    const lines = (await run('data/loader.mjs', 'drawn')).trim().split('\n')
    expect(lines).toHaveLength((6 * 6) / 12)
    const people = readdirSync(join(room, 'drawn'))
    for (const line of lines) {
      const [bytes, person] = line.split(' ')
      expect(bytes).toBe(String(12 * 112 * 112 * 3))
      expect(people).toContain(person)
    }
  })

  it('what an ONNX file takes', async () => {
    writeFileSync(join(room, 'face.onnx'), tinyModel({ batch: 7 }))
    expect(await run('onnx/inspect.mjs', 'face.onnx')).toMatch(/shape: \[ 7, 3, 112, 112 \]/)
  })

  it('a graph that is built', async () => {
    await run('onnx/build.mjs', 'halves.onnx')
    const session = await InferenceSession.create(join(room, 'halves.onnx'))
    const x = Float32Array.from({ length: 2 * 512 }, (_, i) => i)
    const result = await session.run({ x: new Tensor('float32', x, [2, 512]) })
    await session.release()
    const [{ data }] = Object.values(result) as [Tensor]
    expect(data).toEqual(x.map((value) => value / 2))
  })

  it('a runtime that is passed in', async () => {
    writeFileSync(join(room, 'face.onnx'), tinyModel())
    // A grey picture is its own mirror image.
    expect(Number(await run('vision/runtime.mjs', 'face.onnx'))).toBeCloseTo(1, 6)
    expect(await run('vision/rotation.mjs')).toBe('true\n')
  })

  it('a model over a list of pairs', async () => {
    writeFileSync(join(room, 'face.onnx'), tinyModel())
    mkdirSync(join(room, 'faces'))
    for (const name of ['a', 'b', 'c', 'd']) {
      const raw = Uint8Array.from(
        { length: 112 * 112 * 3 },
        (_, i) => (i * name.charCodeAt(0)) % 251,
      )
      await sharp(raw, { raw: { width: 112, height: 112, channels: 3 } })
        .png()
        .toFile(join(room, 'faces', `${name}.png`))
      copyFileSync(join(room, 'faces', `${name}.png`), join(room, 'faces', `${name}-again.png`))
    }
    // Two folds; who is one person is the very same picture.
    const pairs = [
      'a a-again 1',
      'a b 0',
      'b b-again 1',
      'b c 0',
      'c c-again 1',
      'c d 0',
      'd d-again 1',
      'd a 0',
    ]
    const lines = pairs.map((pair) => pair.replace(/(\S+) (\S+)/, '$1.png $2.png'))
    writeFileSync(join(room, 'pairs.txt'), ['# folds 2', ...lines, ''].join('\n'))
    const printed = await run('evaluate/pairs.mjs', 'face.onnx', 'faces', 'pairs.txt')
    // Each picture is nearer to its copy than any two others are.
    expect(printed).toMatch(/tarAtFar: \{ '1e-1': 1, '1e-2': 1, '1e-3': 1 \}/)
  })

  it('a training, and its network as ONNX', async () => {
    await synthesizeFaces(join(room, 'faces'), { people: 4, imagesPerPerson: 8, seed: 1 })
    const small = ['train.epochs=1', 'train.batchSize=8', 'train.threads=1', 'verify.sets=[]']
    const where = ['data.roots=[faces]', 'output=run']
    const demo = join(REPOSITORY, 'examples/demo.yaml')
    const lines = (await run('train/train.mjs', demo, ...small, ...where)).trim().split('\n')
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['1', '2', '3', '4', 'mine.onnx'])
    for (const line of lines.slice(0, 4)) expect(Number(line.split(' ')[1])).toBeGreaterThan(0)
    const session = await InferenceSession.create(join(room, 'mine.onnx'))
    const input = new Tensor('float32', new Float32Array(3 * 112 * 112), [1, 3, 112, 112])
    const { embedding } = await session.run({ input })
    await session.release()
    expect(embedding!.dims).toEqual([1, 128])
  })

  it('gradients of libtorch', async () => {
    expect(await run('libtorch/autograd.mjs')).toBe('14 Float32Array(3) [ 2, 4, 6 ]\n')
  })

  it('an operator that gets its ONNX form', async () => {
    await run('train/converter.mjs', 'network.onnx')
    const session = await InferenceSession.create(join(room, 'network.onnx'))
    const grey = new Float32Array(3 * 112 * 112).fill(127.5) // 0 for the network, whatever its weights
    const input = new Tensor('float32', grey, [1, 3, 112, 112])
    const { embedding } = await session.run({ input })
    await session.release()
    expect([...(embedding!.data as Float32Array)]).toEqual(Array(8).fill(Math.cosh(0)))
  })
})

const shared = join(REPOSITORY, '../shared')
const photos = join(shared, 'faces/photos')
const ready = existsSync(photos) && (await installedPack(DEFAULT_PACK)) !== undefined
describe.skipIf(!ready)('programs on photographs of ../shared, with the default pack', () => {
  const people = ready ? readdirSync(photos).sort() : []
  /** The folders tell who is on a photograph. */
  const photo = (person: number, number: number) => {
    const folder = join(photos, people[person]!)
    return join(folder, readdirSync(folder).sort()[number]!)
  }
  const [ada, again, grace] = ready ? [photo(0, 0), photo(0, 1), photo(1, 0)] : []

  it('whether two photographs show one person', async () => {
    expect(await run('recognize/verify.mjs', ada!, again!)).toMatch(/^\{\s+same: true,/)
    expect(await run('recognize/probability.mjs', ada!, again!)).toMatch(/^\{\s+probability: 0\.9/)
  })

  it('whether a face looks living', async () => {
    const found = await resolveLiveness(DEFAULT_PACK, DEFAULT_PACK).catch(() => undefined)
    if (found === undefined) {
      // A pack that was installed before it had the network is said to lack it.
      await expect(run('recognize/liveness.mjs', ada!)).rejects.toThrow('without fr_liveness.onnx')
      return
    }
    const printed = await run('recognize/liveness.mjs', ada!)
    expect(printed).toMatch(/^\{\s+live: true,\s+score: (0\.[5-9]|1,)/)
    expect(printed).toContain(`threshold: ${found.part.points[0]!.threshold}`)
  })

  it('who is in a photograph, and who is a stranger', async () => {
    const known = await run('recognize/people.mjs', ada!, grace!, again!)
    expect(known).toMatch(/^\{\s+same: false,.*\} Ada\n$/s)
    expect(await run('recognize/people.mjs', ada!, grace!, grace!)).toMatch(/\} a stranger\n$/)
  })

  it('the faces of a photograph', async () => {
    const [left, right] = await Promise.all(
      [ada!, grace!].map((path) => sharp(path).resize(300, 400, { fit: 'cover' }).toBuffer()),
    )
    await sharp({ create: { width: 600, height: 400, channels: 3, background: 'grey' } })
      .composite([
        { input: left!, left: 0, top: 0 },
        { input: right!, left: 300, top: 0 },
      ])
      .png()
      .toFile(join(room, 'party.png'))
    const printed = await run('recognize/faces.mjs', 'party.png')
    expect(printed).toMatch(/^2 faces, [2-9] with/m)
    const halves = [...printed.matchAll(/\bx: ([\d.]+)/g)].map(([, x]) => Number(x) > 290)
    expect(halves.sort()).toEqual([false, true])
  })

  it('a table of the faces of a folder', async () => {
    const printed = await run('recognize/folder.mjs', join(photos, people[0]!), 'faces.jsonl')
    const rows = readFileSync(join(room, 'faces.jsonl'), 'utf8').trim().split('\n')
    expect(printed).toMatch(new RegExp(`^${rows.length} faces, .*; 0 photographs skipped`))
    expect(rows.length).toBeGreaterThanOrEqual(readdirSync(join(photos, people[0]!)).length)
    const { embedding } = JSON.parse(rows[0]!) as { embedding: number[] }
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 5)
  })

  it('the steps one by one', async () => {
    const detector = join(shared, 'models/yunet_s_640_640.onnx')
    const cosine = await run('recognize/pieces.mjs', detector, DEFAULT_PACK, ada!, again!)
    expect(Number(cosine)).toBeGreaterThan(0.2352) // the pack's threshold at FAR 1e-2
  })

  it('people of photographs', async () => {
    const printed = await run('gallery/photographs.mjs', ada!, again!)
    expect(printed).toMatch(/added: true,\s+names: \[ 'Ada' \],\s+same: true/)
    expect(printed).toMatch(/fpir: 0\.001,.*searched: \{ people: 1, faces: 1 \}/s)
  })

  it('the installation of the default models', async () => {
    const folder = (await run('recognize/pull.mjs')).trim().split(' ').at(-1)!
    expect(readdirSync(folder)).toContain('fr_feature.onnx')
  })
})

describe('examples/', () => {
  it.skipIf(!ready)('has no program that was not tried', () => {
    expect([...tried].sort()).toEqual(programs)
  })

  it.each(programs)('%s begins with what it shows and how it is called', (program) => {
    const [first] = readFileSync(join(REPOSITORY, 'examples', program), 'utf8').split('\n')
    expect(first).toMatch(new RegExp(`^// .*: node ${program.split('/').at(-1)}`))
  })
})
