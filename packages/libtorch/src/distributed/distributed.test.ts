import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { backends, initProcessGroup, ownGpu, readLaunch } from './index.js'

const program = fileURLToPath(
  new URL('../../dist/distributed/rank.test.support.js', import.meta.url),
)

/** A port that nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

const start = (
  rank: number,
  worldSize: number,
  port: number,
  args: string[],
  more: Record<string, string> = {},
  before: string[] = [],
) =>
  new Promise<unknown>((resolve) => {
    const env = {
      ...process.env,
      RANK: String(rank),
      WORLD_SIZE: String(worldSize),
      MASTER_ADDR: '127.0.0.1',
      MASTER_PORT: String(port),
      ...more,
    }
    const [command = '', ...rest] = [...before, process.execPath, program, ...args]
    execFile(command, rest, { env, timeout: 60_000 }, (_, stdout) =>
      resolve(stdout === '' ? null : JSON.parse(stdout)),
    )
  })

/** What two ranks print, each a process. */
async function ranks(...args: string[]): Promise<unknown[]> {
  const port = await freePort()
  return Promise.all([0, 1].map((rank) => start(rank, 2, port, args)))
}

describe.skipIf(!backends().includes('gloo'))('two processes (needs Gloo in libtorch)', () => {
  it('reduce, broadcast, gather, meet and share a store', async () => {
    const each = {
      sum: [3, -1],
      max: [2, 0],
      transposed: [2, 8, 4, 10, 6, 12],
      broadcast: [[1, 7], 1],
      rows: [0, 10, 1, 11],
      missing: false,
    }
    const expected = [
      { ...each, store: 'grüß 1' },
      { ...each, store: 'grüß 0' },
    ]
    expect(await ranks('collectives')).toEqual(expected)
    const folder = mkdtempSync(join(tmpdir(), 'store-'))
    const env = { MASTER_FILE: join(folder, 'store') }
    const inFile = [0, 1].map((rank) => start(rank, 2, 1, ['collectives'], env))
    expect(await Promise.all(inFile)).toEqual(expected)
    rmSync(folder, { recursive: true })
  })

  it('stay together where a thread of one ends that has loaded the library', async () => {
    expect(await ranks('thread')).toEqual([[3], [3]])
  })

  it('send the gradients of gathered rows back to whose they are', async () => {
    const all = [1, 2, 2, 2]
    expect(await ranks('gather')).toEqual([
      { all, grad: [9, 9] },
      { all, grad: [15, 15] },
    ])
  })

  it('average gradients, on both ranks, step after step', async () => {
    // d/dA sum (A x + b)^2 = 2 (A x + b) x^T, d/db = 2 (A x + b); mean over the ranks.
    const [a, b] = [
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      [0.5, -1],
    ]
    const expected = [0, 1, 2].map((pass) => {
      const gradA = new Float64Array(6)
      const gradB = new Float64Array(2)
      for (const rank of [0, 1])
        for (const x of [
          [1 + rank, pass, -2],
          [0.5, rank, 3],
        ])
          a.forEach((row, i) => {
            const y = row.reduce((sum, weight, k) => sum + weight * x[k]!, b[i]!)
            gradB[i] = gradB[i]! + y
            x.forEach((value, k) => {
              gradA[3 * i + k] = gradA[3 * i + k]! + y * value
            })
          })
      return [[...gradA], [...gradB]]
    })
    expect(await ranks('reducer')).toEqual([expected, expected])
  })

  it('say at once when the other was killed', async () => {
    const [survivor] = await ranks('lost', '60000')
    expect(survivor).toMatchObject({ code: 'TORCH_PEER_LOST' })
  })

  it('do not wait for ever', async () => {
    const [waiting] = await ranks('late', '1500')
    expect(waiting).toMatchObject({ code: 'TORCH_TIMEOUT' })
  })

  it('name a port that is in use', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, resolve))
    const { port } = server.address() as { port: number }
    const refused = await start(0, 2, port, ['alone'])
    server.close()
    expect(refused).toMatchObject({
      code: 'TORCH_PORT',
      message: expect.stringContaining(String(port)),
    })
  })

  it('name ranks that never come', async () => {
    const alone = await start(0, 2, await freePort(), ['alone', '1500'])
    expect(alone).toMatchObject({
      code: expect.stringMatching(/TORCH_TIMEOUT|TORCH_PEER_LOST/),
      message: expect.stringContaining('2 ranks'),
    })
  })
})

const hosts = [`arcface-${process.pid}-a`, `arcface-${process.pid}-b`] as const
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'ignore' })

/** Two network namespaces with a cable between them, where this process may make them: as good as two machines. */
function layCable(): boolean {
  try {
    for (const host of hosts) ip('netns', 'add', host)
    ip(
      'link',
      'add',
      'arcface-a',
      'netns',
      hosts[0],
      'type',
      'veth',
      'peer',
      'arcface-b',
      'netns',
      hosts[1],
    )
    for (const [i, host] of hosts.entries()) {
      ip('-n', host, 'address', 'add', `10.83.7.${i + 1}/24`, 'dev', `arcface-${'ab'[i]}`)
      ip('-n', host, 'link', 'set', `arcface-${'ab'[i]}`, 'up')
      ip('-n', host, 'link', 'set', 'lo', 'up') // rank 0 speaks to its own store
    }
    return true
  } catch {
    removeCable()
    return false
  }
}

function removeCable(): void {
  for (const host of hosts)
    try {
      ip('netns', 'delete', host)
    } catch {
      // It was never made.
    }
}

const cable = backends().includes('gloo') && layCable()
describe.skipIf(!cable)('two hosts (needs Gloo and the right to make network namespaces)', () => {
  afterAll(removeCable)

  const rank = (number: 0 | 1, args: string[]) =>
    start(number, 2, 29500, args, { MASTER_ADDR: '10.83.7.1' }, [
      ...['ip', 'netns', 'exec', hosts[number]],
    ])

  it('find each other and reduce', async () => {
    const [first, second] = await Promise.all([rank(0, ['gather']), rank(1, ['gather'])])
    expect([first, second]).toMatchObject([{ grad: [9, 9] }, { grad: [15, 15] }])
  })
})

describe('the environment', () => {
  it('of torchrun and Kubernetes', () => {
    const env = { RANK: '3', WORLD_SIZE: '4', LOCAL_RANK: '1', LOCAL_WORLD_SIZE: '2' }
    expect(readLaunch({ ...env, MASTER_ADDR: 'pod-0', MASTER_PORT: '23456' })).toEqual({
      rank: 3,
      worldSize: 4,
      localRank: 1,
      localWorldSize: 2,
      masterAddr: 'pod-0',
      masterPort: 23456,
    })
  })

  it('gives each process the GPU of its place', () => {
    const gpu = (localRank: number, localWorldSize: number, visible?: string) =>
      ownGpu(
        { CUDA_VISIBLE_DEVICES: visible },
        { ...{ rank: 5, worldSize: 8, masterAddr: 'a', masterPort: 1 }, localRank, localWorldSize },
      )
    expect(gpu(1, 4)).toBe('1')
    expect(gpu(1, 4, '4,6,7,2')).toBe('6')
    expect(gpu(1, 4, '6')).toBeNull()
    expect(gpu(0, 1, '4,6')).toBeNull()
    expect(() => gpu(2, 4, '4,6')).toThrow(/LOCAL_RANK is 2.*names 2 GPUs/)
  })

  it.each([
    ['node[07-09,12],other3', 'node07'],
    ['gpu3,gpu4', 'gpu3'],
    ['rack1-[12,14]', 'rack1-12'],
    ['single', 'single'],
  ])('of Slurm, with hosts %s', (nodes, first) => {
    const env = { SLURM_PROCID: '1', SLURM_NTASKS: '2', SLURM_LOCALID: '0' }
    expect(readLaunch({ ...env, SLURM_NODELIST: nodes, SLURM_JOB_ID: '80123' })).toMatchObject({
      rank: 1,
      worldSize: 2,
      masterAddr: first,
      masterPort: 15123,
    })
  })

  it('of one process', () => {
    expect(readLaunch({})).toBeNull()
    expect(readLaunch({ WORLD_SIZE: '1', RANK: '0' })).toBeNull()
  })

  it.each([
    ['RANK is missing', { WORLD_SIZE: '2', MASTER_ADDR: 'a' }],
    ['MASTER_ADDR is missing', { WORLD_SIZE: '2', RANK: '0' }],
    ['RANK is one', { WORLD_SIZE: '2', RANK: 'one', MASTER_ADDR: 'a' }],
    ['RANK 2 of WORLD_SIZE 2', { WORLD_SIZE: '2', RANK: '2', MASTER_ADDR: 'a' }],
  ])('says that %s', (words, env) => {
    expect(() => readLaunch(env)).toThrow(
      expect.objectContaining({ code: 'TORCH_LAUNCH', message: expect.stringContaining(words) }),
    )
  })

  it('must name a backend that this build has', () => {
    const nobody = { rank: 0, worldSize: 2, masterAddr: '127.0.0.1', masterPort: 1 }
    expect(() => initProcessGroup({ ...nobody, backend: 'mpi' as 'gloo' })).toThrow(
      expect.objectContaining({ code: 'TORCH_GROUP' }),
    )
  })
})
