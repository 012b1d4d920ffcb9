import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { synthesizeFaces } from '@arcface/data'
import { backends } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import type { ConfigInput } from '../config/schema.js'
import { type Curves, centresOf, curvesOf, teachOn, wholeHead } from './rank.test.support.js'
import { Team } from './team.js'

const program = fileURLToPath(
  new URL('../../dist/distributed/rank.test.support.js', import.meta.url),
)

async function freePort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return String(port)
}

/** What two ranks print, each a process with its own argument. */
async function ranks<T>(scenario: string, ...own: unknown[]): Promise<T[]> {
  const port = await freePort()
  return Promise.all(
    [0, 1].map(
      (rank) =>
        new Promise<T>((resolve) => {
          const env = {
            ...process.env,
            RANK: String(rank),
            WORLD_SIZE: '2',
            MASTER_ADDR: '127.0.0.1',
            MASTER_PORT: port,
          }
          const args = [program, scenario, JSON.stringify(own[rank] ?? own[0])]
          execFile(process.execPath, args, { env, timeout: 60_000 }, (_, stdout, stderr) =>
            resolve(stdout === '' ? (stderr as T) : (JSON.parse(stdout) as T)),
          )
        }),
    ),
  )
}

type Head = ReturnType<typeof wholeHead>

const near = (a: readonly number[], b: readonly number[]) => {
  expect(a).toHaveLength(b.length)
  const off = a.map((value, i) => Math.abs(value - b[i]!))
  expect(Math.max(...off)).toBeLessThan(1e-5)
}

describe.skipIf(!backends().includes('gloo'))('two ranks (needs Gloo in libtorch)', () => {
  it.each([
    { name: 'arcface', scale: 16 },
    { name: 'cosface', scale: 16, interclassFilter: 0.2 },
    { name: 'sphereface', scale: 16 },
    { name: 'subcenter-arcface', scale: 16, subcenters: 3 },
  ])('have a head that equals the unsharded one: $name', async (options) => {
    const whole = wholeHead(options)
    const [first, second] = (await ranks<Head>('shardedHead', options)) as [Head, Head]
    near([first.loss, second.loss], [whole.loss, whole.loss])
    expect([...first.centres, ...second.centres]).toEqual(whole.centres)
    near([...first.centreGrad, ...second.centreGrad], whole.centreGrad)
    // Twice: the Reducer averages over two ranks what is to be summed.
    const halved = [...first.embeddingGrad, ...second.embeddingGrad].map((value) => value / 2)
    near(halved, whole.embeddingGrad)
  })

  /** Compares the curves of two runs: absolute, relative where they are greater than 1. */
  const alike = (one: Curves, other: Curves, names: (keyof Curves)[]) => {
    for (const name of names)
      one[name].forEach((value, i) => {
        const off = Math.abs(value! - other[name][i]!)
        expect(off / Math.max(1, Math.abs(value!)), `${name} ${i}`).toBeLessThan(1e-3)
      })
  }

  it.each([
    ['centres dealt out', { name: 'arcface', scale: 16 }],
    ['sub-centers dealt out', { name: 'subcenter-arcface', scale: 16, subcenters: 2 }],
    ['centres on every rank', { name: 'softmax' }],
  ])('take the steps of one with the doubled batch, %s', async (_, loss) => {
    const [first, second] = (await ranks<Curves>('curveOfRanks', loss)) as [Curves, Curves]
    expect(first).toEqual(second)
    const whole = curvesOf(Team.alone(), loss, 5)
    alike(whole, first, ['losses', 'angles', 'headNorms'])
    expect(Math.max(...whole.losses) - Math.min(...whole.losses)).toBeGreaterThan(1e-3)
  })

  it('take them with centres dealt out and gone through in blocks', async () => {
    const loss = { name: 'arcface', scale: 16 }
    const own = { ...loss, blocked: true }
    const [first, second] = (await ranks<Curves>('curveOfRanks', own)) as [Curves, Curves]
    expect(first).toEqual(second)
    for (const blocked of [false, true])
      alike(curvesOf(Team.alone(), loss, 5, { blocked }), first, ['losses', 'angles'])
    expect(first.headNorms).toEqual([null, null, null, null, null])
  })

  it.each<[string, Partial<ConfigInput>]>([
    ['dealt out', { loss: { scale: 16 } }],
    ['dealt out, in blocks', { loss: { scale: 16 }, head: { blocked: true } }],
    ['on every rank', { loss: { name: 'softmax' } }],
  ])('put centres at the means where one process puts them: %s', async (where, more) => {
    const faces = mkdtempSync(join(tmpdir(), 'ranks-'))
    await synthesizeFaces(faces, { people: 5, imagesPerPerson: 3, seed: 4 })
    const [first, second] = (await ranks<number[]>('centresOfRanks', { faces, more })) as [
      number[],
      number[],
    ]
    const whole = await centresOf(Team.alone(), faces, more)
    if (where === 'on every rank') expect(second).toEqual(first)
    near(where === 'on every rank' ? first : [...first, ...second], whole)
  })

  it.each([
    ['centres dealt out', { name: 'arcface', scale: 16 }, false],
    ['in blocks', { name: 'arcface', scale: 16 }, true],
    ['centres on every rank', { name: 'softmax' }, false],
    ['no head', { name: 'none' }, false],
  ])('take them with a teacher, and images of nobody: %s', async (_, loss, blocked) => {
    const own = { ...loss, taught: true, blocked }
    const [first, second] = (await ranks<Curves>('curveOfRanks', own)) as [Curves, Curves]
    expect(first).toEqual(second)
    const whole = curvesOf(Team.alone(), loss, 5, { taught: true, blocked })
    const centres = loss.name === 'none' ? [] : (['angles'] as const)
    alike(whole, first, ['losses', 'distilled', ...centres])
    expect(first.distilled).toHaveLength(15)
    expect(whole.distilled[11]).toBe(0) // nobody is there
  })

  it('compute what a teacher gives as one process does, each its share', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ranks-'))
    const [faces, path, alone] = ['faces', 'shared', 'alone'].map((one) => join(folder, one))
    await synthesizeFaces(faces!, { people: 7, imagesPerPerson: 10, seed: 4 })
    expect(await ranks('teachOfRanks', { faces, path })).toEqual(['taught', 'taught'])
    await teachOn(Team.alone(), faces!, alone!)
    expect(readFileSync(path!).equals(readFileSync(alone!))).toBe(true)
  })

  it('name the first value in which their settings differ, both of them', async () => {
    const own = { config: { train: { batchSize: 8, epochs: 2 } }, step: 0 }
    const other = { config: { train: { batchSize: 16, epochs: 2 } }, step: 0 }
    expect(await ranks('settings', own, own)).toEqual(['agreed', 'agreed'])
    const refused = {
      code: 'TRAIN_RANKS',
      message: expect.stringContaining('config.train.batchSize is 8 for rank 0 and 16 for rank 1'),
    }
    expect(await ranks('settings', own, other)).toEqual([refused, refused])
  })

  it('tell of the error that ended another', async () => {
    const [told, failed] = await ranks('failing', 'by itself')
    expect(failed).toMatchObject({ code: 'TRAIN_DISK_FULL' })
    expect(told).toMatchObject({
      code: 'TRAIN_RANK_LOST',
      message: expect.stringContaining('rank 1 failed with TRAIN_DISK_FULL: the disk is full'),
    })
  })

  it('tell which one was killed', async () => {
    const [told] = await ranks('failing', 'killed')
    expect(told).toMatchObject({
      code: 'TRAIN_RANK_LOST',
      message: expect.stringContaining('rank 1 was killed'),
    })
  })
})
