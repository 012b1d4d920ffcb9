import { type ChildProcess, spawn } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { synthesizeFaces } from '@arcface/data'
import { backends } from '@arcface/libtorch'
import { beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'ranks-'))
const faces = join(room, 'faces')

/** Writes a configuration of 12 steps of 8 images on two ranks, of 4 each; returns its path. */
function config(name: string, train: object = {}): string {
  const path = join(room, `${name}.json`) // JSON is YAML
  const small = {
    output: join(room, name),
    data: { roots: [faces] },
    model: { backbone: 'r10-small', embedding: 16, dropout: 0.2 },
    loss: { scale: 16 },
    train: { epochs: 2, batchSize: 4, threads: 1, ...train },
    checkpoint: { every: 5 },
  }
  writeFileSync(path, JSON.stringify(small))
  return path
}

interface Ended {
  code: number | null
  out: string
  err: string
}

function arcface(
  args: string[],
  env: Record<string, string> = {},
  onError?: (text: string) => void,
) {
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...env } })
  const result: Ended = { code: null, out: '', err: '' }
  child.stdout.on('data', (text) => {
    result.out += text
  })
  child.stderr.on('data', (text) => {
    result.err += text
    onError?.(result.err)
  })
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code) => resolve({ ...result, code })),
  )
  return { child, ended }
}

const train = (...args: string[]) => arcface(['train', ...args]).ended
const saved = (name: string) => readdirSync(join(room, name, 'checkpoints/latest'))
const weights = (name: string) =>
  readFileSync(join(room, name, 'checkpoints/latest/backbone.safetensors'))

/** Processes that a process has started. */
const childrenOf = ({ pid }: ChildProcess): number[] =>
  textOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)

/** Of a process that may have ended. */
const orElse = <T>(read: () => T, otherwise: T): T => {
  try {
    return read()
  } catch {
    return otherwise
  }
}
const namesIn = (folder: string) => orElse(() => readdirSync(folder), [])
const textOf = (path: string) => orElse(() => readFileSync(path, 'utf8'), '')

/** Addresses at which a process listens, as the kernel writes them: IPv4 as a little-endian number, IPv6 as four. */
function listening(pid: number): string[] {
  const sockets = new Set(
    namesIn(`/proc/${pid}/fd`).flatMap((fd) => {
      const target = orElse(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '')
      return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []
    }),
  )
  return ['tcp', 'tcp6'].flatMap((table) =>
    textOf(`/proc/${pid}/net/${table}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode!))
      .map(([, local]) => local!.split(':')[0]!),
  )
}

beforeAll(() => synthesizeFaces(faces, { people: 8, imagesPerPerson: 6, seed: 1 }))

describe.skipIf(!backends().includes('gloo'))('arcface train --nproc (needs Gloo)', () => {
  it('trains on two ranks, and goes on on one and on two, to the bits of the unbroken run', async () => {
    const whole = await train(config('whole'), '--nproc', '2', '--json')
    expect(JSON.parse(whole.out)).toMatchObject({ step: 12, steps: 12, finished: true })
    expect(saved('whole')).toEqual(
      expect.arrayContaining(['head-0-of-2.safetensors', 'head-1-of-2.safetensors']),
    )
    const stop = async (name: string, ...more: string[]) => {
      let asked = false
      const { child, ended } = arcface(['train', ...more], {}, (text) => {
        if (asked || !/\d\/\d/.test(text)) return
        asked = true
        child.kill('SIGINT')
      })
      const { code, out, err } = await ended
      expect(code).toBe(1)
      expect(err).not.toContain('error')
      const again = more.includes('--nproc') ? /resume \S+ --nproc 2\n/ : /resume \S+\n/
      expect(out).toMatch(/^stopped at step \d+ of 12; go on with: arcface train --resume /)
      expect(out).toMatch(again)
      expect(existsSync(join(room, name, 'checkpoints/latest/state.json')), err).toBe(true)
    }
    await stop('broken', config('broken'), '--nproc', '2')
    await train('--resume', join(room, 'broken'), '--nproc', '2')
    expect(weights('broken').equals(weights('whole'))).toBe(true)

    await stop('down', config('down'), '--nproc', '2')
    const alone = await train('--resume', join(room, 'down'), '--json')
    expect(JSON.parse(alone.out), alone.err).toMatchObject({ step: 12, finished: true })
    expect(saved('down')).toContain('head-0-of-1.safetensors')

    await stop('up', config('up', { batchSize: 8 }))
    const both = await train('--resume', join(room, 'up'), '--nproc', '2', '--json')
    expect(JSON.parse(both.out), both.err).toMatchObject({ step: 12, finished: true })
    expect(saved('up')).toContain('head-1-of-2.safetensors')
  })

  it('listens at 127.0.0.1 at most; ends when a rank is killed, and says so', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    expect(listening(process.pid)).toContain('0100007F')
    server.close()
    let killed = false
    const { child, ended } = arcface(
      ['train', config('killed', { epochs: 500 }), '--nproc', '2'],
      {},
      (text) => {
        if (killed || !/\d\/3000/.test(text)) return
        killed = true
        look()
        process.kill(childrenOf(child)[1]!, 'SIGKILL')
      },
    )
    const addresses = new Set<string>()
    const look = () => {
      for (const pid of childrenOf(child)) for (const one of listening(pid)) addresses.add(one)
    }
    const looking = setInterval(look, 10)
    child.once('exit', () => clearInterval(looking))
    const { code, err } = await ended
    expect([...addresses].filter((one) => one !== '0100007F')).toEqual([])
    expect(code).toBe(1)
    expect(err).toMatch(/error TRAIN_RANK_LOST: rank 0 stops: rank 1 was killed/)
    expect(err).toMatch(/error TRAIN_RANK_LOST: rank 1 of 2 was ended by SIGKILL/)
  })

  it('names a port that is in use', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, resolve))
    const { port } = server.address() as { port: number }
    const env = { RANK: '0', WORLD_SIZE: '2', MASTER_ADDR: '127.0.0.1', MASTER_PORT: String(port) }
    const { code, err } = await arcface(['train', config('port')], env).ended
    server.close()
    expect(code).toBe(1)
    expect(err).toContain('error TORCH_PORT')
  })

  it('names a configuration that differs, before anything is written', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    const env = { WORLD_SIZE: '2', MASTER_ADDR: '127.0.0.1', MASTER_PORT: String(port) }
    const path = config('different')
    const both = await Promise.all([
      arcface(['train', path], { ...env, RANK: '0' }).ended,
      arcface(['train', path, '--set', 'optimizer.lr=0.3'], { ...env, RANK: '1' }).ended,
    ])
    for (const { code, err } of both) {
      expect(code).toBe(1)
      expect(err).toMatch(/error TRAIN_RANKS: config.optimizer.lr is 0.1 for rank 0 and 0.3/)
    }
    expect(existsSync(join(room, 'different'))).toBe(false)
  })
})
