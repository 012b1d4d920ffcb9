import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { decodeModel, encodeModel } from '@arcface/onnx'
import { keepBeside, tinyModel } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { BACKENDS } from './backend.js'
import { ThreadNetwork } from './network.js'

const SIZE = 3 * 112 * 112
let folder: string
let path: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'network-'))
  path = join(folder, 'tiny.onnx')
  writeFileSync(path, tinyModel({ weight: 1, dim: 1 }))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Sums of images that hold one number each. */
const sums = async (network: ThreadNetwork, numbers: readonly number[]) => {
  const values = Float32Array.from({ length: numbers.length * SIZE }, (_, i) =>
    Math.fround(numbers[Math.floor(i / SIZE)]! / SIZE),
  )
  const dims = [numbers.length, 3, 112, 112]
  const [output] = Object.values(await network.run({ x: { data: values, dims } }))
  expect(output!.dims).toEqual([numbers.length, 1])
  return output!.data
}

describe.each(BACKENDS)('a network on the backend %s', (backend) => {
  it('runs many at once, of two networks, and gives each its own', async () => {
    const double = join(folder, 'double.onnx')
    writeFileSync(double, tinyModel({ weight: 2, dim: 1 }))
    const networks = await Promise.all(
      [path, double].map((one) => ThreadNetwork.open(one, { backend })),
    )
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, i) => sums(networks[i % 2]!, [i, i + 0.5])),
    )
    for (const [i, [first, second]] of results.entries()) {
      expect(first).toBeCloseTo(i * (1 + (i % 2)), 2)
      expect(second).toBeCloseTo((i + 0.5) * (1 + (i % 2)), 2)
    }
    await networks[0]!.close()
    expect((await sums(networks[1]!, [5]))[0]).toBeCloseTo(10, 2)
    await networks[1]!.close()
  })

  it('takes a model from memory, and says what networks take and give', async () => {
    const network = await ThreadNetwork.open(
      'named',
      { threads: 2, backend },
      tinyModel({ dim: 3 }),
    )
    expect(network).toMatchObject({ inputs: ['x'], shape: ['batch', 3, 112, 112] })
    expect(network.outputs).toHaveLength(1)
    await network.close()
  })

  it('fails with a code, and goes on', async () => {
    for (const threads of [0, 1.5])
      await expect(ThreadNetwork.open(path, { threads, backend })).rejects.toMatchObject({
        code: 'RECOGNIZE_USE',
      })
    await expect(ThreadNetwork.open(join(folder, 'none'), { backend })).rejects.toMatchObject({
      code: 'RECOGNIZE_LOAD',
    })
    const network = await ThreadNetwork.open(path, { backend })
    await expect(
      network.run({ x: { data: new Float32Array(SIZE), dims: [1, 3, 112, 111] } }),
    ).rejects.toMatchObject({
      code: 'RECOGNIZE_RUN',
      message: expect.stringContaining(path),
    })
    expect((await sums(network, [3]))[0]).toBeCloseTo(3, 2)
    const running = Promise.allSettled(Array.from({ length: 40 }, () => sums(network, [1])))
    await network.close()
    const late = await Promise.allSettled([sums(network, [1])])
    expect(late[0]?.status).toBe('rejected')
    for (const result of [...(await running), ...late])
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'RECOGNIZE_RUN' })
      else expect(result.value[0]).toBeCloseTo(1, 2)
    await network.close()
  })

  it('takes tensors in shared memory, and writes results there', async () => {
    const network = await ThreadNetwork.open(path, { backend })
    const x = new Float32Array(new SharedArrayBuffer(4 * SIZE)).fill(2 / SIZE)
    const y = new Float32Array(new SharedArrayBuffer(4))
    const [output] = network.outputs
    for (const times of [1, 3]) {
      x.fill((2 * times) / SIZE)
      const left = await network.run(
        { x: { data: x, dims: [1, 3, 112, 112] } },
        { [output!]: { data: y, dims: [1, 1] } },
      )
      expect(left).toEqual({})
      expect(y[0]).toBeCloseTo(2 * times, 3)
    }
    await network.close()
  })

  it('reads weights that lie beside the model', async () => {
    const model = decodeModel(tinyModel({ weight: 3, dim: 1 }), 'tiny')
    for (const one of model.graph!.initializer.filter(({ rawData }) => rawData.length > 1000))
      writeFileSync(join(folder, 'weights.bin'), keepBeside(one, 'weights.bin'))
    const beside = join(folder, 'beside.onnx')
    writeFileSync(beside, encodeModel(model))
    const network = await ThreadNetwork.open(beside, { backend })
    expect((await sums(network, [4]))[0]).toBeCloseTo(12, 2)
    await network.close()
    rmSync(join(folder, 'weights.bin'))
    await expect(ThreadNetwork.open(beside, { backend })).rejects.toMatchObject({
      code: 'RECOGNIZE_LOAD',
    })
  })
})

it('knows two backends, and no other', async () => {
  const use = (message: RegExp) => ({
    code: 'RECOGNIZE_USE',
    message: expect.stringMatching(message),
  })
  const gpu = { backend: 'gpu' as 'node' }
  await expect(ThreadNetwork.open(path, gpu)).rejects.toMatchObject(use(/^backend: node or wasm/))
  vi.stubEnv('ARCFACE_BACKEND', 'gpu')
  await expect(ThreadNetwork.open(path)).rejects.toMatchObject(
    use(/^ARCFACE_BACKEND: node or wasm/),
  )
  const given = await ThreadNetwork.open(path, { backend: 'wasm' })
  vi.stubEnv('ARCFACE_BACKEND', 'wasm')
  const said = await ThreadNetwork.open(path)
  vi.unstubAllEnvs()
  expect([given.backend, said.backend]).toEqual(['wasm', 'wasm'])
  await Promise.all([given.close(), said.close()])
})

it('is closed while its thread loads another', async () => {
  const first = await ThreadNetwork.open(path, { backend: 'node' })
  const opening = ThreadNetwork.open(
    'second',
    { backend: 'wasm' },
    tinyModel({ weight: 1, dim: 1 }),
  )
  await first.close()
  const second = await opening
  expect(second.inputs).toEqual(['x'])
  expect((await sums(second, [5]))[0]).toBeCloseTo(5, 2)
  await second.close()
})

it('keeps no process alive that has forgotten to close it', () => {
  const module = pathToFileURL(join(import.meta.dirname, '../../dist/network/network.js')).href
  const text = `
    import { ThreadNetwork } from ${JSON.stringify(module)}
    const network = await ThreadNetwork.open(${JSON.stringify(path)})
    const data = new Float32Array(${SIZE})
    const [{ dims }] = Object.values(await network.run({ x: { data, dims: [1, 3, 112, 112] } }))
    console.log(dims.join())`
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', text], {
    encoding: 'utf8',
  })
  expect(out.trim()).toBe('1,1')
})

it('is closed before the process ends, with other networks on other threads', () => {
  const module = pathToFileURL(join(import.meta.dirname, '../../dist/network/network.js')).href
  const text = `
    import { ThreadNetwork } from ${JSON.stringify(module)}
    const path = ${JSON.stringify(path)}
    for (let i = 0; i < 60; i++) {
      const a = await ThreadNetwork.open(path, { threads: 1 })
      const b = await ThreadNetwork.open(path, { threads: 1 })
      const dims = [1, 3, 112, 112]
      const run = (one) => one.run({ x: { data: new Float32Array(${SIZE}), dims } })
      await Promise.all([a, a, b, b].map(run))
      await Promise.all([a.close(), b.close()])
    }
    console.log('closed')`
  const options = { encoding: 'utf8' } as const
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', text],
    options,
  )
  expect([status, stdout]).toEqual([0, 'closed\n'])
})

describe('a process that ends while its networks load and run', () => {
  const module = pathToFileURL(join(import.meta.dirname, '../../dist/network/network.js')).href
  const start = (end: string) => `
    import { ThreadNetwork } from ${JSON.stringify(module)}
    const use = async () => {
      const network = await ThreadNetwork.open(${JSON.stringify(path)}, { threads: 1 })
      const dims = [256, 3, 112, 112]
      for (;;) await network.run({ x: { data: new Float32Array(256 * ${SIZE}), dims } })
    }
    for (let i = 0; i < 4; i++) use()
    setTimeout(() => { ${end} }, process.argv[1])`
  const often = [0, 10, 20, 30, 50, 70, 100, 130, 160, 200]
  const [exit, error] = ['process.exit(3)', 'throw new Error("mine")']

  it.each([
    ['process.exit', 'node', often, exit, 3],
    ['an error that nobody catches', 'node', often, error, 1],
    ['process.exit', 'wasm', [0, 200, 1000], exit, 3],
  ] as const)('by %s has the code that was asked for (%s)', (_, backend, delays, end, code) => {
    const results = delays.map((delay) => {
      const { status, signal, stderr } = spawnSync(
        process.execPath,
        ['--input-type=module', '-e', start(end), `${delay}`],
        { encoding: 'utf8', env: { ...process.env, ARCFACE_BACKEND: backend } },
      )
      return [status, signal, stderr.includes('terminate')]
    })
    expect(results).toEqual(delays.map(() => [code, null, false]))
  })
})

it('lets ONNX Runtime report nothing: no file in the home and the temporary folder', () => {
  const home = join(folder, 'home')
  mkdirSync(home)
  const room = new URL('../../dist/index.js', import.meta.url)
  const uses = [
    `const embedder = await openEmbedder('${path}'); await embedder.close()`,
    'const product = await onnxMatMul().product([new Float32Array(64)], 64); await product.release()',
  ]
  for (const use of uses) {
    const program = `import { openEmbedder, onnxMatMul } from '${room}'; ${use}`
    const env = { PATH: process.env.PATH, HOME: home, TMPDIR: home }
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { env })
    expect(readdirSync(home)).toEqual([])
  }
})
