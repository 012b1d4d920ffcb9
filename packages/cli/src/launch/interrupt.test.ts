import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { synthesizeFaces } from '@arcface/data'
import { beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'interrupt-'))

/** Resolves when the process has printed something that matches, and closes the pipe: training must not mind. */
async function printed(child: ChildProcess, pattern: RegExp): Promise<void> {
  let text = ''
  for await (const chunk of child.stderr!) {
    text += chunk
    if (pattern.test(text)) return
  }
  throw new Error(`ended without printing ${pattern}: ${text}`)
}

const arcface = (...args: string[]) =>
  spawn(process.execPath, [bin, ...args], { cwd: room, stdio: ['ignore', 'pipe', 'pipe'] })

/** Two steps an epoch. */
function config(name: string, epochs: number) {
  const run = join(room, name)
  const small = {
    output: run,
    data: { roots: ['faces'] }, // of the working folder in which the run began
    model: { backbone: 'r10-small', embedding: 16 },
    train: { epochs, batchSize: 8, threads: 1 },
    checkpoint: { every: 10 },
  }
  writeFileSync(`${run}.json`, JSON.stringify(small)) // JSON is YAML
  return { run, path: `${run}.json` }
}

beforeAll(() => synthesizeFaces(join(room, 'faces'), { people: 4, imagesPerPerson: 4, seed: 1 }))

describe('arcface train', () => {
  it('refuses to go on with a run that is trained, which minds nothing; one that was killed goes on', async () => {
    const { run, path } = config('locked', 10_000)
    const child = arcface('train', path)
    await printed(child, /\d\/20000/)
    const second = spawnSync(process.execPath, [bin, 'train', '--resume', run], {
      encoding: 'utf8',
    })
    expect(second.status).toBe(1)
    expect(second.stderr).toContain(
      `error FILES_LOCKED: the run ${run} is in use: process ${child.pid} `,
    )
    expect(child.exitCode).toBe(null)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const third = arcface('train', '--resume', run)
    await printed(third, /\d\/20000/)
    third.kill('SIGINT')
    expect(await once(third, 'exit')).toEqual([1, null])
    expect(existsSync(join(run, 'checkpoints/latest/state.json'))).toBe(true)
  })

  it('saves and ends at Ctrl-C, and goes on with --resume', async () => {
    const { run, path } = config('run', 100)
    const child = arcface('train', path)
    await printed(child, /\d\/200/)
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    expect(code).toBe(1)
    expect(existsSync(join(run, 'checkpoints/latest/state.json'))).toBe(true)

    const out = execFileSync(process.execPath, [bin, 'train', '--resume', run, '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    expect(JSON.parse(out)).toMatchObject({ step: 200, steps: 200, finished: true })

    // Serving takes the run by its folder: the second time it reads the ONNX file that the first has written.
    const [face] = readdirSync(join(room, 'faces'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jpg'))
      .sort()
    const embed = () => {
      const args = [bin, 'embed', join(room, 'faces', face!), '--model', run, '--json']
      return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
    }
    const first = embed()
    expect(first.embeddings[0].embedding).toHaveLength(16)
    expect(existsSync(join(run, 'checkpoints/step-200/model.onnx'))).toBe(true)
    expect(embed()).toEqual(first)
  })
})

describe('arcface ablate', () => {
  it('says at Ctrl-C that its tables are a part, and prints no empty ones', async () => {
    const { run } = config('ablation', 10_000)
    const path = join(room, 'ablation-of-losses.json')
    const entries = [{ label: 'ArcFace', loss: { name: 'arcface' } }]
    const plan = { ...JSON.parse(readFileSync(`${run}.json`, 'utf8')), ablation: { entries } }
    writeFileSync(path, JSON.stringify(plan))
    const child = arcface('ablate', path)
    let [out, err] = ['', '']
    child.stdout!.on('data', (chunk) => (out += chunk))
    child.stderr!.on('data', (chunk) => {
      const had = /\d\/20000/.test(err)
      err += chunk
      if (!had && /\d\/20000/.test(err)) child.kill('SIGINT')
    })
    expect(await once(child, 'close')).toEqual([1, null])
    expect(err).toMatch(/^interrupted: the same command goes on$/m)
    expect(out).not.toContain('|')
  })
})
